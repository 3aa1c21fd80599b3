package supervise

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
)

// A process is one life of a host in a child process.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser // closed when it has ended, at the latest
	ready ready
	said  *output
	line  chan []byte // gets the first line of its standard output

	done chan struct{} // closed when it has been reaped, and its pipes are closed
	err  error         // how it ended; once done is closed
}

// run starts the child and waits for it, on a thread of its own: the child is killed
// when the thread that started it ends, of which the runtime tells nobody
// (go.dev/issue/27505). Waiting takes a thread in any case.
func (p *process) run(started chan<- error, spec []byte) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	defer close(p.done)

	var writing sync.WaitGroup
	defer writing.Wait()
	writing.Go(func() {
		_, _ = p.stdin.Write(spec) // what is wrong with it the child's end tells
	})
	if p.err = p.cmd.Wait(); p.err == nil {
		p.err = errExit
	}
}

func (p *process) Addrs() map[string]string { return p.ready.Addrs }
func (p *process) Admin() string            { return p.ready.Admin }
func (p *process) PID() int                 { return p.cmd.Process.Pid }
func (p *process) Done() <-chan struct{}    { return p.done }

// Err returns how the process ended, once it has. One that exited may have said why; one
// that was killed could not.
func (p *process) Err() error {
	if p.cmd.ProcessState.Exited() {
		return p.said.explain(p.err)
	}
	return p.err
}

// Stop asks the process to end, and kills it when the context ends.
func (p *process) Stop(ctx context.Context) error {
	p.ask()
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Kill()
		<-p.done
		return fmt.Errorf("it was killed: %w", ctx.Err())
	}
	return nil
}

// Kill is kill -9.
func (p *process) Kill() { _ = p.cmd.Process.Kill() } // nothing to do about one that has ended
