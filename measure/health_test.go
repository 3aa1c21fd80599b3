package measure

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// someHealth draws a health of which anything may be unknown.
func someHealth(t *rapid.T) *Health {
	amount := rapid.Ptr(rapid.Custom(func(t *rapid.T) time.Duration { return durations().Draw(t, "amount") }), true)
	count := rapid.Int64Range(0, 1<<50)
	h := &Health{
		Throttled: amount.Draw(t, "throttled"), RunQueue: amount.Draw(t, "run queue"), Stolen: amount.Draw(t, "stolen"),
		GC:   Pauses{count.Draw(t, "pauses"), durations().Draw(t, "total"), durations().Draw(t, "longest")},
		Heap: count.Draw(t, "heap"), Resident: rapid.Ptr(count, true).Draw(t, "resident"),
		ClockStep: time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "step")),
	}
	if rapid.Bool().Draw(t, "cpu") {
		h.CPU = &CPU{durations().Draw(t, "used"), durations().Draw(t, "allowed"), LimitProcs}
	}
	if rapid.Bool().Draw(t, "files") {
		h.Files = &Files{count.Draw(t, "open"), count.Draw(t, "limit")}
	}
	if rapid.Bool().Draw(t, "sockets") {
		h.Sockets = &Sockets{count.Draw(t, "waiting"), count.Draw(t, "ports")}
	}
	return h
}

// What is unknown stays unknown on disk, too.
func TestHealthReadsBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Interval{Index: 3, End: time.Second, Health: someHealth(t)}
		data, err := json.Marshal(&want)
		if err != nil {
			t.Fatal(err)
		}
		var got Interval
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Health, want.Health) {
			t.Fatalf("got %+v, want %+v, from %s", got.Health, want.Health, data)
		}
	})
}

func TestIntervalWithoutHealth(t *testing.T) {
	data, err := json.Marshal(&Interval{})
	if err != nil {
		t.Fatal(err)
	}
	var got Interval
	if err := json.Unmarshal(data, &got); err != nil || got.Health != nil {
		t.Errorf("got %+v, %v from %s", got.Health, err, data)
	}
}

// Joining is associative, and an unknown part is no zero.
func TestHealthJoins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := someHealth(t), someHealth(t), someHealth(t)
		if left, right := a.Join(b).Join(c), a.Join(b.Join(c)); !reflect.DeepEqual(left, right) {
			t.Fatalf("got %+v one way, %+v the other", left, right)
		}
		if got := a.Join(nil); got != a {
			t.Fatalf("with nothing: got %+v, want %+v", got, a)
		}
		if got := (*Health)(nil).Join(b); got != b {
			t.Fatalf("nothing with: got %+v, want %+v", got, b)
		}
		if got := a.Join(b); (got.Throttled == nil) != (a.Throttled == nil && b.Throttled == nil) {
			t.Fatalf("got %v of %v and %v", got.Throttled, a.Throttled, b.Throttled)
		}
	})
}

func TestHealthTotals(t *testing.T) {
	totals := NewTotals(nil, nil)
	if got := totals.Health.CPURatio(); got != 0 {
		t.Errorf("of nothing: got %v, want 0", got)
	}
	var at time.Duration
	for _, in := range []struct {
		length, used time.Duration
		step         time.Duration
		open         int64
	}{
		{time.Second, time.Second, 0, 10},
		{time.Second, 1500 * time.Millisecond, -300 * time.Millisecond, 30},
		{10 * time.Millisecond, 20 * time.Millisecond, 300 * time.Millisecond, 20},
	} {
		totals.Add(&Interval{Start: at, End: at + in.length, Health: &Health{
			CPU: &CPU{in.used, 2 * in.length, LimitCPUs}, RunQueue: new(in.length / 4),
			Files: &Files{in.open, 1024}, ClockStep: in.step,
		}})
		at += in.length
	}
	totals.Add(&Interval{Start: at, End: at + time.Second}) // nobody looked
	got := &totals.Health
	if want := 2.52 / 4.02; math.Abs(got.CPURatio()-want) > 1e-9 || got.CPUMax != 0.75 {
		t.Errorf("cpu: got %v and at most %v, want %v and 0.75", got.CPURatio(), got.CPUMax, want)
	}
	if share := got.PerSecond(got.RunQueue); math.Abs(share-0.25) > 1e-9 || got.PerSecond(got.Stolen) != 0 {
		t.Errorf("run queue: got %v, want 0.25; stolen: got %v, want 0", share, got.PerSecond(got.Stolen))
	}
	if got.Files.Open != 30 || got.Stepped != 600*time.Millisecond || got.Observed != 2010*time.Millisecond {
		t.Errorf("got %d files, steps of %v, %v observed", got.Files.Open, got.Stepped, got.Observed)
	}
}
