package runs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// The files of a run.
const (
	profileFile = "profile.yaml"
	eventsFile  = "events.ndjson"
	hlogFile    = "run.hlog"
	resultFile  = "result.json"
)

// The types of lines in events.ndjson that have a meaning here.
const (
	runLine      = "run"
	intervalLine = "interval"
	endedLine    = "ended"
	changeLine   = "alert"
	noticeLine   = "notice"
	deliveryLine = "delivery"
	controlLine  = "control"
	markLine     = "mark"
)

// A Journal is a run that is being written down. [Create] makes one. Its methods
// may be called from one goroutine at a time.
type Journal struct {
	dir     string
	events  *tape
	hlog    *tape
	log     *measure.LogWriter
	pending *measure.Interval // what could not be written yet, joined
	lost    int               // how many intervals pending holds
}

// Append adds an interval. On an error nothing of it is in the files, the run can
// go on, and the next Append tries again: it writes what is missing and the new
// interval as one, so that counts stay whole and only the seconds are no longer
// told apart. The caller must not change the interval afterwards.
func (j *Journal) Append(in *measure.Interval) error {
	if j.pending != nil {
		in = join(j.pending, in)
	}
	if err := j.append(in); err != nil {
		j.pending = in
		j.lost++
		return err
	}
	j.pending, j.lost = nil, 0
	return nil
}

// append writes the histograms, then the line that makes them valid.
func (j *Journal) append(in *measure.Interval) error {
	line, err := marshalLine(intervalLine, in)
	if err != nil {
		return err
	}
	before := j.hlog.size
	if err := j.log.Write(in); err != nil {
		return err
	}
	if _, err := j.events.Write(line); err != nil {
		j.hlog.cut(before)
		return err
	}
	return nil
}

// Lost returns how many intervals are not in the files: 0 unless the last Append
// failed.
func (j *Journal) Lost() int { return j.lost }

// Event notes something that happened at an offset from the start of the run,
// such as started, stopped, interrupted or note. Readers of intervals skip it.
// Kinds that have a method or a meaning here are the journal's own.
func (j *Journal) Event(kind string, at time.Duration, fields map[string]any) error {
	switch kind {
	case runLine, intervalLine, endedLine, changeLine, noticeLine, deliveryLine, controlLine, markLine, "":
		return fmt.Errorf("event of kind %q: the journal's own", kind)
	}
	all := maps.Clone(fields)
	if all == nil {
		all = make(map[string]any)
	}
	all["at_seconds"] = at.Seconds()
	delete(all, "type")
	return j.note(kind, all)
}

// Change notes that an alert has changed its state.
func (j *Journal) Change(c report.Change) error { return j.note(changeLine, c) }

// Notice notes what people are told.
func (j *Journal) Notice(n alert.Notice) error { return j.note(noticeLine, n) }

// Delivery notes an attempt to tell a receiver.
func (j *Journal) Delivery(d report.Delivery) error { return j.note(deliveryLine, d) }

// Control notes that somebody has changed the load by hand.
func (j *Journal) Control(s report.Steer) error { return j.note(controlLine, s) }

// Mark notes what somebody wrote down.
func (j *Journal) Mark(m report.Mark) error { return j.note(markLine, m) }

// note writes a line that readers know.
func (j *Journal) note(kind string, object any) error {
	line, err := marshalLine(kind, object)
	if err != nil {
		return fmt.Errorf("event %s: %w", kind, err)
	}
	_, err = j.events.Write(line)
	return err
}

// Finish writes how the run ended and its result, and waits until the disk has
// everything. The result replaces an older one at once, or not at all. Call it
// once, after the last Append.
func (j *Journal) Finish(s report.Summary) error {
	line, err := marshalLine(endedLine, s.Ending)
	if err != nil {
		return err
	}
	if _, err := j.events.Write(line); err != nil {
		return err
	}
	if err := errors.Join(j.hlog.file.Sync(), j.events.file.Sync()); err != nil {
		return err
	}
	return writeWhole(filepath.Join(j.dir, resultFile), func(w io.Writer) error { return report.JSON(w, s) })
}

// Dir returns the run's directory.
func (j *Journal) Dir() string { return j.dir }

// Close closes the files. What was appended stays readable, finished or not.
func (j *Journal) Close() error {
	return errors.Join(j.hlog.file.Close(), j.events.file.Close())
}

// marshalLine writes a JSON object as one line, with its type in front.
func marshalLine(kind string, object any) ([]byte, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	line := fmt.Appendf(nil, `{"type":%q,`, kind)
	line = append(line, bytes.TrimPrefix(data, []byte("{"))...)
	return append(line, '\n'), nil
}

// writeWhole writes a file under another name and renames it once the disk has
// it, so that nobody ever reads a part of it.
func writeWhole(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(file), file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can; the file itself is safe
		return dir.Close()
	}
	return nil
}
