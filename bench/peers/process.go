package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// core is where peers run, and nginx does not.
const core = "1"

// used is what the system counted while a peer ran.
type used struct {
	user, system time.Duration
	memory       float64 // the most, in MiB
	server       float64 // nginx's share of its core
}

// A program is a process of a peer that runs, with the most memory that was seen of it.
type program struct {
	*exec.Cmd
	errs bytes.Buffer
	seen func() float64
}

// start begins a program.
func start(cmd *exec.Cmd) (*program, error) {
	p := &program{Cmd: cmd}
	cmd.Stderr = &p.errs
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.seen = watchMemory(cmd.Process.Pid)
	return p, nil
}

// finish waits for its end and adds what it used: programs that are added lived at the
// same time.
func (p *program) finish(u *used) error {
	err := p.Wait()
	u.user += p.ProcessState.UserTime()
	u.system += p.ProcessState.SystemTime()
	u.memory += peakMemory(p.ProcessState, p.seen())
	if err != nil {
		lines := strings.Split(strings.TrimSpace(p.errs.String()), "\n")
		return fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	return nil
}

// run runs the peer's program on its core, and the same program again with its report
// if it has one, fed by a pipe. An attack alone writes to a file that is read
// afterwards, uncounted.
func (p *peer) run(ctx context.Context, s *site, args []string) ([]byte, used, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var u used
	first, busy := p.pinned(ctx, args), s.watch()
	if p.report == nil {
		var out bytes.Buffer
		first.Stdout = &out
		err := p.alone(first, &u)
		u.server = busy()
		return out.Bytes(), u, err
	}
	if !p.apart {
		out, err := p.piped(ctx, first, &u)
		u.server = busy()
		return out, u, err
	}
	file, err := os.CreateTemp("", "floodmark-peers")
	if err != nil {
		return nil, u, err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // a temporary file
	first.Stdout = file
	err = errors.Join(p.alone(first, &u), file.Close())
	u.server = busy()
	if err != nil {
		return nil, u, err
	}
	out, err := p.pinned(ctx, append(p.report(), file.Name())).Output()
	return out, u, err
}

// pinned returns the command on its core.
func (p *peer) pinned(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", core, p.program}, args...)...)
	cmd.Env = append(os.Environ(), p.env...)
	return cmd
}

// alone runs a command. An exit code that is a verdict is no failure.
func (p *peer) alone(cmd *exec.Cmd, u *used) error {
	running, err := start(cmd)
	if err != nil {
		return err
	}
	err = running.finish(u)
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(p.verdicts, exit.ExitCode()) {
		return nil
	}
	return err
}

// piped runs a command and the report that reads what it writes.
func (p *peer) piped(ctx context.Context, cmd *exec.Cmd, u *used) ([]byte, error) {
	in, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()  //nolint:errcheck // the processes have their own
	defer out.Close() //nolint:errcheck // likewise
	var text bytes.Buffer
	report := p.pinned(ctx, p.report())
	cmd.Stdout, report.Stdin, report.Stdout = out, in, &text
	reading, err := start(report)
	if err != nil {
		return nil, err
	}
	writing, err := start(cmd)
	_ = errors.Join(in.Close(), out.Close()) // so that each of the two sees the other's end
	if err != nil {
		return nil, errors.Join(err, reading.finish(u))
	}
	err = errors.Join(writing.finish(u), reading.finish(u))
	return text.Bytes(), err
}
