package supervise

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

const (
	// readyIn is how long a child may take to be ready, unless its Command says.
	readyIn = 10 * time.Second
	// drainIn is how long what a dead child wrote is waited for: a child of its own may
	// hold its pipes open for ever.
	drainIn = time.Second
)

// A Command says how to start a host in a process of its own.
type Command struct {
	Path string   // the program, normally os.Executable's
	Args []string // without its name
	Env  []string // added to this process's; a child has GOMAXPROCS=1 unless it says otherwise

	// Spec returns what the child is to be: JSON, which it reads from its standard input.
	// addrs are those of the life before. Nil: null.
	Spec func(addrs map[string]string) ([]byte, error)

	// Stderr gets what the child writes, but for the one line that says it is ready. Where
	// children share it, it must bear several writes at once. Nil: nobody gets it.
	Stderr io.Writer

	Ready time.Duration // how long it may take to be ready; 0: 10 s
}

// ready is the one line of JSON with which a child says that it is up.
type ready struct {
	Addrs map[string]string `json:"addrs"`
	Admin string            `json:"admin"`
}

// Process returns a Start that starts a child process; its side of the talk is Serve's.
//
// The child gets one line on its standard input, which stays open: when it closes, the
// parent is no more. On Linux the child is killed then, besides. It is in a process
// group of its own, so that Ctrl-C in a terminal is the parent's matter.
func Process(c Command) Start {
	return func(ctx context.Context, addrs map[string]string) (Instance, error) {
		spec, err := c.spec(addrs)
		if err != nil {
			return nil, err
		}
		p, err := c.launch(ctx, spec)
		if err != nil {
			return nil, err
		}
		if err := p.await(ctx, c.Ready); err != nil {
			p.Kill()
			<-p.done
			return nil, err
		}
		return p, nil
	}
}

// spec returns the line that tells the child what to be.
func (c Command) spec(addrs map[string]string) ([]byte, error) {
	spec := []byte("null")
	if c.Spec != nil {
		var err error
		if spec, err = c.Spec(addrs); err != nil {
			return nil, err
		}
	}
	var line bytes.Buffer
	if err := json.Compact(&line, spec); err != nil {
		return nil, fmt.Errorf("spec of a process: %w", err)
	}
	line.WriteByte('\n')
	return line.Bytes(), nil
}

// launch starts the child and gives it its spec.
func (c Command) launch(ctx context.Context, spec []byte) (*process, error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), c.Path, c.Args...) // it outlives its start
	cmd.Env = append(append(os.Environ(), "GOMAXPROCS=1"), c.Env...)
	cmd.WaitDelay = drainIn
	detach(cmd)
	p := &process{cmd: cmd, said: &output{to: c.Stderr}, line: make(chan []byte, 1), done: make(chan struct{})}
	cmd.Stdout = &firstLine{line: p.line, rest: p.said}
	cmd.Stderr = p.said
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	started := make(chan error)
	go p.run(started, spec)
	return p, <-started
}

// await waits until the child says that it is ready.
func (p *process) await(ctx context.Context, within time.Duration) error {
	if within <= 0 {
		within = readyIn
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case line := <-p.line:
		return p.understand(line)
	case <-p.done:
	case <-timer.C:
		return p.said.explain(fmt.Errorf("it was not ready within %v", within))
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case line := <-p.line: // before it ended, which its host will find out
		return p.understand(line)
	default:
	}
	return p.said.explain(fmt.Errorf("it ended before it was ready: %w", p.err))
}

func (p *process) understand(line []byte) error {
	if err := json.Unmarshal(line, &p.ready); err != nil {
		return fmt.Errorf("it began with %q on its standard output, and not with its addresses as JSON", shorten(line))
	}
	return nil
}

func shorten(line []byte) []byte {
	const most = 80
	return line[:min(len(line), most)]
}

// errExit is the reason of a process that ended without a complaint.
var errExit = errors.New("exit status 0")
