package trace

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/floodmark/floodmark/quantity"
)

// notes writes a span's notes on one line.
func (s *Span) notes() string {
	var texts []string
	for _, note := range s.Notes {
		texts = append(texts, note.String())
	}
	return strings.Join(texts, ", ")
}

// String writes a note for people: queued_seconds as queued 12.1ms, cache as cache hit.
func (n Note) String() string {
	key, seconds := strings.CutSuffix(n.Key, "_seconds")
	key = strings.ReplaceAll(key, "_", " ")
	value := fmt.Sprint(n.Value)
	if v, ok := n.Value.(float64); ok && seconds && math.Abs(v) < math.MaxInt32 {
		value = quantity.Duration(time.Duration(v * float64(time.Second)))
	}
	return quantity.Line(key + " " + value)
}
