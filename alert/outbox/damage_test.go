package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/alert"
)

// Wherever the process died, what was whole counts, what was not is cut off, and the
// next entry is whole again.
func TestTornFile(t *testing.T) {
	data := story(t)
	path := filepath.Join(t.TempDir(), File)
	start := 0
	for text := range bytes.Lines(data) {
		want := opened(t, path, data[:start])
		for _, part := range []int{1, 12, len(text) / 2, len(text) - 2, len(text) - 1} {
			torn := data[:start+part]
			if got := opened(t, path, torn); got != want {
				t.Errorf("cut at %d: got\n%s\nwant\n%s", len(torn), got, want)
			}
			must(t, os.WriteFile(path, torn, 0o600))
			box := reopen(t, path)
			before := box.Count().Pending
			must(t, box.Add(notice("n9", "other", alert.Fired, "chat")))
			must(t, box.Close())
			if got, err := Read(path); err != nil || start > 0 && got.Problems != nil { // without a head, that is one
				t.Errorf("cut at %d, and one more: got problems %q, %v", len(torn), got.Problems, err)
			}
			box = reopen(t, path)
			if got := box.Count().Pending; got != before+1 {
				t.Errorf("cut at %d: got %d pending after one more than %d", len(torn), got, before)
			}
			must(t, box.Close())
		}
		start += len(text)
	}
}

// opened returns the state of a box of which this is the file.
func opened(t *testing.T, path string, data []byte) string {
	t.Helper()
	must(t, os.WriteFile(path, data, 0o600))
	l, err := Read(path)
	must(t, err)
	box := reopen(t, path)
	defer box.Close()
	if l.Problems != nil || box.Problems() != nil {
		t.Errorf("%d bytes: got problems %q and %q, want none", len(data), l.Problems, box.Problems())
	}
	return state(box)
}

// Every byte of a line may be the last one.
func TestTornLine(t *testing.T) {
	data := story(t)
	last := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	want, err := replay(File, data[:last])
	must(t, err)
	for size := last; size < len(data); size++ {
		h, err := replay(File, data[:size])
		if err != nil || h.problems != nil || h.count() != want.count() {
			t.Errorf("cut at %d: got %+v, %q, %v, want %+v", size, h.count(), h.problems, err, want.count())
		}
	}
}

// A damaged line is reported, and takes nothing else along.
func TestDamagedLine(t *testing.T) {
	data := story(t)
	path := filepath.Join(t.TempDir(), File)
	at := 0
	for i, text := range bytes.SplitAfter(data, []byte("\n")) {
		for _, offset := range []int{0, 5, 14, len(text) / 2, len(text) - 2} {
			if offset < 0 || offset >= len(text) {
				continue
			}
			spoilt := bytes.Clone(data)
			spoilt[at+offset] ^= 1
			must(t, os.WriteFile(path, spoilt, 0o600))
			l, err := Read(path)
			must(t, err)
			if want := fmt.Sprintf("%s:%d: ", path, i+1); len(l.Problems) == 0 || !strings.HasPrefix(l.Problems[0], want) {
				t.Errorf("line %d, byte %d: got %q, want it to begin with %q", i+1, offset, l.Problems, want)
			}
			without := bytes.Join([][]byte{data[:at], data[at+len(text):]}, nil)
			must(t, os.WriteFile(path, without, 0o600))
			rest, err := Read(path)
			must(t, err)
			if got, want := items(l), items(rest); got != want {
				t.Errorf("line %d, byte %d: got\n%s\nwant\n%s", i+1, offset, got, want)
			}
		}
		at += len(text)
	}
}

// items writes the items of a listing.
func items(l *Listing) string {
	var out strings.Builder
	for _, it := range l.Items {
		fmt.Fprintf(&out, "%s %s %s %s\n", it.Notice.ID, it.Receiver, it.State, it.Message)
	}
	return out.String()
}

// What another version has written is not guessed at.
func TestOtherSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), File)
	text, err := encode(entry{Type: headEntry, Schema: "floodmark.outbox/v2"})
	must(t, err)
	must(t, os.WriteFile(path, text, 0o600))
	for _, open := range []func(string) error{
		func(path string) error { _, err := Open(path); return err },
		func(path string) error { _, err := Read(path); return err },
	} {
		if err := open(path); err == nil || !strings.Contains(err.Error(), `written as "floodmark.outbox/v2", and this floodmark reads "floodmark.outbox/v1"`) {
			t.Errorf("got %v", err)
		}
	}
	must(t, os.WriteFile(path, nil, 0o600)) // killed before the head
	if got := reopen(t, path).Count(); got != (Count{}) {
		t.Errorf("got %+v, want nothing", got)
	}
}

// A numbered is a disk whose n-th operation fails, and sometimes the cut after it too.
type numbered struct {
	t         *tape
	n         int // operations until the one that fails
	cutsToo   bool
	partially int // bytes that a failing write leaves
}

var errDisk = errors.New("no space left on device")

// fails counts an operation.
func (d *numbered) fails() bool {
	d.n--
	return d.n == -1 || d.cutsToo && d.n == -2
}

// on puts itself between a box and its file.
func (d *numbered) on(box *Box) {
	d.t = box.tape
	write, sync, cut := d.t.write, d.t.sync, d.t.cut
	d.t.write = func(p []byte) (int, error) {
		if d.fails() {
			n, _ := write(p[:min(d.partially, len(p))])
			return n, errDisk
		}
		return write(p)
	}
	d.t.sync = func() error {
		if d.fails() {
			return errDisk
		}
		return sync()
	}
	d.t.cut = func(size int64) error {
		if d.fails() {
			return errDisk
		}
		return cut(size)
	}
}

// Whichever operation of the disk fails, the caller hears of it, memory goes on, and
// the next entry brings the file up to date.
func TestDiskFailsOnce(t *testing.T) {
	for _, cuts := range []bool{false, true} {
		for _, part := range []int{0, 1, 100, 1 << 20} {
			for n := range 14 {
				box, path := create(t)
				disk := &numbered{n: n, cutsToo: cuts, partially: part}
				quick(box)
				disk.on(box)
				heard := 0
				try := func(err error) {
					if errors.Is(err, errDisk) {
						heard++
					}
				}
				try(box.Add(notice("n1", "dip", alert.Fired, "chat")))
				l := letter(box, "msg_1", "chat", 0)
				try(box.Begin(l))
				try(box.Done(l, alert.Answer{Outcome: alert.Delivered}))
				try(box.Add(notice("n2", "dip", alert.Resolved, "chat"), notice("n3", "slow", alert.Fired, "pager")))
				try(box.Begin(letter(box, "msg_2", "chat", 0)))
				try(box.Add(notice("n4", "dip", alert.Fired, "chat")))
				want := state(box)
				if failed := n < 12; failed != (heard > 0) { // six entries, a write and a sync each
					t.Errorf("operation %d: the caller has heard of %d failures", n, heard)
				}
				must(t, box.Close())
				again := reopen(t, path)
				if got := state(again); got != want || again.Problems() != nil {
					t.Errorf("operation %d, cuts %t, part %d: got\n%s%q\nwant\n%s", n, cuts, part, got, again.Problems(), want)
				}
			}
		}
	}
}

// A disk that has no room for long has everything when it has some.
func TestFullDisk(t *testing.T) {
	box, path := create(t)
	write := box.tape.write
	box.tape.write = func(p []byte) (int, error) { n, _ := write(p[:len(p)/2]); return n, errDisk }
	for i := range 5 {
		if err := box.Add(notice(fmt.Sprint("n", i), "dip", alert.Fired, "chat")); !errors.Is(err, errDisk) {
			t.Fatalf("got %v, want what the disk said", err)
		}
	}
	if l, err := Read(path); err != nil || len(l.Items) != 0 || l.Problems != nil {
		t.Errorf("got %v, %v, want a file without halves", l, err)
	}
	if _, loose := box.Waiting("chat"); loose != 5 {
		t.Errorf("got %d in memory, want 5", loose)
	}
	box.tape.write = write
	must(t, box.Begin(letter(box, "msg_1", "chat", 0)))
	if l, err := Read(path); err != nil || len(l.Items) != 5 || l.Items[4].Message != "msg_1" {
		t.Errorf("got %v, %v, want all and the message", l, err)
	}
}

// Whatever is in the file, opening it does not panic, and what is added then is found.
func FuzzOpen(f *testing.F) {
	data := story(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("{}\n\nnull\n" + `{"crc32c":"00000000","entry":{}}` + "\n"))
	for _, e := range []entry{{Type: noticeEntry}, {Type: doneEntry, Message: "m"}, {Type: sendingEntry, Message: "m", Alerts: []listed{{}}}, {Type: "other"}} {
		text, err := encode(e)
		must(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), File)
		must(t, os.WriteFile(path, data, 0o600))
		box, err := Open(path)
		if err != nil {
			return
		}
		quick(box)
		before := box.Count()
		must(t, box.Add(notice("only here", "other", alert.Fired, "chat")))
		must(t, box.Close())
		if after := reopen(t, path).Count(); after.Pending != before.Pending+1 {
			t.Errorf("got %+v after one more than %+v", after, before)
		}
	})
}
