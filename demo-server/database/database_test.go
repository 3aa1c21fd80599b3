package database_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/database"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/sleeper"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a node until the test ends, and returns a client of it.
func serve(t *testing.T, config database.Config) (*database.Node, *database.Client) {
	t.Helper()
	if config.Store == nil {
		config.Store = goods.NewMemory()
	}
	node := database.NewNode(config)
	server := httptest.NewServer(node.Handler())
	t.Cleanup(server.Close)
	return node, connect(t, server.URL)
}

// connect returns a client whose connections end with the test.
func connect(t *testing.T, url string) *database.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &database.Client{BaseURL: func() string { return url }, HTTP: transport}
}

// wantSums fails unless every request is in one counter of each kind.
func wantSums(t *testing.T, s database.Stats) {
	t.Helper()
	ended := s.InFlight + s.Answered + s.Missing + s.Denied + s.Invalid + s.Refused + s.Failed + s.Cancelled
	if ended != s.Requests || s.Reads+s.Writes+s.Unrouted != s.Requests {
		t.Errorf("the counters do not add up: %+v", s)
	}
}

func ExampleClient() {
	node := database.NewNode(database.Config{Store: goods.NewMemory()})
	server := httptest.NewServer(node.Handler())
	defer server.Close()
	client := &database.Client{BaseURL: func() string { return server.URL }, Pool: database.Pool{Max: 20, MaxWait: 200 * time.Millisecond}}
	product, err := client.Product(context.Background(), 7)
	fmt.Println(product.Name, err)
	_, err = client.Product(context.Background(), 501)
	fmt.Println(errors.Is(err, goods.ErrNotFound), err)
	http.DefaultClient.CloseIdleConnections()
	// Output:
	// garden no. 7 <nil>
	// true product 501: not found
}

// Whatever is asked, a store behind the network answers as one without.
func TestClientIsTheStoreBehindIt(t *testing.T) {
	node, client := serve(t, database.Config{})
	local, ctx := goods.NewMemory(), t.Context()
	tokens := map[string]string{} // of the remote store, by local ones: they are drawn at random
	rapid.Check(t, func(rt *rapid.T) {
		user := rapid.SampledFrom([]string{"demo", "user1", "a/b", "ü?&#", "user 2"}).Draw(rt, "user")
		id := rapid.IntRange(-1, 502).Draw(rt, "id")
		same := func(what string, a, b any, err, err2 error) {
			if fmt.Sprint(a, err) != fmt.Sprint(b, err2) {
				rt.Fatalf("%s: got %v, %v, want %v, %v", what, a, err, b, err2)
			}
			for _, sentinel := range []error{goods.ErrNotFound, goods.ErrDenied} {
				if errors.Is(err, sentinel) != errors.Is(err2, sentinel) {
					rt.Fatalf("%s: got %v, want %v", what, err, err2)
				}
			}
		}
		switch rapid.IntRange(0, 8).Draw(rt, "call") {
		case 0:
			a, err := client.Product(ctx, id)
			b, err2 := local.Product(ctx, id)
			same("product", a, b, err, err2)
		case 1:
			category := rapid.SampledFrom([]string{"", "books", "no such", "a&b=c"}).Draw(rt, "category")
			a, err := client.Products(ctx, category, id)
			b, err2 := local.Products(ctx, category, id)
			same("products", a, b, err, err2)
		case 2:
			same("price", nil, nil, client.SetPrice(ctx, id, 5), local.SetPrice(ctx, id, 5))
		case 3:
			password := rapid.SampledFrom([]string{"demo", "x"}).Draw(rt, "password")
			a, err := client.Login(ctx, user, password)
			b, err2 := local.Login(ctx, user, password)
			same("login", nil, nil, err, err2)
			tokens[b] = a
			if u, err := client.User(ctx, a); err2 == nil && (u != user || err != nil) {
				rt.Fatalf("user: got %s, %v, want %s", u, err, user)
			}
		case 4:
			a, err := client.User(ctx, "x")
			b, err2 := local.User(ctx, "x")
			same("user", a, b, err, err2)
		case 5:
			line := goods.Line{Product: id, Quantity: 3}
			a, err := client.AddToCart(ctx, user, line)
			b, err2 := local.AddToCart(ctx, user, line)
			same("add to cart", a, b, err, err2)
		case 6:
			a, err := client.Cart(ctx, user)
			b, err2 := local.Cart(ctx, user)
			same("cart", a, b, err, err2)
		case 7:
			order := goods.Order{Line: goods.Line{Product: id, Quantity: 1}, TotalCents: 7, Payment: goods.Queued}
			key := rapid.SampledFrom([]string{"", "k1", "k2"}).Draw(rt, "key")
			a, err := client.AddOrder(ctx, user, order, key)
			b, err2 := local.AddOrder(ctx, user, order, key)
			same("add order", a, b, err, err2)
			same("settle", nil, nil, client.SettleOrder(ctx, user, a.ID, goods.Paid), local.SettleOrder(ctx, user, b.ID, goods.Paid))
		case 8:
			a, err := client.Orders(ctx, user)
			b, err2 := local.Orders(ctx, user)
			same("orders", a, b, err, err2)
		}
	})
	if err := errors.Join(client.Read(ctx, "a/b"), client.Write(ctx, "x y")); err != nil {
		t.Error(err)
	}
	stats := node.Stats()
	wantSums(t, stats)
	if pool := client.Pool.Stats(); pool.Calls != stats.Requests || pool.Busy != 0 || stats.Unrouted != 0 {
		t.Errorf("got %+v of the pool, %+v of the node", pool, stats)
	}
}

// machine returns a machine that is soon full: one slot, work of a minute, no queue.
func machine(t *testing.T) database.Config {
	t.Helper()
	m, err := capacity.NewMachine(1, 0, new(sleeper.Sleeper))
	if err != nil {
		t.Fatal(err)
	}
	law, err := capacity.ParseLaw("fixed:1m")
	if err != nil {
		t.Fatal(err)
	}
	return database.Config{Machine: m, Read: capacity.NewSource(law, 1), Write: capacity.NewSource(law, 1)}
}

func TestFullMachineIsUnavailable(t *testing.T) {
	config := machine(t)
	node, client := serve(t, config)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if err := client.Read(ctx, "first"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
	for config.Machine.Stats().Admitted == 0 {
		time.Sleep(100 * time.Microsecond)
	}
	_, err := client.Product(t.Context(), 7)
	for _, err := range []error{err, client.Write(t.Context(), "second")} {
		if !errors.Is(err, goods.ErrUnavailable) {
			t.Errorf("got %v, want %v", err, goods.ErrUnavailable)
		}
	}
	cancel()
	group.Wait()
	for node.Stats().Cancelled == 0 {
		time.Sleep(100 * time.Microsecond)
	}
	stats := node.Stats()
	wantSums(t, stats)
	if stats.Refused != 2 || stats.Cancelled != 1 || stats.Reads != 2 || stats.Writes != 1 {
		t.Errorf("got %+v", stats)
	}
}

func TestErrorsOfTheNetwork(t *testing.T) {
	held := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/rows/hang":
			select {
			case <-held:
			case <-r.Context().Done():
			}
		case "/rows/cut":
			panic(http.ErrAbortHandler)
		case "/rows/elsewhere":
			http.Redirect(w, r, "/rows/hang", http.StatusFound)
		case "/products/1":
			_, _ = w.Write([]byte("nonsense"))
		default:
			http.Error(w, "on fire", http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	defer close(held)
	client := connect(t, server.URL)
	if err := client.Read(t.Context(), "cut"); !errors.Is(err, goods.ErrUnavailable) {
		t.Errorf("cut: got %v, want %v", err, goods.ErrUnavailable)
	}
	for what, err := range map[string]error{
		"elsewhere": client.Read(t.Context(), "elsewhere"), "broken": client.Read(t.Context(), "broken"),
	} {
		if err == nil || errors.Is(err, goods.ErrUnavailable) {
			t.Errorf("%s: got %v, want an error of its own", what, err)
		}
	}
	if _, err := client.Product(t.Context(), 1); err == nil {
		t.Error("nonsense was read")
	}
	client.Timeout = time.Millisecond
	if err := client.Read(t.Context(), "hang"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hang: got %v, want %v", err, context.DeadlineExceeded)
	}
	gone := connect(t, "http://127.0.0.1:1")
	if err := gone.Read(t.Context(), "x"); !errors.Is(err, goods.ErrUnavailable) {
		t.Errorf("nobody there: got %v, want %v", err, goods.ErrUnavailable)
	}
}

// slow is a transport that answers after a second.
type slow struct{ header chan http.Header }

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.header <- r.Header
	select {
	case <-time.NewTimer(time.Second).C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusOK)
	return w.Result(), nil
}

func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := slow{make(chan http.Header, 10)}
		client := &database.Client{
			BaseURL: func() string { return "http://database" }, HTTP: transport,
			Pool: database.Pool{Max: 2, MaxWait: 300 * time.Millisecond},
		}
		ctx := correlation.With(t.Context(), correlation.IDs{Request: "abc"})
		var group sync.WaitGroup
		ask := func(ctx context.Context, want error) {
			group.Go(func() {
				if err := client.Read(ctx, "x"); !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		}
		ask(ctx, nil)
		ask(ctx, nil)
		synctest.Wait()
		begun := time.Now()
		err := client.Read(ctx, "x")
		if want := "database: not available for now: no connection to the database was free within 300ms"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if took := time.Since(begun); took != 300*time.Millisecond {
			t.Errorf("it waited %v, want 300ms", took)
		}
		given, cancel := context.WithCancel(ctx)
		ask(given, context.Canceled)
		synctest.Wait()
		cancel()
		time.Sleep(500 * time.Millisecond) // 800 ms of the first calls' second
		ask(ctx, nil)                      // waits for 200 ms
		synctest.Wait()
		if s := client.Pool.Stats(); s.Busy != 2 || s.Waiting != 1 || s.TimedOut != 1 || s.Cancelled != 1 || s.Taken != 2 || s.Calls != 5 {
			t.Errorf("meanwhile: got %+v", s)
		}
		group.Wait()
		if s := client.Pool.Stats(); s.Busy != 0 || s.PeakBusy != 2 || s.Taken != 3 || s.Waits != 1 || s.Calls != 5 || s.Waited < 0.49 || s.Waited > 0.51 {
			t.Errorf("at the end: got %+v", s)
		}
		if got := (<-transport.header).Get("X-Request-Id"); got != "abc" {
			t.Errorf("the id: got %q, want abc", got)
		}
	})
}

// What a call costs both sides together, without waiting.
func BenchmarkProduct(b *testing.B) {
	server := httptest.NewServer(database.NewNode(database.Config{Store: goods.NewMemory()}).Handler())
	defer server.Close()
	client := &database.Client{BaseURL: func() string { return server.URL }, Pool: database.Pool{Max: 20, MaxWait: time.Second}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Product(b.Context(), 7); err != nil {
			b.Fatal(err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
