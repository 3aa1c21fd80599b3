package loadgen_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// A teapot answers at once, and always the same.
type teapot struct{}

func (teapot) Send(_ context.Context, _ *targets.Request, resp *targets.Response) {
	now := time.Now()
	*resp = targets.Response{Sent: now, FirstByte: now, Done: now, Status: 418, Outcome: measure.Status4xx}
}

func ExampleGenerator() {
	target := targets.Target{BaseURL: &url.URL{Scheme: "http", Host: "shop.test"}}
	tea, err := target.Compile(http.MethodGet, "/tea", nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	mix, err := targets.NewMix([]targets.Scenario{
		{Name: "drink", Weight: 1, Steps: []targets.Step{{Name: "tea", Request: tea}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	g := loadgen.Generator{
		Mix:       mix,
		NewSender: func(int) loadgen.Sender { return teapot{} },
		Recorder:  measure.NewRecorder(loadgen.Series(mix, nil), nil, 1),
		Drain:     time.Second,
	}
	result := g.RunOpen(context.Background(), nil, slices.Values([]time.Duration{0, 5 * time.Millisecond, 10 * time.Millisecond}))

	interval := g.Recorder.Cut(result.Elapsed)
	counts := interval.Series[0].Counts
	fmt.Println(result.Arrivals, "arrivals,", counts.Planned, "planned,", counts.Failed, "failed")
	// Output:
	// 3 arrivals, 3 planned, 3 failed
}

// A cautious sender pauses the run for a moment at its first request.
type cautious struct {
	teapot
	once    *sync.Once
	control *loadgen.Control
}

func (c *cautious) Send(ctx context.Context, req *targets.Request, resp *targets.Response) {
	c.teapot.Send(ctx, req, resp)
	c.once.Do(func() {
		_ = c.control.Pause("sender")
		time.AfterFunc(50*time.Millisecond, func() { _ = c.control.Resume("timer") })
	})
}

func ExampleControl() {
	target := targets.Target{BaseURL: &url.URL{Scheme: "http", Host: "shop.test"}}
	tea, err := target.Compile(http.MethodGet, "/tea", nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	mix, err := targets.NewMix([]targets.Scenario{
		{Name: "drink", Weight: 1, Steps: []targets.Step{{Name: "tea", Request: tea}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	control := &loadgen.Control{Changed: func(c loadgen.Change) { fmt.Println(c.What, "by", c.By) }}
	var once sync.Once
	g := loadgen.Generator{
		Mix:       mix,
		NewSender: func(int) loadgen.Sender { return &cautious{once: &once, control: control} },
		Recorder:  measure.NewRecorder(loadgen.Series(mix, nil), nil, 1),
		Drain:     time.Second,
		Control:   control,
	}
	result := g.RunOpen(context.Background(), nil, slices.Values([]time.Duration{0, 300 * time.Millisecond}))
	fmt.Println(result.Arrivals, "arrivals, paused:", result.Elapsed >= 350*time.Millisecond)
	// Output:
	// pause by sender
	// resume by timer
	// 2 arrivals, paused: true
}
