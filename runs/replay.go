package runs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// Summarise draws the summary from the run's files: the same as was drawn from
// the run itself, but for a run that never ended, whose summary is that of the
// part which was recorded, marked incomplete. It fails only when the files
// cannot be opened; what is wrong inside them is told in the summary's warnings.
func Summarise(s *Saved) (report.Summary, error) {
	totals := measure.NewTotals(s.Run.Series, s.Run.Under)
	var trackers []*slo.Tracker
	var unread []string
	for _, text := range s.Run.Objectives {
		objective, err := text.Objective()
		if err != nil {
			unread = append(unread, eventsFile+":1: "+err.Error())
			continue
		}
		trackers = append(trackers, slo.NewTracker(objective, totals))
	}
	ending, err := s.Replay(func(in *measure.Interval) bool {
		totals.Add(in)
		for _, t := range trackers {
			t.Add(in)
		}
		return true
	})
	if err != nil {
		return report.Summary{}, err
	}
	ending.Warnings = append(ending.Warnings, unread...)
	ending.Incomplete = ending.Incomplete || len(unread) > 0
	var statuses []slo.Status
	for _, t := range trackers {
		statuses = append(statuses, t.Status())
	}
	return report.Summarise(s.Run, ending, totals, statuses), nil
}

// Replay calls yield for each interval of the run, in order, until it returns
// false or there are no more, and returns how the run ended. An interval that
// was being written when the run broke off is left out. Of files damaged
// elsewhere everything before the damage is used, and the ending's warnings name
// the place. Its error is that a file cannot be opened.
func (s *Saved) Replay(yield func(*measure.Interval) bool) (report.Ending, error) {
	events, err := os.Open(filepath.Join(s.Dir, eventsFile))
	if err != nil {
		return report.Ending{}, err
	}
	defer events.Close() //nolint:errcheck // only read
	hlog, err := os.Open(filepath.Join(s.Dir, hlogFile))
	if err != nil {
		return report.Ending{}, err
	}
	defer hlog.Close() //nolint:errcheck // only read
	r := replay{events: bufio.NewReader(events), log: measure.NewLogReader(hlog), series: len(s.Run.Series)}
	ending := r.run(yield)
	ending.SavedAs = s.Dir
	r.alerts.Undelivered, r.alerts.Required = ending.Alerts.Undelivered, ending.Alerts.Required
	if ending.Incomplete {
		r.alerts.Undelivered = r.alerts.Unheard()
	}
	ending.Alerts, ending.Steered, ending.Marks = r.alerts, r.steers, r.marks
	return ending, nil
}

// Steered returns what was done to the run's load by hand, as far as the events can be
// read.
func (s *Saved) Steered() ([]report.Steer, error) {
	events, err := os.Open(filepath.Join(s.Dir, eventsFile))
	if err != nil {
		return nil, err
	}
	defer events.Close() //nolint:errcheck // only read
	var steers []report.Steer
	for in := bufio.NewReader(events); ; {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return steers, nil // what follows the last line break was cut off
		}
		if kind, err := lineType(line); err != nil || kind != controlLine {
			continue
		}
		if collect(line, func(s report.Steer) { steers = append(steers, s) }) != nil {
			return steers, nil
		}
	}
}

// A replay reads both files side by side.
type replay struct {
	events *bufio.Reader
	log    *measure.LogReader
	series int
	line   int // of events, counted from 1
	end    time.Duration
	alerts report.Alerts
	steers []report.Steer
	marks  report.Marks
}

// run reads to the end, or to the first damage.
func (r *replay) run(yield func(*measure.Interval) bool) report.Ending {
	broken := report.Ending{Incomplete: true}
	if _, err := parseHead(r.events); err != nil {
		broken.Warnings = []string{err.Error() + ": nothing is known of the run"}
		return broken
	}
	for r.line = 2; ; r.line++ {
		line, err := r.events.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return broken // what follows the last line break was cut off
		}
		var done bool
		var ending report.Ending
		if err == nil {
			ending, done, err = r.step(line, yield)
		}
		if err != nil {
			broken.Warnings = []string{fmt.Sprintf("%v: only what was before it is used, until %v",
				err, r.end.Round(time.Millisecond))}
			return broken
		}
		if done {
			return ending
		}
	}
}

// step deals with one line of events; done tells that nothing more is wanted.
func (r *replay) step(line []byte, yield func(*measure.Interval) bool) (ending report.Ending, done bool, err error) {
	kind, err := lineType(line)
	if err != nil {
		return ending, false, r.fault(err)
	}
	switch kind {
	case endedLine:
		if err := json.Unmarshal(line, &ending); err != nil {
			return ending, false, r.fault(err)
		}
		return ending, true, nil
	case intervalLine:
		in, err := r.interval(line)
		if err != nil {
			return ending, false, err
		}
		r.end = in.End
		return report.Ending{Incomplete: true}, !yield(in), nil
	case changeLine:
		err = collect(line, r.alerts.AddChange)
	case noticeLine:
		err = collect(line, r.alerts.AddNotice)
	case deliveryLine:
		err = collect(line, r.alerts.AddDelivery)
	case controlLine:
		err = collect(line, func(s report.Steer) { r.steers = append(r.steers, s) })
	case markLine:
		err = collect(line, func(m report.Mark) { r.marks.Add(m) })
	}
	if err != nil {
		return ending, false, r.fault(err)
	}
	return ending, false, nil
}

// collect hands on what a line holds.
func collect[T any](line []byte, add func(T)) error {
	var object T
	if err := json.Unmarshal(line, &object); err != nil {
		return err
	}
	add(object)
	return nil
}

// interval reads an interval from its line, and its histograms from the log.
func (r *replay) interval(line []byte) (*measure.Interval, error) {
	in := new(measure.Interval)
	if err := json.Unmarshal(line, in); err != nil {
		return nil, r.fault(err)
	}
	for _, part := range in.Series {
		if part.Series < 0 || part.Series >= r.series {
			return nil, r.fault(fmt.Errorf("series %d, where the run has %d", part.Series, r.series))
		}
	}
	err := r.log.Fill(in)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%s: the file ends before interval %d is whole", hlogFile, in.Index)
	case err != nil:
		return nil, fmt.Errorf("%s: interval %d: %w", hlogFile, in.Index, err)
	case !filled(in):
		return nil, fmt.Errorf("%s: interval %d is not whole", hlogFile, in.Index)
	}
	return in, nil
}

// fault says where in the events something is wrong.
func (r *replay) fault(err error) error {
	return fmt.Errorf("%s:%d: %w", eventsFile, r.line, err)
}

// filled reports whether every histogram has all its values: a log that was cut
// between two lines of a group reads without an error.
func filled(in *measure.Interval) bool {
	if !whole(&in.Pacing) {
		return false
	}
	for _, part := range in.Series {
		for c := range measure.ClockCount {
			if !whole(part.Clock(c)) {
				return false
			}
		}
	}
	return true
}

// whole reports whether the buckets hold as many values as were counted.
func whole(h *measure.Histogram) bool {
	var n int64
	for _, k := range h.Buckets {
		n += k
	}
	return n == h.Count()
}
