package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/demo-server/events"
	"github.com/floodmark/floodmark/report"
)

func TestParseAnnotations(t *testing.T) {
	for _, tt := range []struct{ text, want, err string }{
		{"127.0.0.1:8081", "http://127.0.0.1:8081", ""},
		{"http://[::1]:8081/", "http://[::1]:8081", ""},
		{"https://demo.test/admin/", "https://demo.test/admin", ""},
		{"ftp://demo.test", "", "neither http nor https"},
		{"http://", "", "no host"},
		{"demo.test:port", "", "no URL"},
		{"demo.test?token=x", "", "more than the address of a backend"},
		{"http://ada:s3cr3t@demo.test", "", "a URL with credentials"},
	} {
		got, err := parseAnnotations(tt.text)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && (!strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "s3cr3t")) {
			t.Errorf("%s: got %q, %v, want %q, %s", tt.text, got, err, tt.want, tt.err)
		}
	}
}

// An event is a mark at its own time, within the run, and as short as a mark is.
func TestAnnotate(t *testing.T) {
	d, said, dir := underWay(t)
	for _, e := range []events.Event{
		{At: d.start.Add(30 * time.Second), Text: "web-2\nwas killed by s3cr3t"},
		{At: d.start.Add(12 * time.Second), Text: strings.Repeat("ä", 250)},
		{At: d.start.Add(time.Hour), Subject: "web", Kind: "scaled"}, // its clock is fast
		{At: d.start, Missed: 2},
	} {
		d.annotate(annotation{event: e})
	}
	if len(d.marks) != 3 || d.unmarked != 3 {
		t.Fatalf("got %+v, %d unmarked, want 3 and 3", d.marks, d.unmarked)
	}
	if m := d.marks[0]; m.At != 12 || m.Text != strings.Repeat("ä", 199)+"…" {
		t.Errorf("got %+v", m)
	}
	if m := d.marks[1]; m.At != 30 || !strings.HasPrefix(m.Text, "web-2 was killed by ") {
		t.Errorf("got %+v", m)
	}
	if m := d.marks[2]; m.At < 41 || m.At > 3000 || m.Text != "web scaled" {
		t.Errorf("got %+v", m)
	}
	if got := eventLines(t, dir); strings.Count(got, `{"type":"mark","at_seconds":`) != 3 || !strings.Contains(said.String(), "00:30 mark: web-2 was killed") {
		t.Errorf("got %q, %q", got, said)
	}
}

// A stream that begins anew brings nothing twice, nor does it pass over what another
// backend at the same address tells.
func TestAnnotationsOfAnotherStream(t *testing.T) {
	start := time.Now()
	a := annotations{start: start, news: make(chan annotation, 10)}
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	for _, e := range []events.Event{
		{ID: 3, At: at(-1), Text: "before", Missed: 2},
		{ID: 4, At: at(1), Text: "one"},
		{ID: 3, At: at(-1), Text: "before", Missed: 2}, // again
		{ID: 4, At: at(1), Text: "one"},
		{ID: 5, At: at(2), Text: "two"},
		{ID: 9, At: at(3), Text: "three", Missed: 8}, // again, and the ring had no room
		{ID: 1, At: at(4), Text: "four"},             // a backend that counts anew
	} {
		a.take(t.Context(), e)
	}
	close(a.news)
	var got []string
	for it := range a.news {
		got = append(got, fmt.Sprint(it.event.Text, " ", it.event.Missed))
	}
	if want := "one 0, two 0, three 3, four 0"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

// A run tells what its backend went through, though it could not be reached at first, and
// its verdict is none the worse for that.
func TestAnnotatedRun(t *testing.T) {
	const token = "t0p-s3cr3t"
	t.Setenv(admin.TokenVariable, token)
	var log events.Log
	log.Add(events.Killed, "web-1", "before the run")
	var mu sync.Mutex
	asked := 0
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked++
		first := asked == 1
		mu.Unlock()
		if first {
			http.Error(w, `{"error":"not ready for `+token+`"}`, http.StatusServiceUnavailable)
			return
		}
		admin.Guard(log.Handler(), token).ServeHTTP(w, r)
	}))
	defer backend.Close()
	defer log.Close()
	var once sync.Once
	out := outputFlags{annotations: backend.URL, noPreflight: true} // whose request would be before the run
	r := rig{load: "{ executor: constant-arrival-rate, rate: 100/s, duration: 3s }", handler: func(http.ResponseWriter, *http.Request) {
		once.Do(func() { log.Add(events.FaultStarted, "payment", "payment fails") })
	}}
	s, _, shown := r.run(t, &out)
	if s.Verdict == report.Inconclusive && strings.Contains(s.Reason, "hand") {
		t.Errorf("%s: %s", s.Verdict, s.Reason)
	}
	marks := s.Ending.Marks
	if len(marks) != 1 || marks[0].Text != "payment fails" || marks[0].At < 0 || marks[0].At > 1 {
		t.Errorf("got marks %+v, want one of the first second", marks)
	}
	if strings.Count(shown, "WARNING: annotations: events of "+backend.URL+": it answered 503") != 1 || strings.Contains(shown, token) || len(s.Ending.Warnings) != 0 {
		t.Errorf("got %s and warnings %q", shown, s.Ending.Warnings)
	}
	if again := reopen(t, &out); len(again.Ending.Marks) != 1 || again.Ending.Marks[0] != marks[0] {
		t.Errorf("from the files: %+v", again.Ending.Marks)
	}
}

// A backend that is never there does the run no harm, and the report says so.
func TestAnnotationsInVain(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	out := outputFlags{annotations: gone.URL}
	s, shown := steerable(t, "{ executor: constant-arrival-rate, rate: 100/s, duration: 3s }", &out)
	if strings.Count(shown, "WARNING: annotations: events of "+gone.URL) != 1 || len(s.Ending.Warnings) != 1 || !strings.Contains(s.Ending.Warnings[0], "connection refused") || s.Measured.Planned != 300 {
		t.Errorf("got %s and %q, %d planned", shown, s.Ending.Warnings, s.Measured.Planned)
	}
}
