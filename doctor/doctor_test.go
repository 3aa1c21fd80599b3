package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reportOf returns the report of a captured machine, on which the given was measured.
func reportOf(f files, cpus int, slow time.Duration) Report {
	r := Report{System: "linux/amd64 6.1.0, go1.26"}
	after := f.now()
	after.own = 0
	r.Checks = []Check{
		f.processors(cpus, cpus), f.quota(cpus), others(moment{known: true}, after), stolen(moment{known: true}, after), f.memory(),
		f.clockSource(), judgeClock(slow / 1000), judgeTimers(lateness{slow, 2 * slow}, lateness{10 * slow, 20 * slow}),
		f.openFiles(10_240), f.ports(), f.portReuse(), f.backlog(), f.conntrack(),
		judgeLoopback(ceiling{4e9 / float64(slow), slow / 5}), judgeHandshakes(handshakes{1e8 / float64(slow), 2e8 / float64(slow)}),
		judgeEncryption(1e14 / float64(slow)),
	}
	return r
}

func TestGolden(t *testing.T) {
	for _, test := range []struct {
		name    string
		report  Report
		verdict Verdict
		exit    int
	}{
		{"machine", reportOf(files{tree(t, "machine")}, 2, 50*time.Microsecond), OK, 0},
		{"warm", reportOf(with(t, "proc/sys/net/ipv4/tcp_tw_reuse", "0"), 2, 200*time.Microsecond), Warn, 0},
		{"tight", reportOf(files{tree(t, "tight")}, 1, 3*time.Millisecond), Bad, 5},
		{"elsewhere", reportOf(files{}, 8, 100*time.Microsecond), OK, 0},
	} {
		if got := test.report.Verdict(); got != test.verdict || test.report.ExitCode() != test.exit {
			t.Errorf("%s: got %s, %d, want %s, %d", test.name, got, test.report.ExitCode(), test.verdict, test.exit)
		}
		var text, document bytes.Buffer
		if err := errors.Join(test.report.Text(&text, "1.2.3"), test.report.JSON(&document, "1.2.3")); err != nil {
			t.Fatal(err)
		}
		golden(t, test.name+".txt", text.Bytes())
		for line := range strings.Lines(text.String()) {
			if n := utf8.RuneCountInString(line) - 1; n > 80 && !isCommand(&test.report, line) {
				t.Errorf("%s: got a line of %d columns: %s", test.name, n, line)
			}
		}
		var decoded struct {
			Schema string
			Checks []struct{ Name string }
		}
		if err := json.Unmarshal(document.Bytes(), &decoded); err != nil || decoded.Schema != "floodmark.doctor/v1" || len(decoded.Checks) != len(test.report.Checks) {
			t.Errorf("%s: got %v of %d checks, %v", test.name, decoded.Schema, len(decoded.Checks), err)
		}
		if test.name == "tight" {
			golden(t, "tight.json", document.Bytes())
		}
	}
}

// isCommand reports whether a line is the command of a check.
func isCommand(r *Report, line string) bool {
	for _, c := range r.Checks {
		if c.Command != "" && strings.TrimSpace(line) == c.Command {
			return true
		}
	}
	return false
}

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%swant\n%s", name, got, want)
	}
}

// The measurements work; how fast this machine is, is no fault of theirs.
func TestMeasurements(t *testing.T) {
	ctx, short := t.Context(), 20*time.Millisecond
	if c, err := measureLoopback(ctx, short); err != nil || c.perSecond <= 0 {
		t.Errorf("loopback: got %+v, %v", c, err)
	}
	if h, err := measureHandshakes(ctx, short); err != nil || h.full <= 0 || h.resumed <= 0 {
		t.Errorf("handshakes: got %+v, %v", h, err)
	}
	if n, err := measureEncryption(short); err != nil || n <= 0 {
		t.Errorf("encryption: got %v, %v", n, err)
	}
	if cost := clockCost(); cost <= 0 || cost > time.Second {
		t.Errorf("clock: got %v", cost)
	}
	own, runtime, err := measureTimers(ctx)
	for _, l := range []lateness{own, runtime} {
		if err != nil || l.p50 < 0 || l.p99 < l.p50 {
			t.Errorf("timers: got %+v, %v", l, err)
		}
	}
}

func TestExamineEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := New().Examine(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v, want the context's error", r, err)
	}
	if c, err := measureLoopback(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("loopback: got %+v, %v, want the context's error", c, err)
	}
	if h, err := measureHandshakes(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("handshakes: got %+v, %v, want the context's error", h, err)
	}
}

// What cannot be measured is a finding with its reason.
func TestCheckThatCannotBeMade(t *testing.T) {
	made := judgeLoopback(ceiling{perSecond: 50_000, cpu: time.Microsecond})
	if got := made.unless(nil); got.Verdict != OK || got.Value != made.Value {
		t.Errorf("got %+v, want it as it was", got)
	}
	wants(t, "failed", made.unless(errors.New("too many open files")), Bad, "could not be measured\ntoo many open files")
}

// A server that cannot accept lets go of the clients that wait for it.
func TestServerThatCannotAccept(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var group sync.WaitGroup
	serveAll(fullListener{listener}, &group, answerAll)
	if n, err := client.Read(make([]byte, 1)); err == nil {
		t.Errorf("got %d bytes, want the end of the connection", n)
	}
}

// A fullListener has no descriptor for another connection.
type fullListener struct{ net.Listener }

func (fullListener) Accept() (net.Conn, error) { return nil, syscall.EMFILE }
