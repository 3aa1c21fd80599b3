package supervise

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// A stage is a supervisor with one fake host, web, in a bubble.
type stage struct {
	*Supervisor
	t       *testing.T // of the bubble
	machine *machine
	diary   *diary
}

// play calls act in a bubble with web added, and finds fault with what is left.
func play(t *testing.T, restart time.Duration, act func(s *stage)) {
	t.Helper()
	var f faults
	synctest.Test(t, func(t *testing.T) {
		d := &diary{faults: &f}
		s := &stage{t: t, Supervisor: New(Config{RestartAfter: restart, OnChange: d.write}), machine: &machine{faults: &f}, diary: d}
		if err := s.Add(t.Context(), "web", s.machine.start); err != nil {
			t.Fatal(err)
		}
		act(s)
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if alive, _ := s.machine.lives(); alive != 0 {
			t.Errorf("got %d lives after Shutdown", alive)
		}
	})
	f.report(t)
}

func (s *stage) web(t *testing.T) Host {
	t.Helper()
	list := s.List()
	if len(list) != 1 || list[0].Name != "web" {
		t.Fatalf("got %v", list)
	}
	return list[0]
}

func TestKilledHostComesBack(t *testing.T) {
	play(t, time.Second, func(s *stage) {
		t := s.t
		for i := range 10 {
			killed := time.Now()
			if err := s.Kill("web"); err != nil {
				t.Fatal(err)
			}
			if got := s.web(t); got.State != Down || got.PID != 0 || got.LastError != "" {
				t.Fatalf("got %+v after kill %d", got, i)
			}
			if instance, known := s.Instance("web"); instance != nil || !known {
				t.Fatalf("got instance %v, %v of one that is down", instance, known)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if got := s.web(t); got.State != Up || got.Restarts != i+1 || got.Since.Sub(killed) != time.Second {
				t.Fatalf("got %+v a second after kill %d", got, i)
			}
			if want := fmt.Sprintf("127.0.0.1:%d", i+1); s.machine.asked[i+1]["web"] != want {
				t.Fatalf("got addresses %v, want those of the life before, %s", s.machine.asked[i+1], want)
			}
		}
	})
}

func TestEndsByItself(t *testing.T) {
	play(t, time.Second, func(s *stage) {
		t := s.t
		s.machine.life().end(errors.New("out of memory"))
		synctest.Wait()
		if got := s.web(t); got.State != Down || got.LastError != "it ended by itself: out of memory" {
			t.Errorf("got %+v", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := s.web(t); got.State != Up || got.Restarts != 1 || got.LastError == "" {
			t.Errorf("got %+v", got)
		}
		if got, want := s.diary.states("web"), []State{Starting, Up, Down, Starting, Up}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestNeverRestarts(t *testing.T) {
	play(t, 0, func(s *stage) {
		t := s.t
		s.Kill("web")
		time.Sleep(24 * time.Hour)
		if got := s.web(t); got.State != Down || got.Restarts != 0 {
			t.Errorf("got %+v", got)
		}
		if err := s.Kill("web"); !errors.Is(err, ErrNotUp) {
			t.Errorf("got %v, want %v", err, ErrNotUp)
		}
	})
}

// Pauses grow for the host that does not start, and for no other.
func TestPausesGrow(t *testing.T) {
	play(t, time.Second, func(s *stage) {
		t := s.t
		other := &machine{faults: s.machine.faults}
		if err := s.Add(t.Context(), "other", other.start); err != nil {
			t.Fatal(err)
		}
		s.machine.fails = slices.Repeat([]error{errBoot}, 7)
		s.Kill("web")
		killed := time.Now()
		time.Sleep(2 * time.Second)
		if got := s.List()[0]; got.State != Down || got.LastError != "start: no boot disk" {
			t.Errorf("got %+v", got)
		}
		s.Kill("other")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := s.List()[1]; got.State != Up {
			t.Errorf("got %+v: it waits for another", got)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		var pauses []time.Duration
		for _, at := range s.machine.starts[1:] {
			pauses = append(pauses, at.Sub(killed))
			killed = at
		}
		want := []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 30e9, 30e9, 30e9}
		if !slices.Equal(pauses, want) {
			t.Errorf("got pauses %v, want %v", pauses, want)
		}
		s.Kill("web")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := s.List()[0]; got.State != Up || got.Restarts != 2 {
			t.Errorf("got %+v: the pause is as long as after a failure", got)
		}
	})
}

func TestFirstStartFails(t *testing.T) {
	play(t, time.Second, func(s *stage) {
		t := s.t
		for name, c := range map[string]struct {
			start Start
			want  string
		}{
			"error":   {(&machine{fails: []error{errBoot}}).start, "start error: no boot disk"},
			"panic":   {func(context.Context, map[string]string) (Instance, error) { panic("oh") }, "start panic: its start panicked: oh"},
			"nothing": {func(context.Context, map[string]string) (Instance, error) { return nil, nil }, "start nothing: its start returned nothing"},
			"late":    {(&machine{takes: time.Minute}).start, "start late: context deadline exceeded"},
			"web":     {(&machine{}).start, "start web: there is a host of this name"},
		} {
			soon, cancel := context.WithTimeout(t.Context(), time.Second)
			err := s.Add(soon, name, c.start)
			if cancel(); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		}
		s.web(t) // and nothing else
		if err := s.Add(t.Context(), "error", (&machine{}).start); err != nil {
			t.Error(err)
		}
	})
}

// The context of Add bounds the start alone.
func TestLifeOutlivesItsStart(t *testing.T) {
	play(t, time.Second, func(s *stage) {
		t := s.t
		ctx, cancel := context.WithCancel(t.Context())
		m := &machine{faults: s.machine.faults}
		if err := s.Add(ctx, "db", m.start); err != nil {
			t.Fatal(err)
		}
		cancel()
		s.Kill("db")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := s.List()[1]; got.State != Up || got.Restarts != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestRemove(t *testing.T) {
	t.Run("waits for what is under way", func(t *testing.T) {
		play(t, time.Second, func(s *stage) {
			t := s.t
			s.machine.life().drains = 5 * time.Second
			begun := time.Now()
			if err := s.Remove(t.Context(), "web"); err != nil || time.Since(begun) != 5*time.Second {
				t.Errorf("got %v after %v", err, time.Since(begun))
			}
			if got := s.List(); len(got) != 0 {
				t.Errorf("got %v", got)
			}
			if err := s.Add(t.Context(), "web", s.machine.start); err != nil {
				t.Errorf("the name is not free: %v", err)
			}
		})
	})
	t.Run("not for ever", func(t *testing.T) {
		play(t, time.Second, func(s *stage) {
			t := s.t
			s.machine.life().drains = time.Hour
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			begun := time.Now()
			err := s.Remove(ctx, "web")
			if err == nil || time.Since(begun) != time.Second {
				t.Errorf("got %v after %v", err, time.Since(begun))
			}
		})
	})
	t.Run("the most impatient decides", func(t *testing.T) {
		play(t, time.Second, func(s *stage) {
			t := s.t
			s.machine.life().drains = time.Hour
			begun := time.Now()
			var others sync.WaitGroup
			others.Go(func() { s.Remove(t.Context(), "web") })
			synctest.Wait()
			if got := s.web(t); got.State != Stopping {
				t.Errorf("got %+v", got)
			}
			if err := s.Freeze("web", true); !errors.Is(err, ErrNotUp) {
				t.Errorf("got %v: frozen while it stops", err)
			}
			if err := s.Kill("web"); err != nil {
				t.Error(err)
			}
			others.Wait()
			if time.Since(begun) != 0 {
				t.Errorf("took %v", time.Since(begun))
			}
		})
	})
	t.Run("while it is down", func(t *testing.T) {
		play(t, time.Hour, func(s *stage) {
			t := s.t
			s.Kill("web")
			begun := time.Now()
			if err := s.Remove(t.Context(), "web"); err != nil || time.Since(begun) != 0 {
				t.Errorf("got %v after %v", err, time.Since(begun))
			}
			if _, known := s.Instance("web"); known {
				t.Error("it is still there")
			}
			if err := s.Remove(t.Context(), "web"); !errors.Is(err, ErrUnknown) {
				t.Errorf("got %v, want %v", err, ErrUnknown)
			}
		})
	})
	t.Run("while it starts", func(t *testing.T) {
		play(t, time.Second, func(s *stage) {
			t := s.t
			m := &machine{faults: s.machine.faults, takes: time.Hour}
			var added error
			var others sync.WaitGroup
			others.Go(func() { added = s.Add(t.Context(), "db", m.start) })
			synctest.Wait()
			if err := s.Kill("db"); !errors.Is(err, ErrNotUp) || !strings.HasSuffix(err.Error(), "but starting") {
				t.Errorf("got %v", err)
			}
			if err := s.Remove(t.Context(), "db"); err != nil {
				t.Error(err)
			}
			if others.Wait(); !errors.Is(added, ErrRemoved) {
				t.Errorf("got %v, want %v", added, ErrRemoved)
			}
		})
	})
}

func TestFreeze(t *testing.T) {
	play(t, time.Second, func(s *stage) {
		t := s.t
		for _, frozen := range []bool{true, true, false, true} {
			if err := s.Freeze("web", frozen); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.web(t); got.State != Frozen {
			t.Errorf("got %+v", got)
		}
		s.Kill("web")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := s.web(t); got.State != Up {
			t.Errorf("got %+v after a restart", got)
		}
		s.Freeze("web", true) // and Shutdown must let it go on
		want := []State{Starting, Up, Frozen, Up, Frozen, Down, Starting, Up, Frozen}
		synctest.Wait()
		if got := s.diary.states("web"); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestShutdownGoesBackwards(t *testing.T) {
	var d *diary
	play(t, time.Second, func(s *stage) {
		t := s.t
		d = s.diary
		for _, name := range []string{"a", "b", "c"} {
			m := &machine{faults: s.machine.faults, drains: time.Second}
			if err := s.Add(t.Context(), name, m.start); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Add(t.Context(), "late", s.machine.start); !errors.Is(err, ErrShutdown) {
			t.Errorf("got %v, want %v", err, ErrShutdown)
		}
	})
	var order []string
	for _, c := range d.list {
		if c.State == Stopping {
			order = append(order, c.Host)
		}
	}
	if want := []string{"c", "b", "a", "web"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

// An OnChange that does not return makes nobody wait but Shutdown.
func TestNobodyWaitsForOnChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		let, told := make(chan struct{}), 0
		s := New(Config{RestartAfter: time.Millisecond, OnChange: func(Change) { <-let; told++ }})
		m := &machine{faults: &faults{}}
		if err := s.Add(t.Context(), "web", m.start); err != nil {
			t.Fatal(err)
		}
		for range maxChanges / 3 {
			s.Kill("web")
			time.Sleep(time.Millisecond)
			synctest.Wait()
		}
		close(let)
		s.Shutdown(t.Context())
		if told < maxChanges || told > maxChanges+5 { // a few before it hung and after
			t.Errorf("told of %d changes, want about %d", told, maxChanges)
		}
	})
}

// A move is something that somebody does to a host some time after the move before.
type move struct {
	what string
	host string
	wait time.Duration
	for_ time.Duration
	fail bool
}

func drawMoves(rt *rapid.T) []move {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) move {
		return move{
			what: rapid.SampledFrom([]string{"add", "add", "remove", "kill", "kill", "end", "freeze", "thaw", "list"}).Draw(t, "what"),
			host: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "host"),
			wait: time.Duration(rapid.IntRange(0, 40).Draw(t, "wait")) * 25 * time.Millisecond,
			for_: time.Duration(rapid.IntRange(0, 40).Draw(t, "for")) * 25 * time.Millisecond,
			fail: rapid.IntRange(0, 3).Draw(t, "fail") == 0,
		}
	}), 10, 60).Draw(rt, "moves")
}

// TestAnySequence has everybody do anything at any time, and many things at once.
func TestAnySequence(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		moves, patience := drawMoves(rt), time.Duration(rapid.IntRange(0, 10).Draw(rt, "patience"))*200*time.Millisecond
		restart := time.Duration(rapid.IntRange(0, 3).Draw(rt, "restart")) * 100 * time.Millisecond
		var f faults
		synctest.Test(t, func(t *testing.T) {
			d := &diary{faults: &f}
			follow(t.Context(), New(Config{RestartAfter: restart, OnChange: d.write}), d, moves, patience)
		})
		for _, fault := range f.list {
			rt.Error(fault)
		}
	})
}

func follow(ctx context.Context, s *Supervisor, d *diary, moves []move, patience time.Duration) {
	f := d.faults
	machines := map[string]*machine{}
	for _, name := range []string{"a", "b", "c"} {
		machines[name] = &machine{faults: f}
	}
	var others sync.WaitGroup
	for _, m := range moves {
		time.Sleep(m.wait)
		others.Go(func() { m.make(ctx, s, machines[m.host]) })
		for _, h := range s.List() {
			if h.State == Up && len(h.Addrs) != 1 || h.State == Down && h.PID != 0 {
				f.addf("got %+v", h)
			}
		}
	}
	hurried, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for range 2 {
		others.Go(func() { s.Shutdown(hurried) })
	}
	s.Shutdown(hurried)
	for name, m := range machines {
		if alive, _ := m.lives(); alive != 0 {
			f.addf("%s: %d lives after Shutdown", name, alive)
		}
		ups := 0
		for i, state := range d.states(name) {
			if state == Up && d.states(name)[i-1] == Starting {
				ups++
			}
		}
		if _, begun := m.lives(); begun != ups {
			f.addf("%s: %d lives, told of %d", name, begun, ups)
		}
	}
	if left := s.List(); len(left) != 0 {
		f.addf("left after Shutdown: %v", left)
	}
	others.Wait()
}

func (m move) make(ctx context.Context, s *Supervisor, machine *machine) {
	switch m.what {
	case "add", "remove":
		machine.mu.Lock()
		machine.takes, machine.drains = m.for_, m.for_
		if m.fail {
			machine.fails = append(machine.fails, errBoot)
		}
		machine.mu.Unlock()
		ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		if m.what == "add" {
			s.Add(ctx, m.host, machine.start)
			return
		}
		s.Remove(ctx, m.host)
	case "kill":
		s.Kill(m.host)
	case "end":
		if life := machine.life(); life != nil {
			life.end(errors.New("crash"))
		}
	case "freeze", "thaw":
		s.Freeze(m.host, m.what == "freeze")
	case "list":
		s.List()
	}
}
