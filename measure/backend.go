package measure

import (
	"cmp"
	"slices"
	"sync"
)

// maxBackends is how many addresses are told apart. A name may stand for hundreds,
// and memory must not grow with them.
const maxBackends = 64

// OtherBackends is the address of all backends that are not told apart.
const OtherBackends = "other"

// A Backend is what one server address answered, of those behind the target's name.
// Warm-up is left out.
type Backend struct {
	Address   string // as ip:port, or the path of a unix socket
	Succeeded int64
	Failed    int64
	Connected int64 // new connections
	Response  Histogram
}

// Finished returns how many requests ended, well or badly.
func (b *Backend) Finished() int64 { return b.Succeeded + b.Failed }

// record counts a sample.
func (b *Backend) record(s *Sample) {
	b.Response.Record(s.Response())
	if s.Connect > 0 {
		b.Connected++
	}
	if s.Succeeded {
		b.Succeeded++
	} else {
		b.Failed++
	}
}

// Add counts everything that other holds.
func (b *Backend) Add(other *Backend) {
	b.Succeeded += other.Succeeded
	b.Failed += other.Failed
	b.Connected += other.Connected
	b.Response.Add(&other.Response)
}

// reset empties the backend and keeps its memory.
func (b *Backend) reset() {
	b.Succeeded, b.Failed, b.Connected = 0, 0, 0
	b.Response.Reset()
}

// AddBackends adds what each address of from answered to the one in to, and returns
// to, in the order of the addresses.
func AddBackends(to, from []*Backend) []*Backend {
	for _, b := range from {
		i, found := slices.BinarySearchFunc(to, b.Address, func(have *Backend, address string) int {
			return cmp.Compare(have.Address, address)
		})
		if !found {
			to = slices.Insert(to, i, &Backend{Address: b.Address})
		}
		to[i].Add(b)
	}
	return to
}

// backendTable numbers addresses from 1. Its methods may be called at once.
type backendTable struct {
	mu        sync.Mutex
	addresses []string
}

// number returns the number of an address, 0 for none.
func (t *backendTable) number(address string) int {
	if address == "" {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.addresses, address); i >= 0 {
		return i + 1
	}
	if len(t.addresses) == maxBackends {
		t.addresses = append(t.addresses, OtherBackends)
	}
	if len(t.addresses) > maxBackends {
		return len(t.addresses)
	}
	t.addresses = append(t.addresses, address)
	return len(t.addresses)
}

// address is the inverse of number.
func (t *backendTable) address(number int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.addresses[number-1]
}

// Backend returns the number under which samples name the server at an address, 0
// for none. It may be called from any goroutine.
func (r *Recorder) Backend(address string) int { return r.backends.number(address) }

// backend returns the lane's count of a backend. The lock must be held.
func (l *Lane) backend(number int) *Backend {
	for len(l.answered) < number {
		l.answered = append(l.answered, nil)
	}
	if l.answered[number-1] == nil {
		l.answered[number-1] = new(Backend)
	}
	return l.answered[number-1]
}

// collectBackends joins and empties what the lanes hold of backends.
func (r *Recorder) collectBackends() []*Backend {
	var out []*Backend
	for _, l := range r.lanes {
		for i, b := range l.spareAnswered {
			if b == nil || b.Finished() == 0 {
				continue
			}
			b.Address = r.backends.address(i + 1)
			out = AddBackends(out, []*Backend{b})
			b.reset()
		}
	}
	return out
}
