package supervise

import (
	"log/slog"
	"sync"
)

// maxChanges is how many changes wait for an OnChange that does not return. Beyond it
// the oldest are lost.
const maxChanges = 10_000

// changes hands changes to whoever wants to know, in order and without making anybody
// wait who adds one.
type changes struct {
	tell func(Change)
	log  *slog.Logger

	mu     sync.Mutex
	queue  []Change
	closed bool
	wake   chan struct{} // holds a token when there is something new

	over chan struct{} // closed when all have been handed over
}

func newChanges(config Config) *changes {
	c := &changes{tell: config.OnChange, log: config.Log, wake: make(chan struct{}, 1), over: make(chan struct{})}
	go c.run()
	return c
}

// put adds a change.
func (c *changes) put(change Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == maxChanges {
		c.queue = c.queue[1:]
	}
	c.queue = append(c.queue, change)
	c.nudge()
}

// end waits until all changes have been handed over. There must be none after it.
func (c *changes) end() {
	c.mu.Lock()
	c.closed = true
	c.nudge()
	c.mu.Unlock()
	<-c.over
}

func (c *changes) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *changes) run() {
	defer close(c.over)
	for range c.wake {
		queue, closed := c.take()
		for _, change := range queue {
			c.log.Info("host", "name", change.Host, "state", string(change.State), "why", change.Why)
			if c.tell != nil {
				c.tell(change)
			}
		}
		if closed {
			return
		}
	}
}

func (c *changes) take() (queue []Change, closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	queue, c.queue = c.queue, nil
	return queue, c.closed
}
