package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/journey"
)

// How long a process of the bench may take.
const (
	readyLimit = 15 * time.Second // for a backend to be ready
	endLimit   = 5 * time.Second  // for a process to end when it is told to
	askLimit   = 10 * time.Second // for the admin API to answer
)

// A processBench starts backends and loads as processes of this program, so that a
// generator shares its runtime with no replica.
type processBench struct {
	program string
	dir     string // for topologies, profiles and saved runs; its own
}

// newProcessBench returns a bench, which is ended by close.
func newProcessBench() (*processBench, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "floodmark-journey-")
	if err != nil {
		return nil, err
	}
	return &processBench{program: program, dir: dir}, nil
}

// close removes what it has written.
func (b *processBench) close(w io.Writer) {
	if err := os.RemoveAll(b.dir); err != nil {
		_, _ = fmt.Fprintf(w, "WARNING: %v\n", err)
	}
}

// file writes a text to a file of its own and returns its path.
func (b *processBench) file(pattern, text string) (string, error) {
	file, err := os.CreateTemp(b.dir, pattern)
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(text)
	return file.Name(), errors.Join(err, file.Close())
}

// command prepares a process that is told to end when the context does, or this process:
// by the end of its stdin.
func (b *processBench) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, b.program, append([]string{"demo", "journey", "child"}, args...)...) //nolint:gosec // it is this very program
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	cmd.Cancel = in.Close
	cmd.WaitDelay = endLimit
	return cmd, nil
}

// Serve starts a backend.
func (b *processBench) Serve(ctx context.Context, t journey.Topology) (journey.Backend, error) {
	path, err := b.file("topology-*.yaml", t.YAML)
	if err != nil {
		return nil, err
	}
	args := []string{"demo", "serve", "--topology", path, "--addr", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--ready-json"}
	for _, set := range t.Set {
		args = append(args, "--set", set)
	}
	living, cancel := context.WithCancel(context.WithoutCancel(ctx))
	backend := &processBackend{cancel: cancel, ended: make(chan struct{})}
	if backend.cmd, err = b.command(living, args...); err != nil {
		cancel()
		return nil, err
	}
	out, err := backend.cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	backend.cmd.Stderr = &backend.says
	if err := backend.cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	if err := backend.greet(ctx, out); err != nil {
		stopping, done := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
		defer done()
		return nil, errors.Join(err, backend.Stop(stopping))
	}
	return backend, nil
}

// Run loads a backend.
func (b *processBench) Run(ctx context.Context, profile string, vars map[string]string) (journey.Result, error) {
	path, err := b.file("profile-*.yaml", profile)
	if err != nil {
		return journey.Result{}, err
	}
	saved, err := os.MkdirTemp(b.dir, "runs-")
	if err != nil {
		return journey.Result{}, err
	}
	args := []string{"run", path, "--json", "--ui", "none", "--runs", saved, "--no-control", "--no-preflight"}
	for name, value := range vars {
		args = append(args, "-e", name+"="+value)
	}
	cmd, err := b.command(ctx, args...)
	if err != nil {
		return journey.Result{}, err
	}
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	failed := cmd.Run()
	if ctx.Err() != nil {
		return journey.Result{}, ctx.Err()
	}
	if failed != nil && out.Len() == 0 { // with a result, it is a verdict
		return journey.Result{}, fmt.Errorf("%w: %s", failed, strings.TrimSpace(says.String()))
	}
	events, err := filepath.Glob(filepath.Join(saved, "*", "events.ndjson"))
	if err != nil || len(events) != 1 {
		return journey.Result{}, fmt.Errorf("%d runs are saved, want 1", len(events))
	}
	seconds, err := os.Open(events[0])
	if err != nil {
		return journey.Result{}, err
	}
	defer seconds.Close() //nolint:errcheck // only read
	return journey.ReadResult(&out, seconds)
}

// A processBackend is a backend in a process of its own.
type processBackend struct {
	cmd         *exec.Cmd
	cancel      context.CancelFunc
	ended       chan struct{} // closed when the process has, after greet
	failed      error         // how it ended; read after ended
	says        limitedBuffer // on stderr
	door, admin string
	client      http.Client
}

// greet waits until the backend says where it is.
func (b *processBackend) greet(ctx context.Context, out io.Reader) error {
	line := make(chan string, 1)
	go func() {
		reader := bufio.NewReader(out)
		text, _ := reader.ReadString('\n') // an empty line is what an error is, too
		line <- text
		_, _ = io.Copy(io.Discard, reader)
		b.failed = b.cmd.Wait()
		close(b.ended)
	}()
	b.client.Transport = &http.Transport{MaxIdleConnsPerHost: 2}
	timer := time.NewTimer(readyLimit)
	defer timer.Stop()
	select {
	case text := <-line:
		var ready struct{ Door, Admin string }
		if err := json.Unmarshal([]byte(text), &ready); err != nil || ready.Door == "" || ready.Admin == "" {
			<-b.ended
			return fmt.Errorf("it does not start: %s", strings.TrimSpace(b.says.String()))
		}
		b.door, b.admin = ready.Door, ready.Admin
		return nil
	case <-timer.C:
		return fmt.Errorf("it is not ready after %s", readyLimit)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Door returns the URL of what clients reach.
func (b *processBackend) Door() string { return b.door }

// Admin returns the URL of the admin API.
func (b *processBackend) Admin() string { return b.admin }

// Stats asks the backend how it is.
func (b *processBackend) Stats(ctx context.Context) (journey.Stats, error) {
	var stats journey.Stats
	return stats, b.ask(ctx, http.MethodGet, "/stats", nil, &stats)
}

// Fault switches a fault on.
func (b *processBackend) Fault(ctx context.Context, words string) error {
	return b.ask(ctx, http.MethodPost, "/faults", map[string]any{"fault": words}, nil)
}

// Scale changes how many replicas a part has.
func (b *processBackend) Scale(ctx context.Context, part string, replicas int) error {
	return b.ask(ctx, http.MethodPost, "/scale", map[string]any{"part": part, "replicas": replicas}, nil)
}

// Stop ends the process and waits for that.
func (b *processBackend) Stop(ctx context.Context) error {
	b.cancel() // it is told to end, and killed if it does not
	b.client.CloseIdleConnections()
	select {
	case <-b.ended:
		return nil
	case <-ctx.Done():
		return errors.Join(ctx.Err(), b.cmd.Process.Kill())
	}
}

// ask makes one request of the admin API.
func (b *processBackend) ask(parent context.Context, method, path string, body, result any) error {
	ctx, cancel := context.WithTimeout(parent, askLimit)
	defer cancel()
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, b.admin+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := b.client.Do(request)
	if err != nil {
		select {
		case <-b.ended:
			return fmt.Errorf("the backend has ended (%w): %s", errOrNone(b.failed), strings.TrimSpace(b.says.String()))
		default:
			return err
		}
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	if answer.StatusCode >= http.StatusBadRequest {
		why, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10)) // says more than that it cannot be read
		return fmt.Errorf("%s %s answers %d: %s", method, path, answer.StatusCode, strings.TrimSpace(string(why)))
	}
	if result == nil {
		_, err := io.Copy(io.Discard, answer.Body)
		return err
	}
	return json.NewDecoder(answer.Body).Decode(result)
}

// errOrNone gives an end without an error a name.
func errOrNone(err error) error {
	if err == nil {
		return errors.New("by itself")
	}
	return err
}

// A limitedBuffer keeps the first part of what is written.
type limitedBuffer struct{ bytes.Buffer }

// maxSays is how much of stderr is kept.
const maxSays = 4 << 10

// Write keeps what there is room for.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	_, err := b.Buffer.Write(p[:min(len(p), max(maxSays-b.Len(), 0))])
	return len(p), err
}
