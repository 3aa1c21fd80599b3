package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/floodmark/floodmark/quantity"
)

// Bounds on what is kept in memory: the spans of a request, and the bytes of a line.
const (
	maxSpans = 10_000
	maxLine  = 1 << 20
)

// ReadTrace reads the spans of one request from a file of any size. The id is a request
// id, or a trace id in hexadecimal. Lines that are no spans are skipped: the last one may
// be half written. It is an error if there are no spans of that id.
func ReadTrace(r io.Reader, id string) (Trace, error) {
	if id == "" {
		return Trace{}, errors.New("no id: want a request id, as in an answer's X-Request-Id, or a trace id")
	}
	var found Trace
	looked, broken := int64(0), int64(0)
	lines := &lines{reader: bufio.NewReaderSize(r, 64<<10)}
	for {
		line, err := lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return Trace{}, fmt.Errorf("spans: %w", err)
		}
		switch span, ok, mine := parse(line, id); {
		case len(line) == 0 && !lines.long:
		case !ok || lines.long:
			broken++
		case !mine:
			looked++
		default:
			looked++
			found.add(span)
		}
		if err != nil {
			break
		}
	}
	if len(found.Spans) == 0 {
		return Trace{}, missing(id, looked, broken)
	}
	found.sort()
	return found, nil
}

// add keeps a span, if there is room.
func (t *Trace) add(s Span) {
	if len(t.Spans) >= maxSpans {
		t.Left++
		return
	}
	t.Spans = append(t.Spans, s)
}

// missing says that there is no span, and what was looked at.
func missing(id string, looked, broken int64) error {
	text := fmt.Sprintf("no span of %s in %s", quantity.Line(id), quantity.Plural(looked, "span", "spans"))
	if broken > 0 {
		text += fmt.Sprintf(" and %s that cannot be read", quantity.Plural(broken, "line", "lines"))
	}
	return errors.New(text + "; was the request traced, and is the id whole?")
}

// lines are those of a file.
type lines struct {
	reader *bufio.Reader
	buffer []byte
	long   bool // the line was too long to be kept
}

// next returns the next line, which is good until the next call.
func (l *lines) next() ([]byte, error) {
	l.buffer, l.long = l.buffer[:0], false
	for {
		part, err := l.reader.ReadSlice('\n')
		if len(l.buffer)+len(part) > maxLine {
			l.long = true
		} else {
			l.buffer = append(l.buffer, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(l.buffer), err
		}
	}
}

// A record is a span as stdouttrace writes it.
type record struct {
	Name               string
	SpanContext        struct{ TraceID, SpanID string }
	Parent             struct{ TraceID, SpanID string }
	StartTime, EndTime time.Time
	Attributes         []struct {
		Key   string
		Value struct{ Value any }
	}
	Resource []struct {
		Key   string
		Value struct{ Value any }
	}
}

// parse reads a line, and all of it only if the id is somewhere in it. ok is false for a
// line that is no span, so far as was looked.
func parse(line []byte, id string) (s Span, ok, mine bool) {
	if !bytes.HasPrefix(line, []byte(`{"Name":`)) || line[len(line)-1] != '}' {
		return Span{}, false, false
	}
	hexadecimal := strings.ToLower(id)
	if !bytes.Contains(line, []byte(id)) && !bytes.Contains(line, []byte(hexadecimal)) {
		return Span{}, true, false
	}
	var r record
	if json.Unmarshal(line, &r) != nil || r.SpanContext.SpanID == "" {
		return Span{}, false, false
	}
	s = r.span()
	return s, true, s.Request == id || s.Trace == hexadecimal
}

// span returns what matters of a record.
func (r *record) span() Span {
	s := Span{
		Trace: r.SpanContext.TraceID, ID: r.SpanContext.SpanID, Name: r.Name,
		Start: r.StartTime, Took: max(0, r.EndTime.Sub(r.StartTime)),
	}
	if strings.Trim(r.Parent.SpanID, "0") != "" {
		s.Parent = r.Parent.SpanID
	}
	for _, a := range r.Resource {
		if name, ok := a.Value.Value.(string); ok && a.Key == "service.name" {
			s.Node = name
		}
	}
	for _, a := range r.Attributes {
		s.set(a.Key, a.Value.Value)
	}
	return s
}

// set takes one attribute.
func (s *Span) set(key string, value any) {
	text, _ := value.(string)
	switch key {
	case RequestKey:
		s.Request = text
	case NodeKey:
		s.Node = text
	case PartKey:
		s.Part = text
	case PathKey:
		s.Path = text
	case MethodKey: // is in the name
	case StatusKey:
		status, _ := value.(float64)
		s.Status = int(status)
	default:
		s.Notes = append(s.Notes, Note{key, value})
	}
}
