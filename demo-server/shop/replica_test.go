package shop_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/database"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/guard"
	"github.com/floodmark/floodmark/demo-server/shop"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

const bearer = "Authorization: Bearer " + goods.DemoToken

// A backend is a shop with everything it can depend on, each behind a server of its own.
type backend struct {
	url      string
	shop     *shop.Shop
	data     *database.Node
	payment  *thirdparty.PaymentNode
	weather  *thirdparty.Weather
	cache    *cache.Cache
	faults   *faults.Set
	requests *http.Client
}

// build starts a backend that ends with the test. change may change the shop before it
// serves.
func build(t *testing.T, change func(b *backend)) *backend {
	t.Helper()
	b := &backend{faults: &faults.Set{Parts: []string{thirdparty.PaymentPart, thirdparty.WeatherPart}}}
	transport := &http.Transport{MaxIdleConnsPerHost: 200}
	t.Cleanup(transport.CloseIdleConnections)
	serve := func(h http.Handler) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	b.data = database.NewNode(database.Config{Store: goods.NewMemory()})
	data := serve(b.data.Handler())
	var err error
	b.payment, err = thirdparty.NewPaymentNode(thirdparty.PaymentConfig{Payment: &thirdparty.Payment{Faults: b.faults}})
	must(err)
	t.Cleanup(func() { must(b.payment.Close()) })
	b.weather, err = thirdparty.NewWeather(thirdparty.WeatherConfig{Faults: b.faults, Quota: -1})
	must(err)
	payments, err := guard.New(guard.Config{Name: "payment", FailureThreshold: 3, Timeout: 100 * time.Millisecond, IsFailure: shop.PaymentFailure})
	must(err)
	forecasts, err := guard.New(guard.Config{Name: "weather", FailureThreshold: 2, Timeout: time.Minute})
	must(err)
	client := &database.Client{BaseURL: func() string { return data }, HTTP: transport, Pool: database.Pool{Max: 20, MaxWait: 10 * time.Second}}
	source := shop.CacheSource{Store: client}
	b.cache, err = cache.New(cache.Config{Loader: source, Writer: source, Strategy: cache.CacheAside, TTL: time.Minute})
	must(err)
	t.Cleanup(func() { must(b.cache.Close(context.Background())) })
	b.shop = &shop.Shop{
		Store:        shop.Cached{Store: client, Cache: b.cache},
		Payment:      thirdparty.PaymentClient{BaseURL: serve(b.payment.Handler()), HTTP: &http.Client{Transport: transport}},
		PaymentGuard: payments, QueuePayments: true,
		Weather: &thirdparty.WeatherClient{
			BaseURL: serve(b.weather.Handler()),
			HTTP:    &http.Client{Transport: shop.Guarded(forecasts, transport)},
		},
		WeatherGuard: forecasts,
	}
	if change != nil {
		change(b)
	}
	must(b.shop.Validate())
	t.Cleanup(b.shop.Close)
	b.url = serve(b.shop.Handler())
	b.requests = &http.Client{Transport: transport}
	return b
}

// An answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends one request; header lines look like "Name: value".
func (b *backend) ask(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		if name, value, ok := strings.Cut(header, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	response, err := b.requests.Do(r)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// fail switches a fault on, and returns what switches it off.
func (b *backend) fail(t *testing.T, spec faults.Spec) {
	t.Helper()
	if _, err := b.faults.Add(spec); err != nil {
		t.Fatal(err)
	}
}

// await waits for a condition.
func await(t *testing.T, met func() bool) {
	t.Helper()
	for !met() {
		if t.Context().Err() != nil {
			t.Fatal("never")
		}
		time.Sleep(time.Millisecond)
	}
}

// wantSums fails unless the shop's counters add up.
func wantSums(t *testing.T, s shop.Stats) {
	t.Helper()
	sum := s.InFlight + s.Answered + s.Denied + s.Declined + s.Missing + s.Invalid + s.Refused + s.Unavailable + s.Failed + s.Cancelled
	if sum != s.Requests {
		t.Errorf("requests do not add up: %+v", s)
	}
	o, q := s.Orders, s.Backlog
	if o.Asked != o.Placed+o.Queued+o.Declined+o.Failed+o.Unkept+o.Replayed+o.Conflicts {
		t.Errorf("orders do not add up: %+v", o)
	}
	if q.Queued != q.Waiting+q.Settled+q.Declined+q.Lost || q.Queued != o.Queued {
		t.Errorf("queued payments do not add up: %+v and %+v", q, o)
	}
}

// N requests at once with one key are one charge and one order; another body is refused.
func TestOrdersWithAKeyHappenOnce(t *testing.T) {
	b := build(t, nil)
	var charges, placed uint64
	number := 0
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.StringMatching(`[a-z]{1,12}`).Draw(rt, "key") + strconv.Itoa(number)
		number++
		n := rapid.IntRange(1, 12).Draw(rt, "requests")
		body := fmt.Sprintf(`{"product":%d,"quantity":%d}`, rapid.IntRange(1, 500).Draw(rt, "product"), rapid.IntRange(1, 5).Draw(rt, "quantity"))
		bodies, fresh := make([]string, n), atomic.Int32{}
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				got := b.ask(t, "POST", "/api/orders", body, bearer, "Idempotency-Key: "+key)
				if bodies[i] = got.body; got.status != http.StatusCreated {
					t.Errorf("got %d %s, want 201", got.status, got.body)
				}
				if got.header.Get("Idempotency-Replayed") == "" {
					fresh.Add(1)
				}
			})
		}
		group.Wait()
		for _, other := range bodies {
			if other != bodies[0] {
				rt.Fatalf("got %s and %s, want the same", bodies[0], other)
			}
		}
		charges, placed = charges+1, placed+1
		if got := b.payment.Stats().Charges; got != charges || fresh.Load() != 1 {
			rt.Fatalf("got %d charges and %d new orders, want %d and 1", got, fresh.Load(), charges)
		}
		if got := b.ask(t, "POST", "/api/orders", `{"product":1,"quantity":99}`, bearer, "Idempotency-Key: "+key); got.status != http.StatusUnprocessableEntity {
			rt.Fatalf("another body: got %d %s, want 422", got.status, got.body)
		}
	})
	s := b.shop.Stats()
	wantSums(t, s)
	if s.Orders.Placed != placed || s.Orders.Conflicts != placed {
		t.Errorf("got %+v, want %d placed", s.Orders, placed)
	}
}

// A key is worth the same at every replica: the second finds the provider's charge and
// the store's order.
func TestOrdersWithAKeyHappenOnceInAllReplicas(t *testing.T) {
	b := build(t, nil)
	second := httptest.NewServer((&shop.Shop{Store: b.shop.Store, Payment: b.shop.Payment}).Handler())
	defer second.Close()
	first := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer, "Idempotency-Key: k")
	b.url = second.URL
	again := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer, "Idempotency-Key: k")
	if again.body != first.body || b.payment.Stats().Charges != 1 {
		t.Errorf("got %s and %s, with %d charges", first.body, again.body, b.payment.Stats().Charges)
	}
	if got := b.ask(t, "POST", "/api/orders", `{"product":8}`, bearer, "Idempotency-Key: k"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("another body: got %d %s, want 422", got.status, got.body)
	}
	unpaid := &shop.Shop{Store: b.shop.Store}
	third := httptest.NewServer(unpaid.Handler())
	defer third.Close()
	b.url = third.URL
	if got := b.ask(t, "POST", "/api/orders", `{"product":8}`, bearer, "Idempotency-Key: k"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("another body, and no provider: got %d %s, want 422", got.status, got.body)
	}
	if o := unpaid.Stats().Orders; o.Conflicts != 1 || o.Asked != 1 {
		t.Errorf("got %+v, want one conflict", o)
	}
	if got := b.ask(t, "POST", "/api/orders", `{"product":8}`, bearer, "Idempotency-Key: "+strings.Repeat("k", 300)); got.status != http.StatusBadRequest {
		t.Errorf("a long key: got %d %s, want 400", got.status, got.body)
	}
}

// While the provider is out of order orders are accepted, and then paid for in turn.
func TestOrdersAreQueuedDuringAnOutage(t *testing.T) {
	b := build(t, nil)
	b.fail(t, faults.Spec{Part: thirdparty.PaymentPart, Errors: faults.All})
	for i := range 20 {
		got := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer)
		if want := fmt.Sprintf(`{"id":%d,"product":7,"quantity":1,"total_cents":758,"payment":"queued"}`+"\n", i+1); got.status != http.StatusAccepted || got.body != want {
			t.Fatalf("got %d %s, want 202 %s", got.status, got.body, want)
		}
	}
	if s := b.shop.PaymentGuard.Stats(); s.Opened == 0 || s.FellBack != 20 {
		t.Errorf("the guard: got %+v, want it open, and 20 fallbacks", s)
	}
	wantSums(t, b.shop.Stats())
	b.faults.Clear()
	await(t, func() bool { return b.shop.Stats().Backlog.Waiting == 0 })
	s := b.shop.Stats()
	wantSums(t, s)
	if s.Backlog.Settled != 20 || b.payment.Stats().Charges != 20 {
		t.Errorf("got %+v and %d charges, want 20", s.Backlog, b.payment.Stats().Charges)
	}
	if got := b.ask(t, "GET", "/api/orders", "", bearer); strings.Count(got.body, `"payment":"paid"`) != 20 {
		t.Errorf("got %s, want 20 that are paid", got.body)
	}
	if got := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer); got.status != http.StatusCreated {
		t.Errorf("after the outage: got %d %s, want 201", got.status, got.body)
	}
}

// The queue is bounded, and what is in it at the end is counted.
func TestPaymentQueueIsBounded(t *testing.T) {
	b := build(t, nil)
	b.fail(t, faults.Spec{Part: thirdparty.PaymentPart, Errors: faults.All})
	var group sync.WaitGroup
	var accepted, refused atomic.Int32
	for range 10 {
		group.Go(func() {
			for range 105 {
				switch got := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer); got.status {
				case http.StatusAccepted:
					accepted.Add(1)
				case http.StatusServiceUnavailable, http.StatusBadGateway:
					refused.Add(1)
				default:
					t.Errorf("got %d %s", got.status, got.body)
				}
			}
		})
	}
	group.Wait()
	if accepted.Load() != 1000 || refused.Load() != 50 {
		t.Errorf("got %d accepted and %d refused, want 1000 and 50", accepted.Load(), refused.Load())
	}
	b.shop.Close()
	s := b.shop.Stats()
	wantSums(t, s)
	if s.Backlog.Lost != 1000 || s.Backlog.Full != 50 {
		t.Errorf("got %+v, want 1000 lost", s.Backlog)
	}
}

// With the breaker open and no fallback the answer tells when to come again.
func TestOpenBreakerSaysWhenToComeAgain(t *testing.T) {
	b := build(t, func(b *backend) {
		b.shop.QueuePayments = false
		var err error
		if b.shop.PaymentGuard, err = guard.New(guard.Config{FailureThreshold: 1, Timeout: 90 * time.Second, IsFailure: shop.PaymentFailure}); err != nil {
			t.Fatal(err)
		}
	})
	b.fail(t, faults.Spec{Part: thirdparty.PaymentPart, Errors: faults.All})
	if got := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer); got.status != http.StatusBadGateway {
		t.Errorf("got %d %s, want 502", got.status, got.body)
	}
	got := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer)
	seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
	if got.status != http.StatusServiceUnavailable || err != nil || seconds < 2 || seconds > 90 {
		t.Errorf("got %d, Retry-After %q, want 503, up to 90", got.status, got.header.Get("Retry-After"))
	}
	if s := b.shop.Stats(); s.Unavailable != 2 || s.Orders.Failed != 2 {
		t.Errorf("got %+v", s)
	}
	wantSums(t, b.shop.Stats())
}

// A provider that is not there is told apart, without saying where it is not.
func TestProviderThatIsNotThere(t *testing.T) {
	b := build(t, func(b *backend) {
		b.shop.Payment, b.shop.PaymentGuard, b.shop.QueuePayments = thirdparty.PaymentClient{BaseURL: "http://127.0.0.1:1"}, nil, false
	})
	got := b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer)
	if want := `{"error":"a service that the shop depends on does not answer"}` + "\n"; got.status != http.StatusBadGateway || got.body != want {
		t.Errorf("got %d %s, want 502 %s", got.status, got.body, want)
	}
}

// The weather is fetched, then stale while the service is down, and a city that nobody
// has asked for is refused at once while the breaker is open.
func TestWeather(t *testing.T) {
	b := build(t, nil)
	for _, step := range []struct {
		city, origin string
		status       int
	}{{"Oslo", "fetched", 200}, {"Oslo", "stale", 200}, {"Rome", "", 502}, {"Rome", "", 503}, {"Oslo", "stale", 200}, {"7", "", 400}} {
		if step.origin == "stale" {
			b.faults.Clear()
			b.fail(t, faults.Spec{Part: thirdparty.WeatherPart, Errors: faults.All})
		}
		got := b.ask(t, "GET", "/api/weather/"+step.city, "")
		if got.status != step.status || !strings.Contains(got.body, `"origin":"`+step.origin) && step.origin != "" {
			t.Errorf("%+v: got %d %s", step, got.status, got.body)
		}
		if (got.header.Get("Retry-After") != "") != (step.status == http.StatusServiceUnavailable) {
			t.Errorf("%+v: got Retry-After %q", step, got.header.Get("Retry-After"))
		}
	}
	if s := b.shop.WeatherGuard.Stats(); s.Opened != 1 {
		t.Errorf("the guard: got %+v, want it open", s)
	}
}

// A price goes through the cache: the next reader sees it, and the database has it.
func TestPricesGoThroughTheCache(t *testing.T) {
	b := build(t, nil)
	for range 3 {
		b.ask(t, "GET", "/api/products/7", "")
	}
	if reads := b.data.Stats().Reads; reads != 1 {
		t.Errorf("got %d reads of the database, want 1", reads)
	}
	for _, test := range []struct {
		path, body, header string
		status             int
	}{
		{"/api/products/7/price", `{"price_cents":5}`, "", 401},
		{"/api/products/7/price", `{"price_cents":0}`, bearer, 400},
		{"/api/products/x/price", `{"price_cents":5}`, bearer, 400},
		{"/api/products/501/price", `{"price_cents":5}`, bearer, 404},
		{"/api/products/7/price", `{"price_cents":5}`, bearer, 200},
	} {
		if got := b.ask(t, "PUT", test.path, test.body, test.header); got.status != test.status {
			t.Errorf("%+v: got %d %s", test, got.status, got.body)
		}
	}
	if got := b.ask(t, "GET", "/api/products/7", ""); !strings.Contains(got.body, `"price_cents":5}`) {
		t.Errorf("got %s, want the new price", got.body)
	}
	if s := b.cache.Stats(); s.Written != 1 {
		t.Errorf("got %+v, want one write", s)
	}
	page := b.ask(t, "GET", "/api/products?category=garden", "")
	if again := b.ask(t, "GET", "/api/products?category=garden", ""); again.body != page.body || !strings.Contains(page.body, `"price_cents":5}`) {
		t.Errorf("got %s and %s", page.body, again.body)
	}
	if got := b.ask(t, "GET", "/api/products/501", ""); got.status != http.StatusNotFound || !strings.Contains(got.body, "product 501: not found") {
		t.Errorf("got %d %s, want 404", got.status, got.body)
	}
}

// A session is at one replica only; a token is good at all.
func TestSessions(t *testing.T) {
	b := build(t, func(b *backend) { b.shop.State, b.shop.MaxSessions = shop.Stateful, 2 })
	other := &shop.Shop{Store: b.shop.Store, State: shop.Stateful}
	second := httptest.NewServer(other.Handler())
	defer second.Close()
	first := b.url
	var err error
	if b.requests.Jar, err = cookiejar.New(nil); err != nil {
		t.Fatal(err)
	}
	if got := b.ask(t, "GET", "/api/session", ""); got.status != http.StatusUnauthorized {
		t.Errorf("without a session: got %d %s, want 401", got.status, got.body)
	}
	login := b.ask(t, "POST", "/api/login", `{"user":"user3","password":"demo"}`)
	cookie := login.header.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("got the cookie %s", cookie)
	}
	b.ask(t, "POST", "/api/cart", `{"product":7}`)
	if got, want := b.ask(t, "GET", "/api/cart", "").body, `{"items":[{"product":7,"quantity":1}]}`+"\n"; got != want {
		t.Errorf("the cart: got %s, want %s", got, want)
	}
	if got, want := b.ask(t, "GET", "/api/session", "").body, `{"user":"user3","requests":3}`+"\n"; got != want {
		t.Errorf("the session: got %s, want %s", got, want)
	}
	b.url = second.URL // cookies know no ports
	got := b.ask(t, "GET", "/api/session", "")
	if want := `{"error":"no such session here; log in again"}` + "\n"; got.status != http.StatusUnauthorized || got.body != want {
		t.Errorf("elsewhere: got %d %s, want 401 %s", got.status, got.body, want)
	}
	var token struct{ Token string }
	if err := json.Unmarshal([]byte(login.body), &token); err != nil {
		t.Fatal(err)
	}
	if got := b.ask(t, "GET", "/api/cart", "", "Authorization: Bearer "+token.Token); got.status != http.StatusOK || got.body != `{"items":[]}`+"\n" {
		t.Errorf("elsewhere with the token: got %d %s, want an empty cart", got.status, got.body)
	}
	b.url = first
	b.requests.Jar = nil
	for range 2 {
		b.ask(t, "POST", "/api/login", `{"user":"user3","password":"demo"}`)
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	if got := b.ask(t, "GET", "/api/session", "", "Cookie: "+cookie); got.status != http.StatusUnauthorized {
		t.Errorf("the oldest of three: got %d %s, want 401", got.status, got.body)
	}
	if s := b.shop.Stats().Sessions; s != (shop.SessionStats{Sessions: 2, Begun: 3, Ended: 1, Found: 3, Unknown: 1}) {
		t.Errorf("got %+v", s)
	}
	if s := other.Stats().Sessions; s.Unknown != 2 || s.Found != 0 {
		t.Errorf("the other replica: got %+v", s)
	}
}

// A gateway's word is taken where that is asked for, and nowhere else.
func TestTrustedUser(t *testing.T) {
	b := build(t, nil)
	if got := b.ask(t, "GET", "/api/session", "", "X-User: user9"); got.status != http.StatusUnauthorized {
		t.Errorf("not trusted: got %d %s, want 401", got.status, got.body)
	}
	if got := b.ask(t, "GET", "/api/session", "", bearer); got.body != `{"user":"demo"}`+"\n" {
		t.Errorf("by token: got %d %s", got.status, got.body)
	}
	trusting := build(t, func(b *backend) { b.shop.TrustUser = true })
	if got := trusting.ask(t, "GET", "/api/session", "", "X-User: user9", bearer); got.body != `{"user":"user9"}`+"\n" {
		t.Errorf("trusted: got %d %s", got.status, got.body)
	}
	for _, odd := range []string{"a/b", "..", strings.Repeat("x", 200), "a b"} {
		if got := trusting.ask(t, "GET", "/api/cart", "", "X-User: "+odd); got.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", odd, got.status, got.body)
		}
	}
}

// What is the same for everybody can be kept, and asked for again.
func TestCatalogueCanBeKept(t *testing.T) {
	b := build(t, func(b *backend) { b.shop.CatalogueMaxAge = 30 * time.Second })
	for path, control := range map[string]string{
		"/api/products/7":   "public, max-age=30",
		"/api/products":     "public, max-age=30",
		"/static/app.v7.js": "public, max-age=31536000, immutable",
		"/static/app.js":    "public, max-age=30",
	} {
		got := b.ask(t, "GET", path, "")
		if got.status != http.StatusOK || got.header.Get("Cache-Control") != control || got.header.Get("ETag") == "" {
			t.Errorf("%s: got %d %v", path, got.status, got.header)
		}
		if head := b.ask(t, "HEAD", path, ""); head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Length") != strconv.Itoa(len(got.body)) {
			t.Errorf("HEAD %s: got %d %v %q", path, head.status, head.header, head.body)
		}
		again := b.ask(t, "GET", path, "", `If-None-Match: "x", W/`+got.header.Get("ETag"))
		if again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("%s again: got %d %q, want 304", path, again.status, again.body)
		}
		if same := b.ask(t, "GET", path, ""); same.body != got.body {
			t.Errorf("%s: got two bodies", path)
		}
	}
	if got := b.ask(t, "GET", "/static/app.v7.js", ""); len(got.body) != 20_000 || got.body == b.ask(t, "GET", "/static/app.v8.js", "").body {
		t.Errorf("got %d bytes", len(got.body))
	}
	if got := b.ask(t, "GET", "/static/secret.js", ""); got.status != http.StatusNotFound {
		t.Errorf("got %d, want 404", got.status)
	}
}

func TestEndpointsOfOnesOwn(t *testing.T) {
	broken := errors.New("broken")
	hit := false
	b := build(t, func(b *backend) {
		call := func(name string, skip *bool, err error) shop.Call {
			return shop.Call{Name: name, Do: func(context.Context) (bool, error) { return skip != nil && *skip, err }}
		}
		b.shop.Custom = []shop.Endpoint{
			{Pattern: "GET /report/{id}", Calls: []shop.Call{call("cache", &hit, nil), call("database.read", nil, nil), b.shop.PaymentCall(5), b.shop.WeatherCall("Oslo")}},
			{Pattern: "DELETE /report/{id}", Calls: []shop.Call{call("database.write", nil, broken)}},
			{Pattern: "POST /nothing"},
		}
	})
	if got, want := b.ask(t, "GET", "/report/7", "").body, `{"endpoint":"GET /report/{id}","calls":["cache","database.read","payment","weather"]}`+"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	hit = true
	if got, want := b.ask(t, "GET", "/report/7", "").body, `{"endpoint":"GET /report/{id}","calls":["cache","payment","weather"]}`+"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := b.ask(t, "DELETE", "/report/7", ""); got.status != http.StatusInternalServerError {
		t.Errorf("got %d %s, want 500", got.status, got.body)
	}
	if got := b.ask(t, "POST", "/nothing", ""); got.body != `{"endpoint":"POST /nothing","calls":[]}`+"\n" {
		t.Errorf("got %s", got.body)
	}
	if got := b.ask(t, "PUT", "/report/7", ""); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, DELETE" {
		t.Errorf("got %d %v, want 405", got.status, got.header)
	}
	if b.payment.Stats().Charges != 2 || b.weather.Stats().Answered != 2 {
		t.Errorf("got %+v and %+v, want two calls each", b.payment.Stats(), b.weather.Stats())
	}
	wantSums(t, b.shop.Stats())
}

func TestValidate(t *testing.T) {
	for _, pattern := range []string{"GET /api/products", "GET /{", "GET /healthz", "/", "", "GET nowhere"} {
		s := shop.Shop{Custom: []shop.Endpoint{{Pattern: pattern}}}
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("shop: endpoint %q: ", pattern)) {
			t.Errorf("%s: got %v, want an error that names it", pattern, err)
		}
	}
	s := shop.Shop{Sources: map[string]*capacity.Source{"GET /nowhere": nil, "GET /static/{name}": nil}}
	if err := s.Validate(); err == nil || err.Error() != `shop: there is no endpoint "GET /nowhere" to cost work` {
		t.Errorf("got %v", err)
	}
}

// Many clients do everything at once; in the end everybody's counters tell the same.
func TestCountersAgree(t *testing.T) {
	b := build(t, func(b *backend) { b.shop.State = shop.Stateful })
	b.fail(t, faults.Spec{Part: thirdparty.PaymentPart, Errors: faults.All / 3})
	statuses := make([]atomic.Uint64, 600)
	asked := atomic.Uint64{}
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 40 {
				var got answer
				switch i % 8 {
				case 0:
					got = b.ask(t, "POST", "/api/login", fmt.Sprintf(`{"user":"user%d","password":"demo"}`, worker+1))
				case 1:
					got = b.ask(t, "POST", "/api/orders", `{"product":7}`, bearer)
				case 2:
					got = b.ask(t, "POST", "/api/orders", `{"product":9}`, bearer, fmt.Sprint("Idempotency-Key: k", i))
				case 3:
					got = b.ask(t, "GET", "/api/weather/Oslo", "")
				case 4:
					got = b.ask(t, "PUT", "/api/products/7/price", fmt.Sprintf(`{"price_cents":%d}`, 100+i), bearer)
				case 5:
					got = b.ask(t, "GET", fmt.Sprintf("/api/products/%d", i*20), "")
				case 6:
					got = b.ask(t, "GET", "/api/session", "", "Cookie: session=x")
				default:
					got = b.ask(t, "GET", "/nowhere", "")
				}
				statuses[got.status].Add(1)
				asked.Add(1)
			}
		})
	}
	group.Wait()
	b.faults.Clear()
	await(t, func() bool { s := b.shop.Stats(); return s.InFlight == 0 && s.Backlog.Waiting == 0 })
	s := b.shop.Stats()
	wantSums(t, s)
	if s.Requests != asked.Load() || s.Denied != statuses[401].Load() || s.Missing != statuses[404].Load() ||
		s.Answered != statuses[200].Load()+statuses[201].Load()+statuses[202].Load() || s.Unavailable != statuses[502].Load()+statuses[503].Load() {
		t.Errorf("got %+v of %d", s, asked.Load())
	}
	if got, want := b.payment.Stats().Charges, s.Orders.Placed+s.Backlog.Settled; got != want {
		t.Errorf("got %d charges, want %d: %+v", got, want, s)
	}
	if s.Orders.Asked != 80 || s.Orders.Replayed != 35 {
		t.Errorf("got %+v, want 80 orders, of which 5 keys came 8 times each", s.Orders)
	}
	if d := b.data.Stats(); d.Requests != d.Reads+d.Writes || d.Failed != 0 {
		t.Errorf("the database: got %+v", d)
	}
}
