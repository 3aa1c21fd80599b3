package targets

import (
	"sync"
	"sync/atomic"
	"time"
)

// A Pool is what the clients of a run share: the way to dial, and memory for
// answers. Make it with [Target.NewPool]. Its clients may be used from different
// goroutines at once.
type Pool struct {
	target Target
	opener

	mistrust atomic.Bool // a kept connection was closed without a word
	base     time.Time   // see now
	shelf    *shelf      // of shared connections; nil if each client keeps its own

	// Memory is lent from the first byte of an answer to its last, so that thousands
	// of connections that wait or rest hold none.
	buffers sync.Pool
}

// bufferSize is how much of an answer is read at once.
const bufferSize = 32 << 10

// NewPool returns a pool without connections.
func (t Target) NewPool() *Pool {
	p := &Pool{target: t, base: time.Now(), opener: t.opener()}
	if t.Connections.Shared {
		p.shelf = &shelf{max: t.Connections.Max}
	}
	return p
}

// now is time.Now at half the price: it reads the monotonic clock alone. Its wall
// clock is the one of the pool's beginning and as much more as has passed since.
func (p *Pool) now() time.Time { return p.base.Add(time.Since(p.base)) }

// Close closes what is shared. The clients have been closed.
func (p *Pool) Close() {
	if p.shelf != nil {
		p.shelf.clear()
	}
	p.close()
}

// borrow returns memory for an answer; it must be given back.
func (p *Pool) borrow() []byte {
	if b, ok := p.buffers.Get().(*[bufferSize]byte); ok {
		return b[:]
	}
	return make([]byte, bufferSize)
}

// giveBack takes memory back, unless it had to grow.
func (p *Pool) giveBack(b []byte) {
	if len(b) == bufferSize {
		p.buffers.Put((*[bufferSize]byte)(b))
	}
}
