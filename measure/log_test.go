package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// someIntervals records random samples and returns their intervals.
func someIntervals(t *rapid.T, n int) []Interval {
	r := NewRecorder(twoSeries(), []time.Duration{time.Millisecond}, 2)
	var out []Interval
	for i := range n {
		at := time.Duration(i) * time.Second
		for range rapid.IntRange(0, 20).Draw(t, "samples") {
			series := rapid.IntRange(0, 1).Draw(t, "series")
			r.Lane(0).Plan(series, 0)
			r.Lane(0).Pace(durations().Draw(t, "pacing"))
			r.Lane(1).Record(&Sample{
				Series: series, Intended: at, Sent: at + durations().Draw(t, "lag"), Done: at + durations().Draw(t, "response"),
				Connect: durations().Draw(t, "connect"), Outcome: Status5xx, Status: 503, Detail: []byte("busy"),
				Succeeded: rapid.Bool().Draw(t, "ok"), BytesIn: 7, BytesOut: 9,
			})
		}
		out = append(out, r.Cut(at+time.Second))
	}
	return out
}

func TestIntervalsReadBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		intervals := someIntervals(t, rapid.IntRange(1, 4).Draw(t, "intervals"))
		var log bytes.Buffer
		lw, err := NewLogWriter(&log, twoSeries(), time.Unix(1_790_000_000, 0))
		if err != nil {
			t.Fatal(err)
		}
		var lines [][]byte
		for _, in := range intervals {
			if err := lw.Write(&in); err != nil {
				t.Fatal(err)
			}
			line, err := json.Marshal(&in)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line)
		}
		lr := NewLogReader(&log)
		for i, line := range lines {
			var got Interval
			if err := json.Unmarshal(line, &got); err != nil {
				t.Fatal(err)
			}
			if err := lr.Fill(&got); err != nil {
				t.Fatalf("interval %d: %v", i, err)
			}
			sameInterval(t, &got, &intervals[i])
		}
		if err := lr.Fill(&Interval{}); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last group: got %v, want EOF", err)
		}
	})
}

func sameInterval(t *rapid.T, got, want *Interval) {
	t.Helper()
	if got.Index != want.Index || got.Start != want.Start || got.End != want.End || len(got.Series) != len(want.Series) {
		t.Fatalf("got %v-%v with %d series, want %v-%v with %d", got.Start, got.End, len(got.Series), want.Start, want.End, len(want.Series))
	}
	if !sameHistogram(&got.Pacing, &want.Pacing) {
		t.Fatal("pacing differs")
	}
	for i, w := range want.Series {
		g := got.Series[i]
		if g.Series != w.Series || g.Counts != w.Counts || g.Outcomes != w.Outcomes || g.BytesIn != w.BytesIn || g.Late != w.Late {
			t.Fatalf("series %d: got %+v, want %+v", w.Series, g.Counts, w.Counts)
		}
		if len(g.Exemplars) != len(w.Exemplars) || len(g.Statuses) != len(w.Statuses) {
			t.Fatalf("series %d: got %v %v, want %v %v", w.Series, g.Exemplars, g.Statuses, w.Exemplars, w.Statuses)
		}
		for c := range ClockCount {
			if !sameHistogram(g.Clock(c), w.Clock(c)) {
				t.Fatalf("series %d: %v differs", w.Series, c)
			}
		}
	}
}

// The file is for every HdrHistogram tool: the library's own reader finds the
// same counts and tags in it.
func TestLogIsReadableByTheLibrary(t *testing.T) {
	r := NewRecorder(twoSeries(), nil, 1)
	for i := range 100 {
		r.Lane(0).Plan(1, 0)
		r.Lane(0).Record(&Sample{Series: 1, Done: time.Duration(i+1) * time.Millisecond, Outcome: Status2xx, Succeeded: true})
	}
	in := r.Cut(time.Second)
	var log bytes.Buffer
	lw, err := NewLogWriter(&log, twoSeries(), time.Unix(1_790_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := lw.Write(&in); err != nil {
		t.Fatal(err)
	}
	reader := hdr.NewHistogramLogReader(&log)
	got := map[string]int64{}
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		got[h.Tag()] = h.TotalCount()
		if h.Tag() == "" && (h.Max() < int64(99*time.Millisecond) || h.Max() > int64(101*time.Millisecond)) {
			t.Errorf("got max %d ns, want 100 ms", h.Max())
		}
	}
	for _, tag := range []string{"", "response/1/pay", "service/1/pay", "lag/1/pay"} {
		if got[tag] != 100 {
			t.Errorf("tag %q: got %d values, want 100 (%v)", tag, got[tag], got)
		}
	}
}

func TestTagNamesAreSafe(t *testing.T) {
	for name, want := range map[string]string{"list products": "list_products", "a,b\nc": "a_b_c", "über": "über"} {
		if got := tagName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// Bytes of any kind are refused or ignored, without a panic.
func FuzzLogReader(f *testing.F) {
	var log bytes.Buffer
	r := NewRecorder(twoSeries(), nil, 1)
	r.Lane(0).Plan(1, 0)
	r.Lane(0).Record(&Sample{Series: 1, Done: time.Millisecond, Outcome: Status2xx})
	in := r.Cut(time.Second)
	lw, err := NewLogWriter(&log, twoSeries(), time.Unix(0, 0))
	if err != nil {
		f.Fatal(err)
	}
	if err := lw.Write(&in); err != nil {
		f.Fatal(err)
	}
	line, err := json.Marshal(&in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(log.Bytes(), line)
	f.Add([]byte("Tag=response/1/x,0,1,2,HIST\n"), []byte(`{"series":[{"series":1,"clocks":{"lag":{"count":-1}}}]}`))
	f.Fuzz(func(t *testing.T, log, line []byte) {
		var in Interval
		if json.Unmarshal(line, &in) != nil {
			return
		}
		lr := NewLogReader(bytes.NewReader(log))
		for range 10 {
			if lr.Fill(&in) != nil {
				return
			}
		}
	})
}
