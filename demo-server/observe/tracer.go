package observe

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	traces "github.com/floodmark/floodmark/demo-server/observe/trace"
)

// tracer returns what makes the spans of one server.
func (s *Spans) tracer(node, part string) trace.Tracer {
	limits := sdk.NewSpanLimits()
	limits.AttributeValueLengthLimit = maxText // paths may be long
	return sdk.NewTracerProvider(
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", node), attribute.String(traces.PartKey, part),
		)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(s.sample))),
		sdk.WithIDGenerator(newIDs(s.seed, node)),
		sdk.WithRawSpanLimits(limits),
		sdk.WithSpanProcessor(sink{s}),
	).Tracer("github.com/floodmark/floodmark/demo-server/observe")
}

// span begins the span of a hop, within that of whoever asked.
func (o *Observer) span(ctx context.Context, r *http.Request, h *hop) trace.Span {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	_, span := o.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(h.begun))
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String(traces.RequestKey, h.ids.Request),
			attribute.String(traces.NodeKey, o.Node),
			attribute.String(traces.PartKey, o.Part),
			attribute.String(traces.MethodKey, r.Method),
			attribute.String(traces.PathKey, r.URL.Path),
		)
	}
	return span
}

// traceparent writes a span's context as W3C Trace Context has it.
func traceparent(c trace.SpanContext) string {
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" + c.TraceFlags().String()
}

// ids makes trace and span ids. Of a trace id the sampler looks at the second half, which
// therefore comes from the seed. The first does not: a file may hold several runs.
type ids struct {
	mu     sync.Mutex
	choice *rand.PCG
}

func newIDs(seed uint64, node string) *ids {
	h := fnv.New64a()
	_, _ = h.Write([]byte(node)) // never fails
	return &ids{choice: rand.NewPCG(seed, h.Sum64())}
}

// NewIDs returns those of a new trace.
func (i *ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	var id trace.TraceID
	binary.BigEndian.PutUint64(id[:8], rand.Uint64()|1) // never zero as a whole
	i.mu.Lock()
	binary.BigEndian.PutUint64(id[8:], i.choice.Uint64())
	i.mu.Unlock()
	return id, i.NewSpanID(ctx, id)
}

// NewSpanID returns that of a new span.
func (i *ids) NewSpanID(context.Context, trace.TraceID) trace.SpanID {
	var id trace.SpanID
	binary.BigEndian.PutUint64(id[:], rand.Uint64()|1)
	return id
}
