package runs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

const (
	maxSlug       = 40   // bytes of a run's name in its directory's
	maxCollisions = 1000 // runs of one name started in one second
)

// Create makes a directory for the run under root, which it makes too if need
// be, and writes everything that is known before the load starts; an empty
// profile is left out. On an error nothing is left behind but root; it says
// which path and why, and its method Hint() string what to do.
func Create(root string, run report.Run, profile []byte) (*Journal, error) {
	j, err := create(root, run, profile)
	if err != nil {
		return nil, unsaved(err)
	}
	return j, nil
}

// unsaved says that a run cannot be saved, and the ways out.
func unsaved(err error) error {
	return &hintError{
		fmt.Errorf("the run cannot be saved: %w", err),
		"save it elsewhere with --runs DIR, or not at all with --no-save",
	}
}

func create(root string, run report.Run, profile []byte) (*Journal, error) {
	dir, err := makeDir(root, run)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir}
	if err := j.writeHeads(run, profile); err != nil {
		j.abandon()
		return nil, err
	}
	return j, nil
}

// makeDir makes a directory that did not exist, numbered where its name was
// taken.
func makeDir(root string, run report.Run) (string, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	name := run.Started.Format("20060102-150405") + "-" + slug(run.Name)
	for i := 1; ; i++ {
		dir := filepath.Join(root, name)
		if i > 1 {
			dir = fmt.Sprintf("%s-%d", dir, i)
		}
		err := os.Mkdir(dir, 0o755)
		if err == nil || !errors.Is(err, fs.ErrExist) || i == maxCollisions {
			return dir, err
		}
	}
}

// slug makes a name fit for a path on any system: small letters, digits, dots
// and dashes.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_'
	})
	short := strings.Trim(strings.Join(words, "-"), ".-_")
	short = strings.TrimRight(short[:min(len(short), maxSlug)], ".-_")
	if short == "" {
		return "run"
	}
	return short
}

// writeHeads writes the profile and the beginnings of both files, and waits for
// the disk: some systems notice only then that it is full.
func (j *Journal) writeHeads(run report.Run, profile []byte) error {
	if len(profile) > 0 {
		if err := os.WriteFile(filepath.Join(j.dir, profileFile), profile, 0o644); err != nil {
			return err
		}
	}
	head, err := marshalLine(runLine, run)
	if err != nil {
		return err
	}
	if j.hlog, err = newTape(filepath.Join(j.dir, hlogFile)); err != nil {
		return err
	}
	if j.log, err = measure.NewLogWriter(j.hlog, run.Series, run.Started); err != nil {
		return err
	}
	if err := j.hlog.file.Sync(); err != nil {
		return err
	}
	if j.events, err = j.beginEvents(head); err != nil {
		return err
	}
	_, err = marshalLine(intervalLine, &measure.Interval{}) // encoding learns the types before the run begins
	return err
}

// beginEvents makes the file that makes a run of the directory. It is there with its
// head or not at all, whenever the program is killed.
func (j *Journal) beginEvents(head []byte) (*tape, error) {
	path := filepath.Join(j.dir, eventsFile)
	err := writeWhole(path, func(w io.Writer) error {
		_, err := w.Write(head)
		return err
	})
	if err != nil {
		return nil, err
	}
	return continueTape(path, int64(len(head)))
}

// abandon removes what Create has made.
func (j *Journal) abandon() {
	for _, t := range []*tape{j.hlog, j.events} {
		if t != nil {
			_ = t.file.Close() // the error that led here matters more
		}
	}
	_ = os.RemoveAll(j.dir)
}

// A hintError is an error with a way out.
type hintError struct {
	error
	hint string
}

// Unwrap returns the cause.
func (e *hintError) Unwrap() error { return e.error }

// Hint returns what to do about it.
func (e *hintError) Hint() string { return e.hint }
