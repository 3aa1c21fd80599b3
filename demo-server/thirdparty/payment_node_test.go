package thirdparty_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/sleeper"
)

// open returns a node that ends with the test.
func open(t *testing.T, config thirdparty.PaymentConfig) *thirdparty.PaymentNode {
	t.Helper()
	if config.Payment == nil {
		config.Payment = &thirdparty.Payment{Sleeper: new(sleeper.Sleeper)}
	}
	node, err := thirdparty.NewPaymentNode(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeNode(t, node) })
	return node
}

// closeNode ends a node and looks whether its counters add up.
func closeNode(t *testing.T, node *thirdparty.PaymentNode) {
	t.Helper()
	if err := node.Close(); err != nil {
		t.Error(err)
	}
	s := node.Stats()
	if s.Requests != s.InFlight+s.Approved+s.Declined+s.Outages+s.Replayed+s.Conflicts+s.Invalid+s.Lookups+s.Gone || s.Charges != s.Captured+s.Pending {
		t.Errorf("the counters do not add up: %+v", s)
	}
}

// serve puts a handler on a socket until the test ends, and returns its URL and a client.
func serve(t *testing.T, h http.Handler) (string, *http.Client) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, server.Client()
}

// ask makes a request without a socket.
func ask(h http.Handler, method, path, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if key != "" {
		r.Header.Set(thirdparty.KeyHeader, key)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const shoes = `{"amount_cents":4999,"reference":"shoes"}`

func ExamplePaymentClient() {
	node, err := thirdparty.NewPaymentNode(thirdparty.PaymentConfig{Payment: &thirdparty.Payment{Declines: faults.All / 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(node.Handler())
	defer server.Close()
	client := thirdparty.PaymentClient{BaseURL: server.URL, HTTP: server.Client()}
	for _, key := range []string{"order-1", "order-2", "order-2", "order-1"} {
		receipt, err := client.Charge(context.Background(), key, thirdparty.Charge{AmountCents: 1999})
		fmt.Println(key, receipt.ID, receipt.Status, err)
	}
	fmt.Println(node.Stats().Charges, "charge,", node.Close())
	// Output:
	// order-1   payment: the payment was declined (402)
	// order-2 ch_000002 captured <nil>
	// order-2 ch_000002 captured <nil>
	// order-1   payment: the payment was declined (402)
	// 1 charge, <nil>
}

func TestChargeAnswers(t *testing.T) {
	node := open(t, thirdparty.PaymentConfig{Payment: &thirdparty.Payment{Declines: faults.All / 2}})
	h := node.Handler()
	for _, tt := range []struct {
		name, method, path, key, body string
		status                        int
		want                          string
	}{
		{"declined", "POST", "/charge", "a", shoes, 402, `{"error":"the payment was declined","id":"ch_000001","status":"declined","amount_cents":4999,"reference":"shoes"}`},
		{"approved", "POST", "/charge", "b", shoes, 201, `{"id":"ch_000002","status":"captured","amount_cents":4999,"reference":"shoes"}`},
		{"again", "POST", "/charge", "b", shoes, 201, `{"id":"ch_000002",`},
		{"declined again", "POST", "/charge", "a", shoes, 402, `"id":"ch_000001"`},
		{"another body", "POST", "/charge", "b", `{"amount_cents":1}`, 422, `{"error":"the idempotency key was used for another charge"}`},
		{"no key", "POST", "/charge", "", shoes, 400, "want the header Idempotency-Key"},
		{"long key", "POST", "/charge", strings.Repeat("k", 256), shoes, 400, "of 1 to 255"},
		{"unprintable key", "POST", "/charge", "é", shoes, 400, "printable"},
		{"no JSON", "POST", "/charge", "c", "shoes", 400, "body: want JSON"},
		{"nothing to pay", "POST", "/charge", "c", `{}`, 400, "amount_cents: want 1 to 100000000, got 0"},
		{"too much", "POST", "/charge", "c", `{"amount_cents":100000001}`, 400, "got 100000001"},
		{"long reference", "POST", "/charge", "c", `{"amount_cents":1,"reference":"` + strings.Repeat("r", 201) + `"}`, 400, "at most 200 bytes"},
		{"huge body", "POST", "/charge", "c", strings.Repeat(" ", 70_000), 400, "body: http: request body too large"},
		{"a refused body spoils no key", "POST", "/charge", "c", shoes, 402, "declined"},
		{"lookup", "GET", "/charges/ch_000002", "", "", 200, `"status":"captured"`},
		{"lookup of nothing", "GET", "/charges/ch_000009", "", "", 404, "no charge has this id"},
		{"another path", "GET", "/charge", "", "", 404, "want POST /charge"},
		{"health", "GET", "/healthz", "", "", 200, `{"status":"ok"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(h, tt.method, tt.path, tt.key, tt.body)
			if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d …%s…", got.Code, got.Body, tt.status, tt.want)
			}
		})
	}
	want := thirdparty.PaymentStats{
		Requests: 17, Approved: 1, Declined: 2, Replayed: 2, Conflicts: 1, Invalid: 10, Lookups: 1,
		Charges: 1, ChargedCents: 4999, Captured: 1,
	}
	if got := node.Stats(); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// An outage is not remembered: the same key tries again, and is charged then.
func TestOutageMayBeRepeated(t *testing.T) {
	set := outage(t, "part=payment errors")
	node := open(t, thirdparty.PaymentConfig{Payment: &thirdparty.Payment{Faults: set}})
	url, http := serve(t, node.Handler())
	client := thirdparty.PaymentClient{BaseURL: url + "/", HTTP: http}
	charge := thirdparty.Charge{AmountCents: 1}
	for range 2 {
		if _, err := client.Charge(t.Context(), "k", charge); !errors.Is(err, thirdparty.ErrOutage) {
			t.Errorf("got %v, want %v", err, thirdparty.ErrOutage)
		}
	}
	set.Clear()
	for range 2 {
		if got, err := client.Charge(t.Context(), "k", charge); err != nil || got.ID != "ch_000001" {
			t.Errorf("got %+v, %v, want the one charge", got, err)
		}
	}
	if _, err := client.Charge(t.Context(), "k", thirdparty.Charge{AmountCents: 2}); !errors.Is(err, thirdparty.ErrKeyReused) {
		t.Errorf("got %v, want %v", err, thirdparty.ErrKeyReused)
	}
	if got := node.Stats(); got.Outages != 2 || got.Approved != 1 || got.Replayed != 1 || got.Conflicts != 1 || got.Charges != 1 {
		t.Errorf("got %+v", got)
	}
}

// However requests come, a key is charged at most once, gets one answer for ever, and
// none for another body. A good charge is made once for each key that was not declined.
func TestIdempotency(t *testing.T) {
	type told struct {
		status     int
		body, sent string
	}
	rapid.Check(t, func(rt *rapid.T) {
		set := &faults.Set{Parts: []string{thirdparty.PaymentPart}}
		node := open(t, thirdparty.PaymentConfig{Payment: &thirdparty.Payment{
			Declines: faults.Share(rapid.SampledFrom([]int{0, 125_000, 500_000}).Draw(rt, "declines")), Faults: set,
		}})
		h := node.Handler()
		seen := map[string]told{}
		approved := 0
		rt.Repeat(map[string]func(*rapid.T){
			"outage": func(t *rapid.T) {
				set.Clear() // a second outage adds nothing to the first, and a set has an end
				if _, err := set.Add(faults.Spec{Part: thirdparty.PaymentPart, Errors: faults.All / 2}); err != nil {
					t.Fatal(err)
				}
			},
			"recovery": func(*rapid.T) { set.Clear() },
			"charge": func(t *rapid.T) {
				key := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "key")
				body := rapid.SampledFrom([]string{shoes, shoes, `{"amount_cents":1}`}).Draw(t, "body")
				got := ask(h, "POST", "/charge", key, body)
				before, known := seen[key]
				switch {
				case known && before.sent != body:
					if got.Code != http.StatusUnprocessableEntity {
						t.Fatalf("%s with another body: got %d %s", key, got.Code, got.Body)
					}
				case known:
					if got.Code != before.status || got.Body.String() != before.body || got.Header().Get("Idempotency-Replayed") != "true" {
						t.Fatalf("%s again: got %d %s, want %+v", key, got.Code, got.Body, before)
					}
				case got.Code == http.StatusServiceUnavailable:
				default:
					seen[key] = told{got.Code, got.Body.String(), body}
					if got.Code == http.StatusCreated {
						approved++
					}
				}
			},
			"": func(t *rapid.T) {
				if s := node.Stats(); s.Charges != uint64(approved) || s.Approved+s.Declined != uint64(len(seen)) {
					t.Fatalf("got %+v, want %d approved of %d", s, approved, len(seen))
				}
			},
		})
	})
}

// Requests with one key at the same time are one charge, and all get its answer, even
// when the client that began it is gone.
func TestOneChargeForManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		law, err := capacity.ParseLaw("fixed:1s")
		if err != nil {
			t.Fatal(err)
		}
		node, err := thirdparty.NewPaymentNode(thirdparty.PaymentConfig{Payment: &thirdparty.Payment{
			Latency: time.Second, Source: capacity.NewSource(law, 1), Sleeper: new(sleeper.Sleeper),
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer closeNode(t, node)
		h := node.Handler()
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			r := httptest.NewRequestWithContext(ctx, "POST", "/charge", strings.NewReader(shoes))
			r.Header.Set(thirdparty.KeyHeader, "k")
			h.ServeHTTP(httptest.NewRecorder(), r)
		})
		synctest.Wait()
		for range 20 {
			group.Go(func() {
				begun := time.Now()
				got := ask(h, "POST", "/charge", "k", shoes)
				if got.Code != http.StatusCreated || !strings.Contains(got.Body.String(), "ch_000001") || time.Since(begun) != 2*time.Second {
					t.Errorf("got %d %s after %v, want the one charge after 2s", got.Code, got.Body, time.Since(begun))
				}
			})
		}
		synctest.Wait()
		cancel()
		group.Wait()
		if got := node.Stats(); got.Charges != 1 || got.Replayed != 20 || got.Gone != 1 || got.InFlight != 0 {
			t.Errorf("got %+v, want 1 charge, 20 replayed, 1 gone", got)
		}
	})
}

// Close ends a charge of minutes, whose client is told that nothing came of it.
func TestCloseEndsCharges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node, err := thirdparty.NewPaymentNode(thirdparty.PaymentConfig{
			Payment: &thirdparty.Payment{Latency: time.Hour, Sleeper: new(sleeper.Sleeper)}, Capture: time.Hour,
		})
		if err != nil {
			t.Fatal(err)
		}
		h := node.Handler()
		begun := time.Now()
		var group sync.WaitGroup
		group.Go(func() {
			if got := ask(h, "POST", "/charge", "k", shoes); got.Code != http.StatusServiceUnavailable {
				t.Errorf("got %d %s, want 503", got.Code, got.Body)
			}
		})
		synctest.Wait()
		closeNode(t, node)
		group.Wait()
		if got := ask(h, "POST", "/charge", "k", shoes); got.Code != http.StatusServiceUnavailable {
			t.Errorf("after Close: got %d %s, want 503", got.Code, got.Body)
		}
		if time.Since(begun) != 0 || node.Stats().Charges != 0 {
			t.Errorf("closed after %v with %+v", time.Since(begun), node.Stats())
		}
		closeNode(t, node)
	})
}

func TestSlowCapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node, err := thirdparty.NewPaymentNode(thirdparty.PaymentConfig{
			Payment: &thirdparty.Payment{}, Capture: 3 * time.Second, Remember: 3,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer closeNode(t, node)
		h := node.Handler()
		status := func(path string) string {
			var r thirdparty.Receipt
			if err := json.Unmarshal(ask(h, "GET", path, "", "").Body.Bytes(), &r); err != nil {
				t.Error(err)
			}
			return r.Status
		}
		first := ask(h, "POST", "/charge", "a", shoes).Body.String()
		time.Sleep(time.Second)
		ask(h, "POST", "/charge", "b", shoes)
		for _, want := range []string{"pending pending", "pending pending", "captured pending", "captured captured"} {
			if got := status("/charges/ch_000001") + " " + status("/charges/ch_000002"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if again := ask(h, "POST", "/charge", "a", shoes).Body.String(); again != first || !strings.Contains(first, "pending") {
			t.Errorf("got %s, want the first answer %s", again, first)
		}
		for i := range 4 { // only three are remembered, and no more than that wait
			ask(h, "POST", "/charge", fmt.Sprint("c", i), shoes)
		}
		if got := node.Stats(); got.Captured != 3 || got.Pending != 3 {
			t.Errorf("got %+v, want 3 captured, 3 pending", got)
		}
		if got := ask(h, "GET", "/charges/ch_000001", "", "").Code; got != http.StatusNotFound {
			t.Errorf("a charge of long ago: got %d, want 404", got)
		}
	})
}

// A webhook is told of each capture, again while it fails, with the ids of the request
// that charged.
func TestWebhook(t *testing.T) {
	type call struct{ body, id string }
	calls := make(chan call, 10)
	var failing sync.Map
	hook, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, before := failing.LoadOrStore(string(body), true); !before {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		calls <- call{string(body), r.Header.Get("X-Request-ID")}
	}))
	node := open(t, thirdparty.PaymentConfig{Payment: &thirdparty.Payment{}, Capture: time.Millisecond, Webhook: hook})
	url, http := serve(t, new(observe.Observer).Handler(node.Handler()))
	client := thirdparty.PaymentClient{BaseURL: url, HTTP: http}
	ctx := correlation.With(t.Context(), correlation.IDs{Request: "order-17"})
	if _, err := client.Charge(ctx, "k", thirdparty.Charge{AmountCents: 5}); err != nil {
		t.Fatal(err)
	}
	want := call{`{"event":"charge.captured","charge":{"id":"ch_000001","status":"captured","amount_cents":5}}`, "order-17"}
	if got := <-calls; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for node.Stats().WebhooksSent == 0 {
		time.Sleep(time.Millisecond)
	}
	if got := node.Stats(); got.Captured != 1 || got.WebhooksFailed != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestPaymentNodeRefuses(t *testing.T) {
	_, err := thirdparty.NewPaymentNode(thirdparty.PaymentConfig{Capture: -1, Remember: -1, Webhook: "localhost:80"})
	if err == nil {
		t.Fatal("got nil")
	}
	for _, want := range []string{"no payment provider", "after -1ns", "remembers -1", `"localhost:80" is not an http`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

func TestPaymentClientWithoutAnswer(t *testing.T) {
	url, http := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get(thirdparty.KeyHeader) {
		case "garbled":
			_, _ = w.Write([]byte("<html>"))
		case "refused":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"no such currency"}`))
		case "broken":
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	client := thirdparty.PaymentClient{BaseURL: url, HTTP: http}
	for key, want := range map[string]string{
		"garbled": "payment: an answer that cannot be read", "refused": "payment: 400 Bad Request: no such currency",
		"broken": "payment: the payment provider is out of order (500)",
	} {
		if _, err := client.Charge(t.Context(), key, thirdparty.Charge{AmountCents: 1}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want …%s…", key, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Charge(ctx, "k", thirdparty.Charge{AmountCents: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
