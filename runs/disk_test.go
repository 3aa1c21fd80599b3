package runs

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

// fill makes a tape's disk full: a write leaves a part of itself and fails.
func (t *tape) fill(part int) {
	t.write = func(p []byte) (int, error) {
		n, err := t.file.Write(p[:min(part, len(p))])
		return n, errors.Join(err, syscall.ENOSPC)
	}
}

// free makes room again.
func (t *tape) free() { t.write = t.file.Write }

// Disks fill up and empty again. Whatever happens, the files hold a true part of
// the run, and after a write that succeeds all of it.
func TestFullDisk(t *testing.T) {
	run := testRun(t, "x")
	run.Objectives = nil // seconds that were joined are judged as one
	rapid.Check(t, func(rt *rapid.T) {
		j := mustCreate(t, t.TempDir(), run)
		live := follow(t, run)
		recorded, lost := render(t, cutSummary(live, j.Dir())), 0
		for _, in := range alike(intervals(rt, run, 3)) {
			live.add(in)
			full := rapid.SampledFrom([]*tape{nil, j.hlog, j.events}).Draw(rt, "full")
			if full == nil {
				if err := j.Append(in); err != nil {
					rt.Fatal(err)
				}
				recorded, lost = render(t, cutSummary(live, j.Dir())), 0
			} else {
				full.fill(rapid.IntRange(0, 400).Draw(rt, "part"))
				if err := j.Append(in); !errors.Is(err, syscall.ENOSPC) {
					rt.Errorf("got %v, want %v", err, syscall.ENOSPC)
				}
				full.free()
				lost++
			}
			if j.Lost() != lost {
				rt.Errorf("got %d lost, want %d", j.Lost(), lost)
			}
			if diff := difference(render(t, reopened(t, j.Dir())), recorded); diff != "" {
				rt.Fatal(diff)
			}
		}
	})
}

// alike gives all seconds the same health: which of them had the most of something
// is what joining forgets.
func alike(all []*measure.Interval) []*measure.Interval {
	for _, in := range all {
		in.Health = &measure.Health{
			CPU:      &measure.CPU{Used: 300 * time.Millisecond, Allowed: 2 * time.Second, Limit: measure.LimitCPUs},
			RunQueue: new(3 * time.Millisecond), GC: measure.Pauses{Count: 2, Total: 300 * time.Microsecond, Longest: 200 * time.Microsecond},
			Heap: 4e6, Sockets: &measure.Sockets{TimeWait: 7, Ports: 28232}, ClockStep: 7 * time.Millisecond,
		}
	}
	return all
}

// Joining intervals and adding them one by one comes to the same.
func TestJoin(t *testing.T) {
	run := testRun(t, "x")
	run.Objectives = nil
	rapid.Check(t, func(rt *rapid.T) {
		one, each := follow(t, run), follow(t, run)
		var joined *measure.Interval
		for i, in := range alike(intervals(rt, run, rapid.IntRange(1, 5).Draw(rt, "seconds"))) {
			each.add(in)
			if i == 0 {
				joined = in
			} else {
				joined = join(joined, in)
			}
		}
		one.add(joined)
		if diff := difference(render(t, cutSummary(one, "")), render(t, cutSummary(each, ""))); diff != "" {
			rt.Error(diff)
		}
	})
}

// A tape whose file cannot even be cut back says so, and writes nothing after
// the torn end.
func TestTornTape(t *testing.T) {
	tape, err := newTape(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tape.Write([]byte("whole\n")); err != nil {
		t.Fatal(err)
	}
	tape.fill(3)
	if _, err := tape.Write([]byte("torn\n")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	file := tape.file
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	tape.cut(tape.size)
	if _, err := tape.Write([]byte("more\n")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want %v", err, os.ErrClosed)
	}
	data, err := os.ReadFile(file.Name())
	if err != nil || string(data) != "whole\n" {
		t.Errorf("got %q, %v", data, err)
	}
}
