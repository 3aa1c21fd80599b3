package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"
)

// Dial connects to the run in a directory. The error is [ErrNotRunning] if nobody
// answers there any more.
func Dial(ctx context.Context, dir string, mode Mode) (*Client, error) {
	path, err := locate(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: it has no %s", ErrNotRunning, socketFile)
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, greetingTime)
	defer cancel()
	conn, err := connect(ctx, path)
	if err != nil {
		return nil, err
	}
	c := &Client{
		conn: conn, in: bufio.NewReaderSize(conn, maxRequest), news: newQueue(),
		ended: make(chan struct{}), next: 1, waiting: make(map[int64]chan Reply),
	}
	if err := c.greet(ctx, mode); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), conn.Close())
	}
	c.reading.Go(c.read)
	return c, nil
}

// connect opens a socket of this user's.
func connect(ctx context.Context, path string) (*net.UnixConn, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is gone", ErrNotRunning, path)
	}
	if err != nil {
		return nil, err
	}
	if !ours(info) {
		return nil, fmt.Errorf("%s is another user's", path)
	}
	if len(path) > maxPath {
		return nil, fmt.Errorf("%s: the path is too long for a socket", path)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case err != nil && refused(err):
		return nil, fmt.Errorf("%w: it was killed, and nobody answers at %s", ErrNotRunning, path)
	case err != nil:
		return nil, err
	}
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s: not a Unix socket", path), conn.Close())
	}
	if err := checkPeer(unix); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), unix.Close())
	}
	return unix, nil
}

// greet exchanges the first lines.
func (c *Client) greet(ctx context.Context, mode Mode) error {
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.conn.SetDeadline(deadline)
	}
	first, err := c.line()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("the run does not answer in %v", greetingTime)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNotRunning, err) // it ended just now
	case first.Type == replyLine:
		return errors.New(first.Error)
	case first.Type != helloLine || first.Protocol != Protocol:
		return fmt.Errorf("it speaks %q, not %s: it is another version's", first.Protocol, Protocol)
	}
	c.pid = first.PID
	line, err := encode(greeting{Protocol, mode})
	if err != nil {
		return err
	}
	if _, err := c.conn.Write(line); err != nil {
		return err
	}
	return c.conn.SetDeadline(time.Time{})
}
