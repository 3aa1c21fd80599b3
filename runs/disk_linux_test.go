package runs

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// smallDisk names the environment variable that turns the test binary into a run
// on a disk without much room, under the directory it holds.
const smallDisk = "FLOODMARK_TEST_SMALL_DISK"

func TestMain(m *testing.M) {
	if root := os.Getenv(smallDisk); root != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := fillDisk(root); err != nil {
			panic(err)
		}
		return
	}
	m.Run()
}

// limitFiles sets how large files may grow.
func limitFiles(size uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = min(size, limit.Max)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}

// fillDisk writes a run until there is no room, writes what is true so far to
// full.txt, makes room, writes on, and ends with what is true to done.txt.
func fillDisk(root string) error {
	run := report.Run{Name: "small", Series: []measure.Series{{Endpoint: "GET /"}}, Open: true}
	if err := limitFiles(0); err != nil {
		return err
	}
	if _, err := Create(filepath.Join(root, "none"), run, nil); !errors.Is(err, syscall.EFBIG) {
		return errors.Join(errors.New("a run was created without room"), err)
	}
	if err := limitFiles(8000); err != nil {
		return err
	}
	j, err := Create(root, run, nil)
	if err != nil {
		return err
	}
	totals := measure.NewTotals(run.Series, nil)
	recorder := measure.NewRecorder(run.Series, nil, 1)
	summary := func() report.Summary {
		return report.Summarise(run, report.Ending{Incomplete: true, SavedAs: j.Dir()}, totals, nil)
	}
	for end := time.Second; j.Lost() < 3; end += time.Second {
		in := oneSecond(recorder, end)
		if err := j.Append(in); err == nil {
			totals.Add(in)
			continue
		}
		if j.Lost() == 1 {
			if err := writeText(filepath.Join(root, "full.txt"), summary()); err != nil {
				return err
			}
			if err := copyRun(filepath.Join(root, "full"), j.Dir()); err != nil {
				return err
			}
		}
		totals.Add(in)
	}
	if err := limitFiles(1 << 30); err != nil {
		return err
	}
	in := oneSecond(recorder, time.Minute)
	totals.Add(in)
	return errors.Join(j.Append(in), writeText(filepath.Join(root, "done.txt"), summary()), j.Close())
}

// oneSecond records some requests.
func oneSecond(recorder *measure.Recorder, end time.Duration) *measure.Interval {
	for i := range 20 {
		recorder.Lane(0).Plan(0, 0)
		recorder.Lane(0).Record(&measure.Sample{
			Done: end / 100 * time.Duration(i), Outcome: measure.Status2xx, Status: 200, Succeeded: true,
		})
	}
	in := recorder.Cut(end)
	return &in
}

func writeText(path string, s report.Summary) error {
	var out strings.Builder
	s.Ending.SavedAs = ""
	s = report.Summarise(s.Run, s.Ending, s.Totals, nil)
	if err := report.Text(&out, s); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(out.String()), 0o644)
}

func copyRun(to, from string) error { return os.CopyFS(to, os.DirFS(from)) }

// A file system without room, and later with some again: the real one.
func TestSmallDisk(t *testing.T) {
	root := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), smallDisk+"="+root)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if entries, err := os.ReadDir(filepath.Join(root, "none")); err != nil || len(entries) != 0 {
		t.Errorf("a run without room left %v, %v", entries, err)
	}
	for text, dir := range map[string]string{"full.txt": "full", "done.txt": "00010101-000000-small"} {
		want, err := os.ReadFile(filepath.Join(root, text))
		if err != nil {
			t.Fatal(err)
		}
		s := reopened(t, filepath.Join(root, dir))
		if s.Totals.Intervals() == 0 || len(s.Ending.Warnings) > 0 {
			t.Errorf("%s: %d intervals, warnings %q", text, s.Totals.Intervals(), s.Ending.Warnings)
		}
		got := filepath.Join(t.TempDir(), text)
		if err := writeText(got, s); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(got); err != nil || string(data) != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", text, data, want)
		}
	}
}

func TestDevFull(t *testing.T) {
	file, err := os.OpenFile("/dev/full", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tape := &tape{file: file, write: file.Write}
	for range 2 {
		if _, err := tape.Write([]byte("x")); err == nil {
			t.Error("no error")
		}
		if tape.size != 0 {
			t.Errorf("got size %d, want 0", tape.size)
		}
	}
}
