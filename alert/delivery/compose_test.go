package delivery

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// groups reads "a:FR b!:R" as alerts a, that fired and resolved, and b, that the
// receiver knew to be firing and that resolved.
func groups(text string) (all []outbox.Group) {
	kinds := map[rune]alert.Kind{'F': alert.Fired, 'R': alert.Resolved, 'S': alert.StillFiring, '~': alert.Flapping}
	for word := range strings.FieldsSeq(text) {
		key, news, _ := strings.Cut(word, ":")
		g := outbox.Group{Key: strings.TrimSuffix(key, "!"), Known: strings.HasSuffix(key, "!")}
		for i, k := range news {
			g.Notices = append(g.Notices, &alert.Notice{ID: fmt.Sprint(g.Key, i), Key: g.Key, Kind: kinds[k]})
		}
		all = append(all, g)
	}
	return all
}

// composed writes what a letter says.
func composed(l *outbox.Letter) string {
	s := sent{m: l.Message(alert.Run{}), answer: alert.Answer{Outcome: alert.Delivered}}
	return strings.TrimPrefix(s.line(), "0s ")
}

func TestCompose(t *testing.T) {
	for _, tt := range []struct{ groups, want string }{
		{"a:F", "a0:firing"},
		{"a:FR", "a1:resolved×2 coalesced"},
		{"a!:R", "a0:resolved"},
		{"a:R", "a0:resolved coalesced"}, // its fire was refused
		{"a!:RFR", "a2:resolved×3"},
		{"a:FRF", "a2:firing×3"},
		{"a!:RF", "a1:firing×2"},
		{"a!:SS~", "a2:flapping×3"},
		{"a!:R b:F c:FR d:F", "b0:firing d0:firing a0:resolved c1:resolved×2 coalesced"},
	} {
		if got := composed(compose(groups(tt.groups), style{list: 10})); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.groups, got, tt.want)
		}
	}
	if got, want := composed(compose(groups("a:FR b:F"), style{single: true, list: 10})), "a1:resolved×2 coalesced"; got != want {
		t.Errorf("single: got %s, want %s", got, want)
	}
	if got, want := composed(compose(groups("a!:R b:F c:F d:F"), style{list: 2})), "b0:firing c0:firing +2"; got != want {
		t.Errorf("two of four: got %s, want %s", got, want)
	}
}

// A letter stands for all that it was given, whatever that is.
func TestLetterStandsForAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var words []string
		for i, news := range rapid.SliceOfN(rapid.StringMatching("!?:[FRS~]{1,4}"), 1, 30).Draw(t, "news") {
			words = append(words, fmt.Sprint("key", i, news))
		}
		all := groups(strings.Join(words, " "))
		l := compose(all, style{list: 10})
		var want []*alert.Notice
		for _, g := range all {
			want = append(want, g.Notices...)
		}
		if !slices.Equal(l.Notices, want) {
			t.Errorf("got notices %v, want %v", l.NoticeIDs(), len(want))
		}
		if len(l.Alerts)+l.More != len(all) || len(l.Alerts) != min(len(all), 10) {
			t.Errorf("got %d listed and %d more of %d", len(l.Alerts), l.More, len(all))
		}
		firing := 0
		for i, a := range l.Alerts {
			at := slices.IndexFunc(all, func(g outbox.Group) bool { return g.Key == a.Key })
			g := all[at]
			if last := g.Notices[len(g.Notices)-1]; a.ID != last.ID || a.Changes != len(g.Notices) {
				t.Errorf("got %s for %d, want the latest of %d", a.ID, a.Changes, len(g.Notices))
			}
			if a.Coalesced != (a.Ended() && !g.Known) {
				t.Errorf("%s: coalesced %t", a.ID, a.Coalesced)
			}
			if !a.Ended() {
				firing++
				if i >= firing {
					t.Errorf("%s is firing, and listed after what is over", a.ID)
				}
			}
		}
	})
}
