package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
)

// ErrNotRunning says that no run can be reached: it has ended, or was killed.
var ErrNotRunning = errors.New("the run is not under way")

// ErrLost says that a connection ended before its run did: the run was killed, or its
// server took this client for one that does not read.
var ErrLost = errors.New("the connection to the run is lost")

// A Client is a connection to a run. Make it with [Dial]. Its methods may be called by
// several goroutines at once, but Watch by one.
type Client struct {
	conn    *net.UnixConn
	in      *bufio.Reader
	pid     int
	news    *queue // for Watch, which may be slow
	reading sync.WaitGroup
	ended   chan struct{} // closed when there is nothing more to read
	writing sync.Mutex

	mu      sync.Mutex // guards what follows
	next    int64      // ID of the next request
	waiting map[int64]chan Reply
	err     error // why nothing more is read, nil if the run has ended; set before ended is closed
}

// PID returns the process of the run.
func (c *Client) PID() int { return c.pid }

// line reads a line of the server.
func (c *Client) line() (heard, error) {
	var text []byte
	for {
		part, err := c.in.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case len(text) > maxLine:
			return heard{}, fmt.Errorf("a line of more than %d bytes", maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return heard{}, err
		}
		var h heard
		return h, json.Unmarshal(text, &h)
	}
}

// read sorts what comes until nothing does.
func (c *Client) read() {
	err := c.sortAll()
	c.news.close(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	close(c.ended)
}

// sortAll returns nil when the run has ended.
func (c *Client) sortAll() error {
	for {
		h, err := c.line()
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrLost, err)
		case h.Type == replyLine && h.ID == 0:
			return fmt.Errorf("%w: %s", ErrLost, h.Error)
		case h.Type == endLine:
			return nil
		}
		c.sort(h)
	}
}

// sort hands a line to whom it is for. Types of later versions are passed over.
func (c *Client) sort(h heard) {
	switch h.Type {
	case replyLine:
		c.mu.Lock()
		defer c.mu.Unlock()
		if waiting := c.waiting[h.ID]; waiting != nil {
			waiting <- h.Reply // it has room for one
			delete(c.waiting, h.ID)
		}
	case snapshotLine:
		c.news.show(h.Snapshot)
	case eventLine:
		c.news.tell(h.Event)
	case missedLine:
		c.news.skip(h.Missed)
	}
}

// Do sends a command and waits for the reply, which may be a refusal. An error says that
// there is none, and nothing is known of what was done.
func (c *Client) Do(ctx context.Context, command Command) (Reply, error) {
	answer, id := c.expect()
	defer c.forget(id)
	if err := c.send(ctx, request{id, command.Name, command.Args}); err != nil {
		return Reply{}, err
	}
	select {
	case a := <-answer:
		return a, nil
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	case <-c.ended:
	}
	select {
	case a := <-answer: // the reply came before the end
		return a, nil
	default:
		return Reply{}, c.why()
	}
}

// why is the error of a request that the end has overtaken.
func (c *Client) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return errEnded
	}
	return c.err
}

// expect makes room for a reply, and the ID of its request.
func (c *Client) expect() (answer chan Reply, id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, id = make(chan Reply, 1), c.next
	c.next++
	c.waiting[id] = answer
	return answer, id
}

// forget gives that room up.
func (c *Client) forget(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

// send writes a request.
func (c *Client) send(ctx context.Context, r request) error {
	line, err := encode(r)
	switch {
	case err != nil:
		return err
	case len(line) > maxRequest:
		return fmt.Errorf("%s: %d bytes are more than a request may have, %d", r.Command, len(line), maxRequest)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	deadline, _ := ctx.Deadline()
	_ = c.conn.SetWriteDeadline(deadline) // of a connection that is closed, which shows at once
	if _, err := c.conn.Write(line); err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return nil
}

// Watch shows snapshots and events until the run has ended, which is no error. What
// comes while a function works waits for it: the latest snapshot, and the latest events.
func (c *Client) Watch(ctx context.Context, show Show) error {
	a, err := c.Do(ctx, Command{Name: watchCommand})
	switch {
	case err != nil:
		return err
	case !a.OK:
		return errors.New(a.Error)
	}
	for {
		all, more := c.news.take(ctx.Done())
		if !more {
			break
		}
		show.batch(&all)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	<-c.ended
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection.
func (c *Client) Close() error {
	err := c.conn.Close()
	c.reading.Wait()
	return err
}

// A Show is what becomes of what a client sees. Each function may be nil.
type Show struct {
	Snapshot func([]byte)     // an object of JSON
	Event    func([]byte)     // an object of JSON
	Missed   func(events int) // that went by unseen
}

func (s *Show) batch(all *batch) {
	if all.missed > 0 && s.Missed != nil {
		s.Missed(all.missed)
	}
	if s.Event != nil {
		for _, e := range all.events {
			s.Event(e)
		}
	}
	if all.snapshot != nil && s.Snapshot != nil {
		s.Snapshot(all.snapshot)
	}
}
