package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	demoserver "github.com/floodmark/floodmark/demo-server"
)

// serveArgument makes this program the demo server of a trial. What follows it is
// the number of slots.
const serveArgument = "serve-a-trial"

// serviceHeader tells the demo server how much work a request is. The name is the
// shop's, from whose package the trial needs nothing else.
const serviceHeader = "X-Service-Time"

// patience bounds how long a server may take to start or to end.
const patience = 10 * time.Second

// serve is the child's side: it starts the server, writes its addresses as a line
// of JSON to stdout, and ends when stdin does, so that it cannot outlive its parent.
func serve(args []string, p process) error {
	if len(args) != 1 {
		return errors.New("the number of slots is missing")
	}
	slots, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	s, err := demoserver.Start(demoserver.Config{
		Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		Slots: slots, Queue: places, AcceptServiceTime: true,
	})
	if err != nil {
		return err
	}
	err = json.NewEncoder(p.out).Encode(addresses{s.Addr(), s.AdminAddr()})
	_, readError := io.Copy(io.Discard, p.in)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return errors.Join(err, readError, s.Shutdown(ctx))
}

// addresses are where a server listens.
type addresses struct{ Addr, AdminAddr string }

// A server is the parent's side of a demo server in a process of its own.
type server struct {
	addresses
	command *exec.Cmd
	stdin   io.Closer
}

// startServer starts the child and returns when it listens. It must be stopped.
func startServer(ctx context.Context, slots int) (*server, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, serveArgument, strconv.Itoa(slots)) //nolint:gosec // it is this program
	command.Stderr = os.Stderr
	command.WaitDelay = patience
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &server{command: command, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.addresses)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server did not start: %w", err), s.stop())
	}
	return s, nil
}

// stop ends the child and waits for it, not longer than patience.
func (s *server) stop() error {
	timer := time.AfterFunc(patience, func() { _ = s.command.Process.Kill() })
	defer timer.Stop()
	return errors.Join(s.stdin.Close(), s.command.Wait())
}

// modelLag asks the server how late its answers were against the model: the 99th
// percentile since its start.
func (s *server) modelLag(ctx context.Context) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.AdminAddr+"/stats", nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	var stats struct {
		Machine struct {
			ModelLag struct {
				P99 float64 `json:"p99_seconds"`
			} `json:"model_lag"`
		} `json:"machine"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return 0, fmt.Errorf("statistics of the server: %w", err)
	}
	return seconds(stats.Machine.ModelLag.P99), nil
}
