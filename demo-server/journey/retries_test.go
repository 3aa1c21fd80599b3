package journey_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/journey"
)

// A stage whose numbers do not count is tried again, as often as is allowed and no more;
// the last attempt is what is kept.
func TestRetries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		retries, busy  int // how many runs the computer is busy for
		attempts, told int
		want           journey.Outcome
	}{
		{"not allowed", 0, 2, 1, 1, journey.Undecided},
		{"busy once", 1, 2, 2, 2, journey.Holds},
		{"not needed", 3, 0, 1, 1, journey.Holds},
		{"busy for ever", 2, 1000, 3, 3, journey.Undecided},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stages, err := journey.Pick(journey.Stages(), []string{"04b"})
			if err != nil {
				t.Fatal(err)
			}
			stages[0].Together = false
			stages[0].Cases, stages[0].Theory, stages[0].Read = stages[0].Cases[:2], nil, holdsIfItCounts
			bench := &fakeBench{invalid: c.busy > 0}
			runs := 0
			bench.ran = func() { runs++; bench.invalid = runs <= c.busy }
			var attempts []int
			j := journey.Journey{Bench: bench, Stages: stages, Retries: c.retries, Tell: func(p journey.Progress) {
				if p.Ended != nil {
					attempts = append(attempts, p.Attempt)
				}
			}}
			doc := j.Run(t.Context())
			if got := doc.Outcome(); got != c.want || len(doc.Stages) != 1 || doc.Stages[0].Attempts != c.attempts || len(attempts) != c.told {
				t.Errorf("got %s, %d stages at attempt %d, told of %v; want %s at attempt %d", got, len(doc.Stages), doc.Stages[0].Attempts, attempts, c.want, c.attempts)
			}
			var b bytes.Buffer
			if err := doc.Table(&b, 80); err != nil {
				t.Fatal(err)
			}
			if said := strings.Contains(b.String(), ", attempt "); said != (c.attempts > 1) {
				t.Errorf("after %d attempts the table is:\n%s", c.attempts, b.String())
			}
		})
	}
}

// holdsIfItCounts reads nothing but whether the rows count.
func holdsIfItCounts(seen []*journey.Observation, _ journey.Theory) journey.Reading {
	e := journey.Expectation{Text: "it counts", Holds: true, Counts: true}
	for _, o := range seen {
		for _, run := range o.Runs {
			e.Counts = e.Counts && run.Result.Generator.Valid
		}
	}
	return journey.Reading{Rows: []journey.Row{}, Expectations: []journey.Expectation{e}}
}

// Attempts end where the journey would become longer than it may.
func TestRetriesEndWithTheTime(t *testing.T) {
	t.Parallel()
	stages, err := journey.Pick(journey.Stages(), []string{"04b"})
	if err != nil {
		t.Fatal(err)
	}
	stages[0].Theory, stages[0].Read = nil, holdsIfItCounts
	stages[0].Cases[0].Loads[0].Lasts = journey.Longest + time.Second
	doc := (&journey.Journey{Bench: &fakeBench{invalid: true}, Stages: stages, Retries: 3}).Run(t.Context())
	if got := doc.Stages[0].Attempts; got != 1 {
		t.Errorf("got %d attempts, want 1: another one has no time", got)
	}
}

// Another attempt comes after all stages, since what disturbed the computer may be over by
// then; one that is interrupted leaves what was measured before.
func TestRetriesComeInTheEnd(t *testing.T) {
	t.Parallel()
	for _, interrupted := range []bool{false, true} {
		stages, err := journey.Pick(journey.Stages(), []string{"04b", "04c"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range stages {
			stages[i].Together, stages[i].Cases, stages[i].Theory, stages[i].Read = false, stages[i].Cases[:1], nil, holdsIfItCounts
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		bench := &fakeBench{}
		runs := 0
		bench.ran = func() {
			runs++
			bench.invalid = runs == 1
			if interrupted && runs == 3 {
				cancel()
			}
		}
		var told []string
		j := journey.Journey{Bench: bench, Stages: stages, Retries: 1, Tell: func(p journey.Progress) {
			if p.Ended != nil {
				told = append(told, fmt.Sprint(p.Stage, " ", p.Attempt))
			}
		}}
		doc := j.Run(ctx)
		if got, want := strings.Join(told, ", "), "04b 1, 04c 1, 04b 2"; got != want {
			t.Errorf("told of %s, want %s", got, want)
		}
		want := journey.Holds
		if interrupted {
			want = journey.Undecided
		}
		if first := doc.Stages[0]; first.Outcome() != want || !first.Complete || doc.Complete == interrupted {
			t.Errorf("interrupted %v: the first stage is %s at attempt %d, the whole complete: %v", interrupted, first.Outcome(), first.Attempts, doc.Complete)
		}
	}
}
