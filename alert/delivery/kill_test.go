package delivery

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// killed names the environment variable that makes the test binary a process that is
// going to be killed: it holds the outbox's path and the receiver's URL.
const killed = "FLOODMARK_TEST_KILLED"

func TestMain(m *testing.M) {
	if args := os.Getenv(killed); args != "" {
		if err := doomed(strings.Fields(args)); err != nil {
			panic(err)
		}
		return
	}
	m.Run()
}

// announce says where the process is, and waits until it may go on.
func announce(where string) {
	fmt.Fprintln(os.Stdout, where)
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
		panic(err) // the test has ended without killing it
	}
}

// A posted is what goes over the wire of a message.
type posted struct {
	ID      string
	Delayed bool
	Alerts  []postedAlert
}

type postedAlert struct {
	ID, Key   string
	Kind      alert.Kind
	Changes   int
	Coalesced bool
}

// post returns what goes over the wire.
func post(m alert.Message) posted {
	p := posted{ID: m.ID, Delayed: m.Delayed}
	for _, a := range m.Alerts {
		p.Alerts = append(p.Alerts, postedAlert{a.ID, a.Key, a.Kind, a.Changes, a.Coalesced})
	}
	return p
}

// message returns what post was given, as far as this test needs it.
func (p posted) message() alert.Message {
	m := alert.Message{ID: p.ID, Delayed: p.Delayed}
	for _, a := range p.Alerts {
		m.Alerts = append(m.Alerts, alert.Told{
			Notice: alert.Notice{ID: a.ID, Key: a.Key, Kind: a.Kind}, Changes: a.Changes, Coalesced: a.Coalesced,
		})
	}
	return m
}

// A poster posts messages, and announces each step.
type poster struct {
	url  string
	step func(where string)
}

// Send implements Receiver.
func (p poster) Send(ctx context.Context, m alert.Message) alert.Answer {
	p.step("begun " + m.Alerts[0].ID)
	defer p.step("sent " + m.Alerts[0].ID)
	body, err := json.Marshal(post(m))
	if err != nil {
		return alert.Answer{Outcome: alert.Refused, Detail: err.Error()}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return alert.Answer{Outcome: alert.Refused, Detail: err.Error()}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return alert.Answer{Outcome: alert.Later, Unsure: true, Detail: err.Error()}
	}
	defer resp.Body.Close()
	return alert.Answer{Outcome: alert.Delivered, Status: resp.StatusCode}
}

// doomed is the process: it tells of an alert that fires and then resolves.
func doomed(args []string) error {
	box, err := outbox.Create(args[0], testRun)
	if err != nil {
		return err
	}
	announce("created")
	var d *Dispatcher
	told := func(one Delivery) {
		announce("noted " + one.Notices[0])
		if one.Notices[0] == "a1" {
			if err := d.Notify(notice("a2", "a", alert.Resolved, "chat")); err != nil {
				panic(err)
			}
			announce("added a2")
		}
	}
	d = New(box, testRun, []Lane{{Name: "chat", Receiver: poster{args[1], announce}, Single: true}}, told)
	if err := d.Notify(notice("a1", "a", alert.Fired, "chat")); err != nil {
		return err
	}
	announce("added a1")
	d.Run(context.Background())
	return nil
}

// A server takes messages and keeps them.
type server struct {
	mu       sync.Mutex
	messages []alert.Message
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var m posted
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m.message())
}

// all returns what it was given so far.
func (s *server) all() []alert.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// After kill -9 at any step the outbox of the killed process is delivered, and what it
// had sent without noting it comes again under the same ID.
func TestKillMinusNine(t *testing.T) {
	steps := []string{
		"created", "added a1", "begun a1", "sent a1", "noted a1",
		"added a2", "begun a2", "sent a2", "noted a2",
	}
	for i, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := &server{}
			target := httptest.NewServer(s)
			defer target.Close()
			path := filepath.Join(t.TempDir(), outbox.File)
			killAt(t, steps[:i+1], path, target.URL)

			arrived := len(s.all())
			box, err := outbox.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			quiet := poster{target.URL, func(string) {}}
			d := New(box, box.Run(), []Lane{{Name: "chat", Receiver: quiet, Single: true}}, func(Delivery) {})
			go d.Run(t.Context())
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if left := d.Drain(ctx); left != 0 {
				t.Errorf("got %d undelivered", left)
			}

			promised := map[string]int{}
			for _, id := range []string{"a1", "a2"} {
				if slices.Contains(steps[:i+1], "added "+id) {
					promised["a"]++
				}
			}
			wantOnce(t, step, s.all(), promised)
			for _, m := range s.all()[arrived:] {
				if !m.Delayed {
					t.Errorf("got %+v, want it to say that it is late", m)
				}
			}
			if again, want := len(s.all()) > promised["a"], strings.HasPrefix(step, "sent"); again != want {
				t.Errorf("something came twice: %t, want %t", again, want)
			}
		})
	}
}

// killAt runs the process up to the last of its steps, and kills it there.
func killAt(t *testing.T, steps []string, path, url string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), killed+"="+path+" "+url)
	child.Stderr = os.Stderr
	on, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i, want := range steps {
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("got step %q, want %q", lines.Text(), want)
			break
		}
		if i < len(steps)-1 {
			if _, err := io.WriteString(on, "."); err != nil {
				t.Error(err)
			}
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := child.Wait(); err == nil {
		t.Error("the process has ended by itself")
	}
}
