// Package journey walks the road from one server to a distributed system: stage by stage it
// starts backends, loads them, and says what the numbers show.
//
// It starts no process and opens no port: a [Bench] does, and this package asks it to. It
// does not know how load is generated either; it reads what floodmark says of a run.
//
// The main type is Journey. It goes through these steps: for each [Stage] the figures that
// theory expects are reckoned (package ideal) while nothing else goes on; the bench serves
// the backend of each [Case], loads it by the case's profiles, and does to it what the case
// says, such as to kill a replica; the backend's own counters are read before and after;
// the stage reads from all that its [Reading], rows, expectations and one sentence; and
// the runner judges which of the numbers may count. What came of it is a [Document], which
// writes itself as a table, as Markdown, as JSON and as a page.
package journey

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Journey is a walk through some stages. It is used once.
type Journey struct {
	Bench  Bench
	Stages []Stage
	// Quick takes a third of the time for all loads whose clock does not matter. The figures
	// are worse, and marked.
	Quick bool
	// Retries is how often a stage is tried again that is undecided, since its numbers do not
	// count; only while the whole journey stays below [Longest]. It is tried in the end, when
	// what disturbed the computer may be over.
	Retries int
	// Tell is told how it goes, from one goroutine at a time; nil: nobody is.
	Tell func(Progress)
	// Started is put into the document; the zero value leaves it out.
	Started time.Time
}

// Longest is what a journey takes at most.
const Longest = 10 * time.Minute

// A Progress is what happens next, or has happened.
type Progress struct {
	Stage  string // its name
	Title  string
	Number int // of the stage, from 1
	Of     int
	// Attempt is which attempt at the stage it is, from 1.
	Attempt int
	Case    string        // that begins now; empty: the stage has ended, or begins
	Left    time.Duration // until the end of the journey, at most
	Ended   *Report       // of the stage that has ended; nil: it has not
}

// Run walks through all stages, or until the context ends. What was measured by then is in
// the document, which then is marked as incomplete.
func (j *Journey) Run(ctx context.Context) Document {
	doc := Document{Schema: Schema, Started: j.Started, Quick: j.Quick, Complete: true}
	begun := time.Now()
	for i := range j.Stages {
		if ctx.Err() != nil {
			break
		}
		doc.Stages = append(doc.Stages, j.attempt(ctx, i, 1, lasts(j.Stages[i:], j.Quick)))
	}
	for range j.Retries {
		j.again(ctx, doc.Stages, begun.Add(Longest))
	}
	doc.Complete = ctx.Err() == nil
	doc.Seconds = time.Since(begun).Seconds()
	return doc
}

// again tries once more what is undecided, as far as there is time. What is interrupted
// leaves the former attempt in place.
func (j *Journey) again(ctx context.Context, reports []Report, until time.Time) {
	for i := range reports {
		took := j.Stages[i].Lasts(j.Quick)
		if ctx.Err() != nil || reports[i].Outcome() != Undecided || time.Now().Add(took).After(until) {
			continue
		}
		if report := j.attempt(ctx, i, reports[i].Attempts+1, took); report.Complete {
			reports[i] = report
		}
	}
}

// attempt goes through a stage once and tells of it. left is how long it takes from here on,
// at most.
func (j *Journey) attempt(ctx context.Context, index, attempt int, left time.Duration) Report {
	stage := j.Stages[index]
	p := Progress{Stage: stage.Name, Title: stage.Title, Number: index + 1, Of: len(j.Stages), Attempt: attempt, Left: left}
	j.tell(p)
	report := j.stage(ctx, stage, p)
	report.Attempts = attempt
	p.Left, p.Ended = left-stage.Lasts(j.Quick), &report
	j.tell(p)
	return report
}

// lasts returns how long stages take, at most.
func lasts(stages []Stage, quick bool) time.Duration {
	var sum time.Duration
	for _, stage := range stages {
		sum += stage.Lasts(quick)
	}
	return sum
}

func (j *Journey) tell(p Progress) {
	if j.Tell != nil {
		j.Tell(p)
	}
}

// stage goes through one stage.
func (j *Journey) stage(ctx context.Context, stage Stage, p Progress) Report {
	begun := time.Now()
	report := Report{
		Name: stage.Name, Title: stage.Title, Changes: stage.Changes, Lesson: stage.Lesson,
		Budget: stage.Lasts(j.Quick).Seconds(), Complete: true, Rows: []Row{}, Expectations: []Expectation{},
	}
	var theory Theory
	if stage.Theory != nil {
		theory = stage.Theory()
	}
	seen := j.cases(ctx, stage, p)
	report.Seconds = time.Since(begun).Seconds()
	if err := errors.Join(faultsOf(seen)...); err != nil {
		report.Complete = ctx.Err() == nil
		if report.Complete {
			report.Error = err.Error()
		}
		for _, o := range seen {
			if o.Err == nil {
				report.Rows = append(report.Rows, o.row())
			}
		}
		return report
	}
	reading := stage.Read(seen, theory)
	report.Rows, report.Expectations, report.Sentence = reading.Rows, reading.Expectations, reading.Sentence
	return report
}

func faultsOf(seen []*Observation) []error {
	var faults []error
	for _, o := range seen {
		if o.Err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", o.Case.Name, o.Err))
		}
	}
	return faults
}

// cases measures all cases of a stage, one after the other or at the same time.
func (j *Journey) cases(ctx context.Context, stage Stage, p Progress) []*Observation {
	seen := make([]*Observation, len(stage.Cases))
	var running sync.WaitGroup
	var telling sync.Mutex
	for i, one := range stage.Cases {
		now := p
		now.Case = one.Name
		measure := func() {
			telling.Lock()
			j.tell(now)
			telling.Unlock()
			seen[i] = j.observe(ctx, one)
		}
		if stage.Together {
			running.Go(measure)
			continue
		}
		measure()
		p.Left -= one.lasts(j.Quick)
	}
	running.Wait()
	return seen
}
