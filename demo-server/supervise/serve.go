package supervise

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// lastOrders is how long a child may take to end what is under way. Its parent, while
	// there is one, decides about less.
	lastOrders = 30 * time.Second
	// maxSpec bounds the line that says what a child is to be, in bytes.
	maxSpec = 16 << 20
)

// Serve is the child's side of Process: it reads from stdin what it is to be, starts
// that, writes to stdout where it is, and stops it when one of the signals arrives or
// stdin ends; without signals it is SIGTERM. Nothing else may write to stdout before.
//
// What is under way then ends first, for half a minute at the most. SIGINT is ignored: a
// Ctrl-C is the parent's. Serve is for a process that ends after it: the goroutine that
// reads stdin is not waited for.
func Serve(stdin io.Reader, stdout io.Writer, start func(spec []byte) (Instance, error), signals ...os.Signal) error {
	if len(signals) == 0 {
		signals = []os.Signal{syscall.SIGTERM}
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, signals...)
	defer signal.Stop(asked)
	signal.Ignore(os.Interrupt)
	defer signal.Reset(os.Interrupt)

	spec, err := readSpec(stdin)
	if err != nil {
		return err
	}
	instance, err := start(spec)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(ready{Addrs: instance.Addrs(), Admin: instance.Admin()}); err != nil {
		instance.Kill()
		return fmt.Errorf("nobody hears that it is ready: %w", err)
	}
	return serve(instance, asked, orphaned(stdin))
}

// readSpec reads the line that says what to be.
func readSpec(in io.Reader) ([]byte, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxSpec)).ReadBytes('\n')
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("standard input: it ended before a whole line of JSON that says what to be; floodmark starts this command itself")
	case err != nil:
		return nil, fmt.Errorf("standard input: %w", err)
	case !json.Valid(line):
		return nil, errors.New("standard input: its first line is not JSON; floodmark starts this command itself")
	}
	return line, nil
}

// orphaned returns a channel that is closed when nobody holds the other end any more.
func orphaned(stdin io.Reader) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, stdin)
	}()
	return gone
}

func serve(instance Instance, asked <-chan os.Signal, orphaned <-chan struct{}) error {
	select {
	case <-asked:
	case <-orphaned:
	case <-instance.Done():
		if err := reason(instance); err != nil {
			return fmt.Errorf("it ended by itself: %w", err)
		}
		return errors.New("it ended by itself")
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastOrders)
	defer cancel()
	err := instance.Stop(ctx)
	instance.Kill() // whatever Stop left
	return err
}
