package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func add(t *testing.T, set *Set, line string) Active {
	t.Helper()
	spec, err := ParseLine(line)
	if err != nil {
		t.Fatal(err)
	}
	active, err := set.Add(spec)
	if err != nil {
		t.Fatal(err)
	}
	return active
}

func TestFaultEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set Set
		add(t, &set, "errors=20% for=20s")
		add(t, &set, "delay=1s")
		time.Sleep(20*time.Second - time.Nanosecond)
		if got := len(set.List()); got != 2 {
			t.Fatalf("just before: got %d faults, want 2", got)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got := set.List(); len(got) != 1 || got[0].Fault != "delay=1s" {
			t.Errorf("after 20s: got %+v, want the delay alone", got)
		}
	})
}

func TestSetAddsAndRemoves(t *testing.T) {
	var set Set
	first, second := add(t, &set, "errors=20%"), add(t, &set, "delay=1s for=1m")
	if first.ID == second.ID {
		t.Errorf("both have the id %d", first.ID)
	}
	if first.Until != nil || second.Until == nil || !second.Until.Equal(second.Since.Add(time.Minute)) {
		t.Errorf("ends: got %v and %v, want none and a minute after %v", first.Until, second.Until, second.Since)
	}
	if !set.Remove(first.ID) || set.Remove(first.ID) {
		t.Error("Remove: want true once")
	}
	if got := set.Clear(); got != 1 {
		t.Errorf("Clear: got %d, want 1", got)
	}
	if got := set.List(); len(got) != 0 {
		t.Errorf("after Clear: got %v, want none", got)
	}
}

func TestSetRefuses(t *testing.T) {
	set := Set{Parts: []string{"payment"}}
	tests := []struct {
		spec Spec
		want string
	}{
		{Spec{}, "no fault is named"},
		{Spec{Errors: 1, Part: "weather"}, `unknown part "weather"; this server has: payment`},
		{Spec{Errors: 1, Part: "payment", Endpoint: "/x"}, "part and endpoint exclude each other"},
		{Spec{Reset: 1, Part: "payment"}, "part=payment takes errors and delay only"},
		{Spec{Kill: true, Part: "payment"}, "need a topology with nodes and links; this server takes errors, delay"},
		{Spec{Cut: true, Link: "web-payment"}, "need a topology"},
	}
	for _, test := range tests {
		if _, err := set.Add(test.spec); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want …%s…", err, test.want)
		}
	}
	for range maxActive {
		add(t, &set, "errors=1%")
	}
	if _, err := set.Add(Spec{Errors: 1}); err == nil || !strings.Contains(err.Error(), "100 faults are on") {
		t.Errorf("got %v, want a limit", err)
	}
}

func TestPart(t *testing.T) {
	set := Set{Parts: []string{"payment", "weather"}}
	add(t, &set, "part=payment errors=20% delay=1s")
	add(t, &set, "part=payment errors=55% delay=2s")
	add(t, &set, "errors=90%")
	failing, delay := set.Part("payment")
	if failing != 550_000 || delay != 3*time.Second {
		t.Errorf("payment: got %v, %v, want 55%%, 3s", failing, delay)
	}
	if failing, delay := set.Part("weather"); failing != 0 || delay != 0 {
		t.Errorf("weather: got %v, %v, want nothing", failing, delay)
	}
}

func TestJitterIsEven(t *testing.T) {
	set := Set{Parts: []string{"payment"}}
	add(t, &set, "part=payment delay=100ms jitter=20ms")
	const n = 100
	var sum time.Duration
	var tenths [10]int // of the range
	for range n {
		_, delay := set.Part("payment")
		sum += delay
		tenths[min(max((delay-80*time.Millisecond)/(4*time.Millisecond), 0), 9)]++
		if delay < 80*time.Millisecond || delay > 120*time.Millisecond {
			t.Errorf("got %v, want 80ms to 120ms", delay)
		}
	}
	if mean := sum / n; mean < 99*time.Millisecond || mean > 101*time.Millisecond {
		t.Errorf("mean: got %v, want 100ms within 1ms", mean)
	}
	if low, high := slices.Min(tenths[:]), slices.Max(tenths[:]); low < 8 || high > 12 {
		t.Errorf("got %v in tenths of the range, want 10 each within 2", tenths)
	}
}

func TestFreezeFollowsTheLongestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []time.Duration
		set := Set{Freeze: func(d time.Duration) { got = append(got, d) }}
		add(t, &set, "stall=5s")
		add(t, &set, "stall=9s endpoint=/one") // not the whole server
		time.Sleep(time.Second)
		add(t, &set, "stall=7s")
		time.Sleep(5 * time.Second) // the first has ended, the second has two seconds left…
		synctest.Wait()
		set.Clear() // …and is ended early
		want := []time.Duration{5 * time.Second, 7 * time.Second, 3 * time.Second, 0}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func ExampleSet() {
	var set Set
	spec, err := Parse([]string{"errors=20%", "endpoint=POST /api/orders"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := set.Add(spec); err != nil {
		fmt.Println(err)
		return
	}
	_ = set.Handler(http.NotFoundHandler()) // give this to a server
	fmt.Println(set.List()[0].Fault)
	// Output: errors=20% endpoint="POST /api/orders"
}
