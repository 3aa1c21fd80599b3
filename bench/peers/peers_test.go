package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{
		{"surplus"},
		{"--unknown"},
		{"--rounds", "0"},
		{"--rounds", "many"},
		{"--duration", "999ms"},
		{"--duration", "3"},
		{"--seed", "-1"},
		{"--duration", "1500ms"},
		{"--only", "nope"},
		{"--only", "closed-50,closed-50"},
		{"--peers", "wkr"},
		{"--peers", "wrk, vegeta"},
	} {
		var out, errs bytes.Buffer
		if got := run(args, &out, &errs); got != 2 || errs.Len() == 0 || out.Len() > 0 {
			t.Errorf("%q: got exit code %d, %q and %q, want 2, nothing and a reason", args, got, out.String(), errs.String())
		}
	}
}

func TestChosenCells(t *testing.T) {
	for _, test := range []struct {
		list string
		want []string
	}{
		{"closed-50", []string{"closed-50"}},
		{"open-20k,closed-1", []string{"open-20k", "closed-1"}},
		{"", []string{"closed-1", "closed-50", "closed-500", "closed-50-10k", "tls-50", "open-1k", "open-5k", "open-20k"}},
	} {
		got, err := chosenCells(test.list)
		if err != nil {
			t.Errorf("%q: %v", test.list, err)
		}
		var names []string
		for _, c := range got {
			names = append(names, c.name)
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("%q: got %q, want %q", test.list, names, test.want)
		}
	}
	for _, list := range []string{"closed-51", "closed-50,", "closed", "closed-50 ,open-1k"} {
		if got, err := chosenCells(list); err == nil {
			t.Errorf("%q: got %v, want an error", list, got)
		} else if !strings.Contains(err.Error(), "--only") {
			t.Errorf("%q: got %q, want the flag's name", list, err)
		}
	}
}

func TestListed(t *testing.T) {
	for _, test := range []struct {
		list, name string
		want       bool
	}{
		{"wrk", "wrk", true},
		{"wrk", "wrk2", false}, // another tool, not more of the same
		{"wrk2", "wrk", false},
		{"hey,vegeta", "vegeta", true},
		{"hey,vegeta", "vegeta attack", true},
		{"vegeta attack", "vegeta", false},
		{"hey,,k6", "vegeta attack", false},
		{"", "wrk", false},
	} {
		if got := listed(test.list, test.name); got != test.want {
			t.Errorf("listed(%q, %q): got %v, want %v", test.list, test.name, got, test.want)
		}
	}
}

// Two programs are named by their paths; nothing else is found.
func TestChosenPeers(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		list, wrk2    string
		want, missing []string
	}{
		{
			"", program,
			[]string{"floodmark", "floodmark economical", "wrk2"},
			[]string{"wrk", "h2load", "ab", "bombardier", "hey", "vegeta", "vegeta attack", "k6"},
		},
		{"wrk2,hey", program, []string{"floodmark", "floodmark economical", "wrk2"}, []string{"hey"}},
		{"wrk", program, []string{"floodmark", "floodmark economical"}, []string{"wrk"}},
		{"wrk2", "", []string{"floodmark", "floodmark economical"}, []string{"wrk2"}},
	} {
		peers, missing := chosenPeers(&options{floodmark: program, wrk2: test.wrk2, peers: test.list}, &site{certificate: "cert.pem"})
		var names []string
		for _, p := range peers {
			names = append(names, p.name)
			if p.program != program || !slices.Contains(p.env, "SSL_CERT_FILE=cert.pem") {
				t.Errorf("%q: %s: got program %q, environment %q", test.list, p.name, p.program, p.env)
			}
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("%q: got %q, want %q", test.list, names, test.want)
		}
		if len(missing) != len(test.missing) {
			t.Fatalf("%q: got %q as missing, want %q", test.list, missing, test.missing)
		}
		for i, line := range missing {
			name, how, ok := strings.Cut(line, " is not here: ")
			if !ok || name != test.missing[i] || how == "" {
				t.Errorf("%q: got %q, want a way to get %s", test.list, line, test.missing[i])
			}
		}
	}
}

// Peers without a plan of arrivals cannot do the open model. wrk2 and the economical
// pacing can do no other.
func TestPeersCan(t *testing.T) {
	var open, closed []string
	for _, p := range allPeers(&options{}) {
		if p.can(cell{name: "open", connections: 1, rate: 1}) {
			open = append(open, p.name)
		}
		if p.can(cell{name: "closed", connections: 1}) {
			closed = append(closed, p.name)
		}
	}
	if want := []string{"floodmark", "floodmark economical", "wrk2", "vegeta", "vegeta attack", "k6"}; !slices.Equal(open, want) {
		t.Errorf("open: got %q, want %q", open, want)
	}
	if want := []string{"floodmark", "wrk", "h2load", "ab", "bombardier", "hey", "vegeta", "vegeta attack", "k6"}; !slices.Equal(closed, want) {
		t.Errorf("closed: got %q, want %q", closed, want)
	}
}

func TestExpected(t *testing.T) {
	peers := []peer{wrkPeer(), wrk2Peer("")} // one runs ten seconds longer than it is told
	cells := []cell{{connections: 1}, {connections: 1, rate: 1}}
	if got, want := expected(peers, cells, &options{rounds: 5, duration: 3 * time.Second}), 83*time.Second; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
