package capacity

import (
	"math/rand/v2"
	"sync"
	"time"
)

// A Source draws service times from a law, the same ones in the same order for the
// same seed. Any number of goroutines may draw at once.
type Source struct {
	law Law
	mu  sync.Mutex
	rng *rand.Rand
}

// NewSource returns a source of the law's service times.
func NewSource(law Law, seed uint64) *Source {
	const stream = 0x6c6f6f646d61726b // fixed, so that the seed alone decides
	return &Source{law: law, rng: rand.New(rand.NewPCG(seed, stream))}
}

// Draw returns the next service time.
func (s *Source) Draw() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.law.Draw(s.rng)
}
