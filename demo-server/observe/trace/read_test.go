package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	otel "go.opentelemetry.io/otel/trace"

	"github.com/floodmark/floodmark/demo-server/observe/trace"
)

func ExampleTrace_Tree() {
	way := trace.Trace{Request: "order-17", IDs: []string{"4bf92f3577b34da6a3ce929d0e0e4736"}, Spans: []trace.Span{
		{ID: "1", Node: "web-1", Name: "GET /api/products", Status: 200, Took: 46 * time.Millisecond},
		{ID: "2", Parent: "1", Node: "database", Name: "POST /read", Status: 200, Start: time.Time{}.Add(23 * time.Millisecond), Took: 20 * time.Millisecond},
	}}
	fmt.Print(way.ASCII(80))
	// Output:
	// request order-17  trace 4bf92f3577b34da6a3ce929d0e0e4736  46.0ms  2 hops
	// web-1       GET /api/products  200  46.0ms  |----------------------------------|
	// ` database  POST /read         200  20.0ms                    |--------------|
}

// write returns spans as OpenTelemetry writes them.
func write(spans ...trace.Span) *bytes.Buffer {
	var file bytes.Buffer
	exporter, _ := stdouttrace.New(stdouttrace.WithWriter(&file))
	for _, s := range spans {
		id, _ := otel.TraceIDFromHex(s.Trace)
		of := func(span string) otel.SpanContext {
			id, _ := otel.SpanIDFromHex(span)
			return otel.SpanContext{}.WithSpanID(id)
		}
		stub := tracetest.SpanStub{
			Name: s.Name, StartTime: s.Start, EndTime: s.Start.Add(s.Took),
			SpanContext: of(s.ID).WithTraceID(id), Parent: of(s.Parent).WithTraceID(id),
			Attributes: []attribute.KeyValue{
				attribute.String(trace.RequestKey, s.Request), attribute.String(trace.NodeKey, s.Node), attribute.String(trace.PathKey, s.Path),
			},
		}
		if s.Status != 0 {
			stub.Attributes = append(stub.Attributes, attribute.Int(trace.StatusKey, s.Status))
		}
		for _, note := range s.Notes {
			switch v := note.Value.(type) {
			case string:
				stub.Attributes = append(stub.Attributes, attribute.String(note.Key, v))
			case float64:
				stub.Attributes = append(stub.Attributes, attribute.Float64(note.Key, v))
			}
		}
		_ = exporter.ExportSpans(context.Background(), tracetest.SpanStubs{stub}.Snapshots())
	}
	return &file
}

func read(t *testing.T, file io.Reader, id string) trace.Trace {
	t.Helper()
	got, err := trace.ReadTrace(file, id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Among other requests' spans, broken lines and a half-written last one, a request is
// found by either id.
func TestReadTrace(t *testing.T) {
	strange := whole()
	for i := range strange {
		strange[i].Request, strange[i].Trace = "another", strings.Repeat("c", 32)
	}
	file := write(append(strange, whole()...)...).String()
	file = "no JSON\n\n" + `{"Name":"` + requestID + `"}` + "\n" + strings.Repeat("x", 2<<20) + requestID + "\n" + file
	half := strings.LastIndex(strings.TrimSuffix(file, "\n"), "\n") + 200
	for _, id := range []string{requestID, traceID, strings.ToUpper(traceID)} {
		got := read(t, iotest.OneByteReader(strings.NewReader(file)), id)
		if want := whole(); !reflect.DeepEqual(got.Spans, want) {
			t.Errorf("%s: got\n%+v, want\n%+v", id, got.Spans, want)
		}
		if got.Request != requestID || !reflect.DeepEqual(got.IDs, []string{traceID}) {
			t.Errorf("%s: got %s and %s", id, got.Request, got.IDs)
		}
		if got := read(t, strings.NewReader(file[:half]), id); len(got.Spans) != len(whole())-1 {
			t.Errorf("%s: got %d spans of a file whose last is half written", id, len(got.Spans))
		}
	}
}

func TestReadTraceFindsNothing(t *testing.T) {
	file := write(whole()...).String() + `{"Name":"half`
	for _, tt := range []struct {
		id, want string
		file     io.Reader
	}{
		{"order", "no span of order in 6 spans and 1 line that cannot be read", strings.NewReader(file)},
		{"web-2", "no span of web-2 in 6 spans", strings.NewReader(file)}, // it is a node
		{"\x1b[2Jorder", "no span of order in 0 spans;", strings.NewReader("")},
		{"", "want a request id", strings.NewReader(file)},
		{"order", "spans: the disk is on fire", iotest.ErrReader(errors.New("the disk is on fire"))},
	} {
		_, err := trace.ReadTrace(tt.file, tt.id)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want …%s…", tt.id, err, tt.want)
		}
	}
}

// A client that sends one id with all its requests fills no memory.
func TestReadTraceIsBounded(t *testing.T) {
	line := write(whole()[0]).String()
	got := read(t, strings.NewReader(strings.Repeat(line, 10_003)), requestID)
	if len(got.Spans) != 10_000 || got.Left != 3 || !strings.Contains(got.Tree(80), "and 3 spans more") {
		t.Errorf("got %d spans and %d more", len(got.Spans), got.Left)
	}
}

func FuzzReadTrace(f *testing.F) {
	f.Add(write(whole()...).Bytes(), requestID)
	f.Add([]byte(`{"Name":1}`), "1")
	f.Fuzz(func(_ *testing.T, file []byte, id string) {
		if got, err := trace.ReadTrace(bytes.NewReader(file), id); err == nil {
			got.Tree(80)
		}
	})
}
