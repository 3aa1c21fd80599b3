package observe

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// How long spans wait before they are written, how many may, and how large the file may
// be: a busy backend that traces everything writes some megabytes a second.
const (
	flushEvery = 200 * time.Millisecond
	maxWaiting = 8192
	maxFile    = 1 << 30
)

// errFull says that nothing more is written.
var errFull = fmt.Errorf("the file has reached its limit of %d MiB; further spans are dropped", maxFile>>20)

// Spans appends the spans of this process's servers to a file, a line of JSON each, as
// OpenTelemetry's stdouttrace writes them. Other processes may append to the same file at
// the same time. Its methods may be called by any number of goroutines at once.
//
// A request never waits for the file: spans that there is no place for are dropped, as
// are those after the first gibibyte.
type Spans struct {
	sample float64
	seed   uint64

	file     *os.File
	exporter *stdouttrace.Exporter
	lines    bytes.Buffer // what the exporter has written
	torn     bool         // the file ends in a part of a line
	fault    error        // the first that writing met
	stop     chan struct{}
	stopped  chan struct{}

	mu      sync.Mutex
	waiting []sdk.ReadOnlySpan
	closed  bool
	stats   SpanStats
}

// SpanStats counts spans that have ended. Those in neither counter wait to be written.
type SpanStats struct {
	Written uint64
	Dropped uint64 // no place, or the file could not be written
}

// OpenSpans opens a file for appending, and makes it if it is not there. sample is the
// share of requests that are traced, 0 to 1, of those of which no traceparent says
// whether they are. A seed makes each server choose the same again when it has the same
// requests in the same order; ids are new each time.
func OpenSpans(path string, sample float64, seed uint64) (*Spans, error) {
	if math.IsNaN(sample) || sample < 0 || sample > 1 {
		return nil, fmt.Errorf("sample %v: want the share of requests to trace, 0 to 1", sample)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	s := &Spans{sample: sample, seed: seed, file: file, stop: make(chan struct{}), stopped: make(chan struct{})}
	s.exporter, err = stdouttrace.New(stdouttrace.WithWriter(&s.lines))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("traces: %w", err), file.Close())
	}
	go s.run()
	return s, nil
}

// Stats returns what became of the spans.
func (s *Spans) Stats() SpanStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Close writes what waits and closes the file. The error is the first that writing met,
// at any time. Spans that end later are dropped. Closing again does no harm.
func (s *Spans) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		close(s.stop)
	}
	<-s.stopped
	return s.fault
}

// run writes spans until Close.
func (s *Spans) run() {
	defer close(s.stopped)
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for open := true; open; {
		select {
		case <-ticker.C:
		case <-s.stop:
			open = false
		}
		s.flush()
	}
	if err := s.file.Close(); err != nil && s.fault == nil {
		s.fault = fmt.Errorf("traces: %w", err)
	}
}

// flush writes what waits. Only run calls it.
func (s *Spans) flush() {
	s.mu.Lock()
	spans := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	if len(spans) == 0 {
		return
	}
	err := s.write(spans)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.stats.Dropped += uint64(len(spans))
		return
	}
	s.stats.Written += uint64(len(spans))
}

// write appends spans in one write, so that whole lines stand between those of others.
func (s *Spans) write(spans []sdk.ReadOnlySpan) error {
	err := s.append(spans)
	if err != nil && s.fault == nil {
		s.fault = fmt.Errorf("traces: %w", err)
	}
	return err
}

func (s *Spans) append(spans []sdk.ReadOnlySpan) error {
	if info, err := s.file.Stat(); err != nil || info.Size() >= maxFile {
		return cmp.Or(err, errFull)
	}
	s.lines.Reset()
	if s.torn {
		s.lines.WriteByte('\n')
	}
	if err := s.exporter.ExportSpans(context.Background(), spans); err != nil {
		return err
	}
	n, err := s.file.Write(s.lines.Bytes())
	s.torn = s.torn && n == 0 || n > 0 && n < s.lines.Len()
	return err
}

// A sink takes spans from the SDK.
type sink struct{ spans *Spans }

// OnStart does nothing.
func (sink) OnStart(context.Context, sdk.ReadWriteSpan) {}

// OnEnd lets a span wait to be written, or drops it.
func (k sink) OnEnd(span sdk.ReadOnlySpan) {
	s := k.spans
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.waiting) >= maxWaiting {
		s.stats.Dropped++
		return
	}
	s.waiting = append(s.waiting, span)
}

// Shutdown does nothing: Close ends all servers' spans together.
func (sink) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (sink) ForceFlush(context.Context) error { return nil }
