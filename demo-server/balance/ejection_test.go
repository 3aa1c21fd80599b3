package balance

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// What ejects a backend, when two others are there as well: so many failures in a row. In
// the outcomes, a is answered, f failed, b broken and c cancelled.
func TestFailuresInARow(t *testing.T) {
	tests := []struct {
		outcomes string
		want     uint64 // ejections
	}{
		{"ff", 0},
		{"fff", 1},
		{"ffaff", 0},
		{"fcfcf", 1},
		{"fbf", 1},
		{"ffffff", 1}, // the last three were under way when it was ejected
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			config := Config{Ejection: Ejection{Failures: 3}, Sticky: Sticky{Cookie: "replica"}}.WithDefaults()
			picker, err := pick.New(config.Algorithm, 0)
			if err != nil {
				t.Fatal(err)
			}
			p := &pool{config: config, picker: picker}
			for _, name := range []string{"web-1", "web-2", "web-3"} {
				m := &member{backend: Backend{Name: name, Weight: 1}, transport: &http.Transport{}, gone: make(chan struct{})}
				if err := p.add(m); err != nil {
					t.Fatal(err)
				}
			}
			var under []*passage
			for range test.outcomes { // all are under way at once
				r := p.enter("", "web-2")
				if _, err := p.begin(r); err != nil {
					t.Fatal(err)
				}
				under = append(under, r)
			}
			for i, o := range test.outcomes {
				p.end(under[i], map[rune]outcome{'a': answered, 'f': failed, 'b': broken, 'c': cancelled}[o], 0)
				p.leave(under[i])
				time.Sleep(time.Millisecond)
			}
			if got := p.snapshot().Backends[1]; got.Ejections != test.want || (got.State == Ejected) != (test.want > 0) {
				t.Errorf("%s: got %s after %d ejections, want %d", test.outcomes, got.State, got.Ejections, test.want)
			}
		})
	}
}
