package profiles

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ExampleSchedule_Users() {
	load := Load{Executor: RampingVUs, Stages: []Stage{{Duration: 2 * time.Second, Target: 2}, {Duration: 2 * time.Second, Target: 0}}}
	for span := range load.Schedule(1).Users() {
		fmt.Println(span.Start, span.End)
	}
	// Output:
	// 1s 3s
}

func TestUsers(t *testing.T) {
	s := time.Second
	tests := []struct {
		name string
		load Load
		want []Span
	}{
		{"constant", Load{Executor: ConstantVUs, VUs: 2, Warmup: s, Duration: 2 * s}, []Span{{0, 3 * s}, {0, 3 * s}}},
		{"ramp and hold", users(0, Stage{Duration: 2 * s, Target: 2}, Stage{Duration: s, Target: 2}), []Span{{s, 3 * s}, {2 * s, 3 * s}}},
		{"fall", users(2, Stage{Duration: 2 * s}), []Span{{0, s}}},
		{"jump", users(0, Stage{Duration: s}, Stage{Target: 1}, Stage{Duration: s, Target: 1}), []Span{{s, 2 * s}}},
		{"wanted again", users(1, Stage{Duration: s, Target: 1}, Stage{}, Stage{Duration: s}, Stage{Target: 1}, Stage{Duration: s, Target: 1}), []Span{{0, s}, {2 * s, 3 * s}}},
		{"touched only", users(0, Stage{Duration: s, Target: 1}, Stage{Duration: s}), nil},
		{"arrivals", Load{Executor: ConstantArrivalRate, Rate: 5, Duration: s}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := slices.Collect(tt.load.Schedule(1).Users()); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func users(start float64, stages ...Stage) Load {
	return Load{Executor: RampingVUs, Start: start, Stages: stages}
}

// TestUsersMatchTheLevel asks at random times whether as many users are active as the level has whole numbers below it.
func TestUsersMatchTheLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLoad(t)
		l.Executor = RampingVUs
		l.Start = math.Trunc(l.Start)
		for i := range l.Stages {
			l.Stages[i].Target = math.Trunc(l.Stages[i].Target)
		}
		s := l.Schedule(1)
		spans := slices.Collect(s.Users())
		if !slices.IsSortedFunc(spans, func(a, b Span) int { return int(a.Start - b.Start) }) {
			t.Fatalf("not sorted: %v", spans)
		}
		at := time.Duration(rapid.Int64Range(0, int64(s.Duration())).Draw(t, "at"))
		level := s.RateAt(at)
		if math.Abs(level-math.Round(level)) < 1e-3 || at == s.Duration() {
			return // on the edge of a level either answer is right
		}
		active := 0
		for _, span := range spans {
			if span.Start <= at && at < span.End {
				active++
			}
		}
		if active != int(level) {
			t.Fatalf("at %v: got %d users, want %d for level %v", at, active, int(level), level)
		}
	})
}
