package verify

import (
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

func TestTruth(t *testing.T) {
	arrivals := []time.Duration{0, 10 * ms, 20 * ms, 30 * ms}
	classes := []int{1, 0, 1, 0}
	// In the order in which connections end, not that of the arrivals. The second of class
	// 1 is answered before the first.
	visits := []visit{
		{class: 0, received: 31 * ms, answered: 36 * ms},
		{class: 1, received: 22 * ms, answered: 29 * ms},
		{class: 0, received: 14 * ms, answered: 15 * ms},
		{class: 1, received: 3 * ms, answered: 40 * ms},
	}
	got, err := tellTruth(arrivals, classes, visits)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		histogram *measure.Histogram
		want      [4]time.Duration // in ascending order
	}{
		{"response", &got.response, [4]time.Duration{5 * ms, 6 * ms, 9 * ms, 40 * ms}},
		{"service", &got.service, [4]time.Duration{1 * ms, 5 * ms, 7 * ms, 37 * ms}},
		{"lag", &got.lag, [4]time.Duration{1 * ms, 2 * ms, 3 * ms, 4 * ms}},
	} {
		for i, want := range test.want {
			value := test.histogram.AtRank(int64(i + 1))
			if value < want || value > want+want/500+time.Microsecond {
				t.Errorf("%s, rank %d: got %v, want %v", test.name, i+1, value, want)
			}
		}
	}
}

func TestTruthOfAnotherRun(t *testing.T) {
	arrivals, classes := []time.Duration{0, 10 * ms}, []int{0, 1}
	for _, test := range []struct {
		visits []visit
		want   string
	}{
		{[]visit{{}}, "2 requests were planned, and 1 reached"},
		{[]visit{{}, {class: 1}, {}}, "2 requests were planned, and 3 reached"},
		{[]visit{{}, {}}, "more requests of class 0"},
	} {
		_, err := tellTruth(arrivals, classes, test.visits)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}
