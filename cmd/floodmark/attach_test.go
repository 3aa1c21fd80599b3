package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// A second before anything was answered has no numbers, and says so.
func TestPictureOfNothing(t *testing.T) {
	p, err := parsePicture([]byte(`{"second":{"at_seconds":1,"stage":"main\u001b[2J 1/1","response":{"p50_seconds":null},"slos":[{"status":"missed"},{"status":"met"}]},"view":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(p.line(), " ")
	if want := "00:01 main 1/1    0/0/s flight 0 p50 - p99 - err - slo 1/2 missed gen in doubt"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if _, err := parsePicture([]byte(`[]`)); err == nil {
		t.Error("a list is no snapshot")
	}
}

// Snapshots come each second, lines when they are due; events and warnings at once.
func TestPlainView(t *testing.T) {
	var out, faults bytes.Buffer
	v := plainView{attachment: &attachment{every: 5 * time.Second, env: environment{out: &out, err: &faults}}}
	for _, at := range []string{"2.0", "3.0", "4.9", "5.1", "9.9", "31.0", "32.0"} {
		v.snapshot([]byte(`{"second":{"at_seconds":` + at + `,"stage":"` + at + `"}}`))
	}
	v.event([]byte(`{"at_seconds":41.5,"mark":"deployed\n1.4.2"}`))
	v.event([]byte(`{"at_seconds":42,"note":"checkout is down"}`))
	v.event([]byte(`{"warning":"disk full"}`))
	v.event([]byte(`{"at_seconds":44,"alert":{"slo":"a","rule":"dip","to":"pending"}}`))
	v.event([]byte(`{"at_seconds":45,"something":"of a later version"}`))
	v.missed(3)
	var got []string
	for line := range strings.Lines(out.String()) {
		if _, after, ok := strings.Cut(line, " 00:"); ok && len(line) > 40 {
			line = after
		}
		got = append(got, strings.TrimSuffix(line, "\n")[:min(len(line)-1, 30)])
	}
	want := []string{
		"02 2.0         0/0/s flight 0 ", "05 5.1         0/0/s flight 0 ", "31 31.0        0/0/s flight 0 ",
		"00:41 mark: deployed 1.4.2", "00:42 checkout is down", "WARNING: disk full",
		"3 events were missed: the run'",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	v.snapshot([]byte(`x`))
	v.event([]byte(`x`))
	if got := strings.Count(faults.String(), "WARNING: "); got != 2 {
		t.Errorf("got %q", faults.String())
	}
}
