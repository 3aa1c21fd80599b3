package measure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"
)

// answered returns a sample that a backend answered.
func answered(backend int, took time.Duration, succeeded bool) *Sample {
	return &Sample{Done: took, Outcome: Status2xx, Succeeded: succeeded, Backend: backend}
}

func TestBackends(t *testing.T) {
	r := NewRecorder([]Series{{Endpoint: "a"}, {Endpoint: "b", Warmup: true}}, nil, 3)
	totals := NewTotals(r.Series(), nil)
	one, two := r.Backend("10.0.0.1:80"), r.Backend("10.0.0.2:80")
	if again := r.Backend("10.0.0.1:80"); again != one || one == two || r.Backend("") != 0 {
		t.Fatalf("numbers %d, %d, again %d", one, two, again)
	}
	for second := range 3 {
		for user := range 6 {
			lane := r.Lane(user)
			lane.Record(answered(two, time.Millisecond, true))
			lane.Record(answered(one, 2*time.Millisecond, user > 0))
			lane.Record(answered(0, time.Second, false)) // reached nobody
			warm := answered(one, time.Second, true)
			warm.Series = 1
			lane.Record(warm)
		}
		first := answered(one, 2*time.Millisecond, true)
		first.Connect = time.Microsecond
		r.Lane(0).Record(first)
		in := r.Cut(time.Duration(second+1) * time.Second)
		totals.Add(&in)
	}
	if got := len(totals.Backends); got != 2 {
		t.Fatalf("%d backends, want 2", got)
	}
	a, b := totals.Backends[0], totals.Backends[1]
	if a.Address != "10.0.0.1:80" || a.Succeeded != 18 || a.Failed != 3 || a.Connected != 3 || a.Response.Max() != 2*time.Millisecond {
		t.Errorf("first: %s %d %d %d, max %v", a.Address, a.Succeeded, a.Failed, a.Connected, a.Response.Max())
	}
	if b.Address != "10.0.0.2:80" || b.Finished() != 18 || b.Connected != 0 || b.Response.Count() != 18 || b.Response.Max() != time.Millisecond {
		t.Errorf("second: %s %d %d, %d values, max %v", b.Address, b.Finished(), b.Connected, b.Response.Count(), b.Response.Max())
	}
}

// However many addresses there are, memory is bounded and nothing is lost.
func TestManyBackends(t *testing.T) {
	r := NewRecorder([]Series{{}}, nil, 2)
	var users sync.WaitGroup
	for user := range 4 {
		users.Go(func() {
			for i := range 3 * maxBackends {
				r.Lane(user).Record(answered(r.Backend(fmt.Sprintf("10.0.0.%d:80", i)), time.Millisecond, true))
			}
		})
	}
	users.Wait()
	in := r.Cut(time.Second)
	var finished, other int64
	for _, b := range in.Backends {
		finished += b.Finished()
		if b.Address == OtherBackends {
			other = b.Finished()
		}
	}
	if len(in.Backends) != maxBackends+1 || finished != 4*3*maxBackends || other != 4*2*maxBackends {
		t.Errorf("%d backends with %d requests, %d of them others", len(in.Backends), finished, other)
	}
}

// What is written is read back whole.
func TestBackendsOnDisk(t *testing.T) {
	r := NewRecorder([]Series{{Endpoint: "a"}}, nil, 1)
	for i, address := range []string{"[::1]:80", "/run/a, b.sock"} {
		for k := range 100 {
			r.Lane(0).Record(answered(r.Backend(address), time.Duration(k)*time.Millisecond, i == 0))
		}
	}
	want := r.Cut(time.Second)
	text, err := json.Marshal(&want)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	log, err := NewLogWriter(&file, r.Series(), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Write(&want); err != nil {
		t.Fatal(err)
	}
	var got Interval
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := NewLogReader(&file).Fill(&got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Backends, want.Backends) {
		t.Errorf("got  %+v\nwant %+v", got.Backends, want.Backends)
	}
}
