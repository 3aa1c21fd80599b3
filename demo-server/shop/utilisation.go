package shop

import (
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
)

// What a utilisation is measured over. The slots that are busy at the moment of an
// answer would be a number of few values, and always miss the slot that has just become
// free; the mean since the start would be about the past.
const (
	sampleEvery = 50 * time.Millisecond
	samples     = 10 // half a second
)

// A load knows how busy a machine was lately. It looks when it is asked, at most so
// often, and needs no goroutine. The zero value is ready.
type load struct {
	mu     sync.Mutex
	ring   [samples]sample // the oldest at next
	next   int
	looked time.Time
	share  float64
}

// A sample is what a machine had done when.
type sample struct{ at, worked time.Duration }

// of returns the machine's utilisation, 0 to 1.
func (l *load) of(m *capacity.Machine) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.looked) < sampleEvery {
		return l.share
	}
	l.looked = time.Now()
	stats := m.Stats()
	now, oldest := sample{stats.Uptime, stats.Worked}, l.ring[l.next]
	l.ring[l.next] = now
	l.next = (l.next + 1) % samples
	if span := now.at - oldest.at; span > 0 {
		l.share = (now.worked - oldest.worked).Seconds() / (span.Seconds() * float64(stats.Slots))
	}
	return l.share
}
