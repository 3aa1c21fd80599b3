package health

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A beat holds what is new since the one before, and the levels of now.
func TestBeat(t *testing.T) {
	files := tree(t, "machine")
	m := newMonitor(files)
	write(files, "proc/stat", "cpu  210137 0 54410 3813163 3370 0 2846 112 0 0\n")
	write(files, "sys/fs/cgroup/cpu.stat", "throttled_usec 400\n")
	write(files, "proc/self/task/100/schedstat", "0 1500000 1\n") // 0.5 ms more
	delete(files, "proc/self/task/101/schedstat")                 // has ended
	write(files, "proc/self/task/103/schedstat", "0 40000 1\n")   // is new
	got := m.Beat()

	want := measure.Health{
		Throttled: new(300 * time.Microsecond), Stolen: new(70 * time.Millisecond), RunQueue: new(540 * time.Microsecond),
		Sockets: &measure.Sockets{TimeWait: 4711, Ports: 28232},
	}
	same(t, "throttled", got.Throttled, want.Throttled)
	same(t, "stolen", got.Stolen, want.Stolen)
	same(t, "run queue", got.RunQueue, want.RunQueue)
	same(t, "sockets", got.Sockets, want.Sockets)
	if got.Resident == nil || *got.Resident != 4875*m.page {
		t.Errorf("resident: got %v, want %d", got.Resident, 4875*m.page)
	}
	if got.Heap <= 0 {
		t.Errorf("heap: got %d", got.Heap)
	}
	if again := m.Beat(); *again.RunQueue != 0 || *again.Stolen != 0 || *again.Throttled != 0 {
		t.Errorf("nothing happened since: got %v, %v, %v", *again.RunQueue, *again.Stolen, *again.Throttled)
	}
}

// same compares two values, each of which may be unknown.
func same[T comparable](t *testing.T, what string, got, want *T) {
	t.Helper()
	if got == nil || want == nil || *got != *want {
		t.Errorf("%s: got %v, want %v", what, got, *want)
	}
}

// What cannot be read is unknown, not zero.
func TestUnknown(t *testing.T) {
	for name, m := range map[string]*Monitor{"no /proc": newMonitor(nil), "an empty one": newMonitor(fstest.MapFS{})} {
		h := m.Beat()
		if h.Throttled != nil || h.RunQueue != nil || h.Stolen != nil || h.Resident != nil || h.Files != nil || h.Sockets != nil {
			t.Errorf("%s: got %+v, want nothing of the system", name, h)
		}
		if h.Heap <= 0 {
			t.Errorf("%s: the runtime is always there, got a heap of %d", name, h.Heap)
		}
	}
}

// A counter that appears while the run goes on has no difference yet.
func TestCounterThatAppears(t *testing.T) {
	files := tree(t, "machine")
	stat := files["proc/stat"]
	delete(files, "proc/stat")
	m := newMonitor(files)
	files["proc/stat"] = stat
	if got := m.Beat().Stolen; got != nil {
		t.Errorf("first: got %v, want nothing", *got)
	}
	same(t, "second", m.Beat().Stolen, new(time.Duration(0)))
}

// The real process, where there is a system to ask.
func TestThisProcess(t *testing.T) {
	m := New()
	garbage := make([][]byte, 64)
	for began := time.Now(); time.Since(began) < 30*time.Millisecond; {
		for i := range garbage {
			garbage[i] = make([]byte, 1<<12)
		}
	}
	runtime.GC()
	runtime.KeepAlive(garbage)
	h := m.Beat()
	if h.GC.Count == 0 || h.GC.Longest <= 0 || h.GC.Total < h.GC.Longest/2 {
		t.Errorf("after a collection: got %+v", h.GC)
	}
	if h.CPU != nil && (h.CPU.Used <= 0 || h.CPU.Allowed <= 0) {
		t.Errorf("after some work: got %+v", *h.CPU)
	}
	if runtime.GOOS != "linux" {
		return
	}
	if h.CPU == nil || h.Files == nil || h.Resident == nil || h.Sockets == nil {
		t.Fatalf("got %+v, want all of these on Linux", h)
	}
	if h.Files.Open < 3 || h.Files.Limit < h.Files.Open || *h.Resident < 1<<20 {
		t.Errorf("got %+v and %d bytes resident", *h.Files, *h.Resident)
	}
}

func TestPauses(t *testing.T) {
	bounds := []float64{math.Inf(-1), 0, 0.001, 0.002, 0.010, math.Inf(1)}
	got := newPauses(bounds, []uint64{0, 3, 7, 2, 0}, []uint64{0, 3, 4, 1, 0})
	want := measure.Pauses{Count: 4, Total: 10500 * time.Microsecond, Longest: 10 * time.Millisecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := newPauses(bounds, []uint64{0, 0, 0, 0, 1}, make([]uint64, 5)); got.Longest != 10*time.Millisecond {
		t.Errorf("beyond the last bound: got %+v", got)
	}
	if got := newPauses(bounds, make([]uint64, 5), make([]uint64, 5)); got != (measure.Pauses{}) {
		t.Errorf("none: got %+v", got)
	}
}

func TestStepsOfTheClock(t *testing.T) {
	for _, c := range []struct{ before, now, want time.Duration }{
		{0, 4 * time.Millisecond, 0},
		{0, -4 * time.Millisecond, 0},
		{0, 5 * time.Millisecond, 5 * time.Millisecond},
		{time.Second, 0, -time.Second},
		{time.Hour, 2 * time.Hour, time.Hour},
	} {
		if got := stepOf(c.before, c.now); got != c.want {
			t.Errorf("from %v to %v: got %v, want %v", c.before, c.now, got, c.want)
		}
	}
}

// Only so many threads are asked, so that the beat stays cheap.
func TestManyThreads(t *testing.T) {
	files := make(fstest.MapFS)
	for i := range 3 * maxThreads {
		write(files, "proc/self/task/"+string(rune('A'+i/100))+string(rune('0'+i%100/10))+string(rune('0'+i%10))+"/schedstat", "0 1 0\n")
	}
	var q runQueue
	same(t, "delay", q.since(&reader{fsys: files}), new(time.Duration(maxThreads)))
}

func TestFilesAreCounted(t *testing.T) {
	files := tree(t, "machine")
	got := countFiles(&reader{fsys: files})
	if fileLimit() == 0 {
		if got != nil {
			t.Errorf("got %+v without a limit", *got)
		}
		return
	}
	if got == nil || got.Open != 3 || got.Limit != fileLimit() {
		t.Errorf("got %+v, want 3 of %d", got, fileLimit())
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "123": 123, "": -1, "-1": -1, "1x": -1, "99999999999999999999": -1} {
		if got := number([]byte(text)); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestReaderReadsWhatThereIs(t *testing.T) {
	r := &reader{fsys: fstest.MapFS{"a": {Data: slices.Repeat([]byte("x"), 3*headSize)}}}
	if got := len(r.readHead("a")); got != headSize {
		t.Errorf("head: got %d bytes, want %d", got, headSize)
	}
	if got := len(r.read("a")); got != 3*headSize {
		t.Errorf("whole: got %d bytes, want %d", got, 3*headSize)
	}
	if got := r.read("b"); got != nil {
		t.Errorf("missing: got %q", got)
	}
}
