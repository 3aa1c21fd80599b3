package limit

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// DefaultMaxKeys is how many keys a Memory holds unless it is told otherwise.
const DefaultMaxKeys = 100_000

// sweep is how many idle keys a decision forgets at most: more than it can add, so that
// they become fewer, and few enough that no request pays for others.
const sweep = 2

// A Memory is a Store in this process: what one gateway admits, the others do not know.
// The zero value is ready. Its methods may be called by any number of goroutines at once.
//
// Keys that are idle, so that it would make no difference, are forgotten in passing.
// Beyond MaxKeys the one that was not used for longest is forgotten before that, and
// Stats counts it: somebody may get more than the limit then.
type Memory struct {
	// MaxKeys bounds the keys that are held; 0: DefaultMaxKeys. It is set before first use.
	MaxKeys int

	mu        sync.Mutex
	began     time.Time
	entries   map[slot]*list.Element
	order     list.List // of *entry, the latest used first
	decisions uint64
	evicted   uint64
}

// A slot is what states are kept by. A policy that changes its algorithm or its window
// begins afresh, since its states mean something else then.
type slot struct {
	name      string
	algorithm Algorithm
	window    int64
	key       string
}

type entry struct {
	slot  slot
	terms terms // the latest
	state state
}

// Decide decides about a request of the key, and remembers it. It never returns an error.
func (m *Memory) Decide(_ context.Context, key string, p Policy) (Decision, error) {
	p = p.withDefaults()
	t := p.terms()
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.decisions++
	m.forget(now, sweep)
	e := m.entry(slot{p.Name, p.Algorithm, t.window, key})
	e.terms = t
	return e.state.ask(now, t), nil
}

// now returns microseconds since 1970, by a clock that nobody sets. The caller holds mu,
// as in all that follows, so that no instant lies before the last one.
func (m *Memory) now() int64 {
	if m.began.IsZero() {
		m.began = time.Now()
	}
	return (m.began.UnixNano() + int64(time.Since(m.began))) / int64(time.Microsecond)
}

// entry returns what is held of a slot, as the latest used.
func (m *Memory) entry(s slot) *entry {
	if element, held := m.entries[s]; held {
		m.order.MoveToFront(element)
		return element.Value.(*entry)
	}
	if m.entries == nil {
		m.entries = make(map[slot]*list.Element)
	}
	if len(m.entries) >= m.maxKeys() {
		m.drop(m.order.Back())
		m.evicted++
	}
	e := &entry{slot: s, state: newState(s.algorithm)}
	m.entries[s] = m.order.PushFront(e)
	return e
}

func (m *Memory) maxKeys() int {
	if m.MaxKeys <= 0 {
		return DefaultMaxKeys
	}
	return m.MaxKeys
}

// forget drops idle entries, those not used for longest first, up to a number of them.
func (m *Memory) forget(now int64, most int) {
	for range most {
		last := m.order.Back()
		if last == nil {
			return
		}
		if e := last.Value.(*entry); !e.state.idle(now, e.terms) {
			return
		}
		m.drop(last)
	}
}

func (m *Memory) drop(element *list.Element) {
	m.order.Remove(element)
	delete(m.entries, element.Value.(*entry).slot)
}

// Stats returns what the store has done so far. It forgets idle keys before it counts.
func (m *Memory) Stats() StoreStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.now(), len(m.entries))
	return StoreStats{Kind: "memory", Decisions: m.decisions, Keys: len(m.entries), Evicted: m.evicted}
}
