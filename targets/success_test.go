package targets

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

func TestSuccessMet(t *testing.T) {
	created := Success{Status: []StatusRange{{201, 201}, {400, 499}}}
	quick := Success{MaxLatency: time.Second}
	tests := []struct {
		name    string
		rule    Success
		status  int
		outcome measure.Outcome
		latency time.Duration
		want    bool
	}{
		{"plain 200", Success{}, 200, measure.Status2xx, time.Hour, true},
		{"plain 399", Success{}, 399, measure.Status3xx, 0, true},
		{"plain 199", Success{}, 199, measure.Status1xx, 0, false},
		{"plain 400", Success{}, 400, measure.Status4xx, 0, false},
		{"short body", Success{}, 200, measure.BodyShort, 0, false},
		{"cancelled", Success{}, 200, measure.None, 0, false},
		{"in one range", created, 201, measure.Status2xx, 0, true},
		{"in another", created, 404, measure.Status4xx, 0, true},
		{"in none", created, 200, measure.Status2xx, 0, false},
		{"just quick enough", quick, 200, measure.Status2xx, time.Second, true},
		{"too slow", quick, 200, measure.Status2xx, time.Second + 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.rule.Met(tt.status, tt.outcome, tt.latency); got != tt.want {
				t.Errorf("Met = %v, want %v", got, tt.want)
			}
		})
	}
}
