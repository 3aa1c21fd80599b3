package shop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/sleeper"
)

// open returns a shop in which work and payment take no time and nothing goes wrong.
func open(tb testing.TB) *Shop {
	tb.Helper()
	machine, err := capacity.NewMachine(4, 200, new(sleeper.Sleeper))
	if err != nil {
		tb.Fatal(err)
	}
	return &Shop{
		Machine: machine,
		Source:  capacity.NewSource(capacity.Law{}, 1),
		Payment: DirectPayment{new(thirdparty.Payment)},
		Store:   goods.NewMemory(),
	}
}

// ask sends one request; header lines look like "Name: value".
func ask(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const demo = "Authorization: Bearer " + goods.DemoToken

func ExampleShop() {
	machine, err := capacity.NewMachine(4, 200, new(sleeper.Sleeper))
	if err != nil {
		fmt.Println(err)
		return
	}
	shop := Shop{
		Machine: machine,
		Source:  capacity.NewSource(capacity.Law{}, 1), // takes no time
		Payment: DirectPayment{new(thirdparty.Payment)},
		Store:   goods.NewMemory(),
	}
	answer := ask(shop.Handler(), http.MethodPost, "/api/orders", `{"product": 7, "quantity": 2}`, demo)
	fmt.Print(answer.Code, " ", answer.Body)
	// Output: 201 {"id":1,"product":7,"quantity":2,"total_cents":1516}
}

func TestAPI(t *testing.T) {
	large := `{"user":"` + strings.Repeat("x", maxBody) + `"}`
	tests := []struct {
		name, method, path, body string
		header                   string
		status                   int
		want                     string
	}{
		{"first page", "GET", "/api/products", "", "", 200, `"page":1,"pages":50,"total":500`},
		{"last page", "GET", "/api/products?page=50", "", "", 200, `{"id":500,`},
		{"page beyond", "GET", "/api/products?page=51", "", "", 200, `{"items":[],"page":51`},
		{"page zero", "GET", "/api/products?page=0", "", "", 400, `page: \"0\" is not a number from 1`},
		{"page of words", "GET", "/api/products?page=two", "", "", 400, `page: \"two\"`},
		{"category", "GET", "/api/products?category=books&page=10", "", "", 200, `"page":10,"pages":10,"total":100`},
		{"unknown category", "GET", "/api/products?category=cars", "", "", 200, `{"items":[],"page":1,"pages":0,"total":0}`},
		{"product", "GET", "/api/products/7", "", "", 200, `{"id":7,"name":"garden no. 7","category":"garden","price_cents":758}`},
		{"no such product", "GET", "/api/products/501", "", "", 404, `{"error":"product 501: not found"}`},
		{"product zero", "GET", "/api/products/0", "", "", 404, "not found"},
		{"product of words", "GET", "/api/products/seven", "", "", 400, `product: \"seven\" is not a number`},

		{"login", "POST", "/api/login", `{"user":"demo","password":"demo"}`, "", 200, `{"token":"demo-token"}`},
		{"wrong password", "POST", "/api/login", `{"user":"demo","password":"x"}`, "", 401, `{"error":"access denied: user or password is wrong"}`},
		{"unknown user", "POST", "/api/login", `{"user":"user1001","password":"demo"}`, "", 401, "access denied"},
		{"user with a sign", "POST", "/api/login", `{"user":"user+1","password":"demo"}`, "", 401, "access denied"},
		{"no body", "POST", "/api/login", "", "", 400, "body: want a JSON object, got nothing"},
		{"no JSON", "POST", "/api/login", "user=demo", "", 400, "body: invalid character"},
		{"cut JSON", "POST", "/api/login", `{"user":`, "", 400, "body: unexpected EOF"},
		{"unknown field", "POST", "/api/login", `{"user":"demo","pass":"demo"}`, "", 400, `body: unknown field \"pass\"`},
		{"two values", "POST", "/api/login", `{} {}`, "", 400, "body: something follows the first JSON value"},
		{"too large", "POST", "/api/login", large, "", 413, "body: http: request body too large"},

		{"cart", "GET", "/api/cart", "", demo, 200, `{"items":[]}`},
		{"cart without token", "GET", "/api/cart", "", "", 401, "want the header Authorization: Bearer"},
		{"cart, basic", "GET", "/api/cart", "", "Authorization: Basic ZGVtbzpkZW1v", 401, "want the header Authorization: Bearer"},
		{"cart, wrong token", "GET", "/api/cart", "", "Authorization: Bearer x", 401, "access denied"},
		{"cart, lower case", "GET", "/api/cart", "", "Authorization: bearer demo-token", 200, `{"items":[]}`},
		{"add to cart", "POST", "/api/cart", `{"product":7,"quantity":2}`, demo, 200, `{"items":[{"product":7,"quantity":2}]}`},
		{"add nothing", "POST", "/api/cart", `{"product":7,"quantity":0}`, demo, 400, "quantity: want 1 to 100, got 0"},
		{"add the unknown", "POST", "/api/cart", `{"product":0}`, demo, 404, "product 0: not found"},

		{"order", "POST", "/api/orders", `{"product":7,"quantity":3}`, demo, 201, `{"id":1,"product":7,"quantity":3,"total_cents":2274}`},
		{"order one", "POST", "/api/orders", `{"product":7}`, demo, 201, `"quantity":1`},
		{"order too many", "POST", "/api/orders", `{"product":7,"quantity":101}`, demo, 400, "quantity: want 1 to 100, got 101"},
		{"order the unknown", "POST", "/api/orders", `{"product":900}`, demo, 404, "product 900: not found"},
		{"order words", "POST", "/api/orders", `{"product":"seven"}`, demo, 400, "body: cannot unmarshal string"},
		{"order without token", "POST", "/api/orders", `{"product":7}`, "", 401, "access denied"},
		{"orders", "GET", "/api/orders", "", demo, 200, `{"items":[]}`},

		{"health", "GET", "/healthz", "", "", 200, `{"status":"ok"}`},
		{"no such path", "GET", "/api/nothing", "", "", 404, `{"error":"/api/nothing: not found"}`},
		{"root", "GET", "/", "", "", 404, "not found"},
		{"wrong method", "DELETE", "/api/orders", "", "", 405, `{"error":"method not allowed; there are: GET, POST"}`},
		{"wrong method for one", "POST", "/api/products/7", "", "", 405, "there are: GET"},
		{"service time not accepted", "GET", "/api/products/7", "", "X-Service-Time: never", 200, `"id":7`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(open(t).Handler(), test.method, test.path, test.body, test.header)
			if got.Code != test.status || !strings.Contains(got.Body.String(), test.want) {
				t.Errorf("got %d %s, want %d …%s…", got.Code, got.Body, test.status, test.want)
			}
			if !json.Valid(got.Body.Bytes()) || got.Header().Get("Content-Type") != "application/json" {
				t.Errorf("not JSON: %s, %s", got.Header().Get("Content-Type"), got.Body)
			}
			if allow := got.Header().Get("Allow"); (got.Code == http.StatusMethodNotAllowed) != (allow != "") {
				t.Errorf("Allow: got %q with %d", allow, got.Code)
			}
		})
	}
}

func TestLoginThenOrder(t *testing.T) {
	h := open(t).Handler()
	var login struct{ Token string }
	if err := json.Unmarshal(ask(h, "POST", "/api/login", `{"user":"user7","password":"demo"}`).Body.Bytes(), &login); err != nil {
		t.Fatal(err)
	}
	bearer := "Authorization: Bearer " + login.Token
	for range 2 {
		if got := ask(h, "POST", "/api/orders", `{"product":1}`, bearer); got.Code != http.StatusCreated {
			t.Fatalf("got %d %s, want 201", got.Code, got.Body)
		}
	}
	want := `{"items":[{"id":2,"product":1,"quantity":1,"total_cents":536},{"id":1,"product":1,"quantity":1,"total_cents":536}]}` + "\n"
	if got := ask(h, "GET", "/api/orders", "", bearer).Body.String(); got != want {
		t.Errorf("own orders: got %s, want %s", got, want)
	}
	if got, want := ask(h, "GET", "/api/orders", "", demo).Body.String(), `{"items":[]}`+"\n"; got != want {
		t.Errorf("another user's orders: got %s, want %s", got, want)
	}
}

func TestDeclinedPayment(t *testing.T) {
	s := open(t)
	s.Payment = DirectPayment{&thirdparty.Payment{Declines: 1_000_000}}
	h := s.Handler()
	got := ask(h, "POST", "/api/orders", `{"product":7}`, demo)
	if want := `{"error":"the payment was declined"}` + "\n"; got.Code != http.StatusPaymentRequired || got.Body.String() != want {
		t.Errorf("got %d %s, want 402 %s", got.Code, got.Body, want)
	}
	if got := ask(h, "GET", "/api/orders", "", demo).Body.String(); got != `{"items":[]}`+"\n" {
		t.Errorf("an order without payment was kept: %s", got)
	}
}

func TestServiceTimeHeader(t *testing.T) {
	tests := []struct {
		asked, status, want string
		took                time.Duration
	}{
		{"12.3ms", "200", "12.3ms", 12300 * time.Microsecond},
		{"0s", "200", "0s", 0},
		{"", "200", "5ms", 5 * time.Millisecond},
		{"12.3", "400", "", 0},
		{"-1ms", "400", "", 0},
		{"61s", "400", "", 0},
	}
	law, err := capacity.ParseLaw("fixed:5ms")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.asked, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t)
				s.AcceptServiceTime, s.Source = true, capacity.NewSource(law, 1)
				h := s.Handler()
				start := time.Now()
				got := ask(h, "GET", "/api/products/7", "", ServiceTimeHeader+": "+test.asked)
				if fmt.Sprint(got.Code) != test.status || got.Header().Get(ServiceTimeHeader) != test.want {
					t.Errorf("got %d, %q, want %s, %q", got.Code, got.Header().Get(ServiceTimeHeader), test.status, test.want)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

func TestFullMachineAnswers503(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		machine, err := capacity.NewMachine(1, 0, new(sleeper.Sleeper))
		if err != nil {
			t.Fatal(err)
		}
		s := open(t)
		s.Machine, s.AcceptServiceTime = machine, true
		h := s.Handler()
		var group sync.WaitGroup
		group.Go(func() { ask(h, "GET", "/api/products/7", "", ServiceTimeHeader+": 10s") })
		synctest.Wait()
		got := ask(h, "GET", "/api/products/7", "")
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "1" {
			t.Errorf("got %d, Retry-After %q, want 503, 1", got.Code, got.Header().Get("Retry-After"))
		}
		if got := ask(h, "GET", "/healthz", ""); got.Code != http.StatusOK {
			t.Errorf("health of a full machine: got %d, want 200", got.Code)
		}
		group.Wait()
	})
}

func TestCancelledRequestIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.AcceptServiceTime = true
		h := s.Handler()
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, "GET", "/api/products/7", nil)
		r.Header.Set(ServiceTimeHeader, "10s")
		w := httptest.NewRecorder()
		go h.ServeHTTP(w, r)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if w.Body.Len() > 0 {
			t.Errorf("got %s, want nothing", w.Body)
		}
		if got := s.Stats(); got.Cancelled != 1 || got.Requests != 1 {
			t.Errorf("got %+v, want 1 cancelled", got)
		}
	})
}

// broken is a store whose database is gone.
type broken struct{ goods.Store }

func (broken) Product(context.Context, int) (goods.Product, error) {
	return goods.Product{}, errors.New("secret table is on fire")
}

func TestInternalErrorIsLoggedAndKeptSecret(t *testing.T) {
	var lines strings.Builder
	s := open(t)
	s.Store, s.Log = broken{s.Store}, slog.New(slog.NewJSONHandler(&lines, nil))
	got := ask(new(observe.Observer).Handler(s.Handler()), "GET", "/api/products/7", "", "X-Request-Id: abc")
	if want := `{"error":"internal error"}` + "\n"; got.Code != http.StatusInternalServerError || got.Body.String() != want {
		t.Errorf("got %d %s, want 500 %s", got.Code, got.Body, want)
	}
	for _, want := range []string{"secret table is on fire", `"request_id":"abc"`, `"level":"ERROR"`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, lines.String())
		}
	}
}

// The handler's own cost, without net/http and without waiting.
func BenchmarkHandler(b *testing.B) {
	h := open(b).Handler()
	for _, bench := range []struct{ name, method, path, body string }{
		{"list", "GET", "/api/products?page=7", ""},
		{"product", "GET", "/api/products/7", ""},
		{"order", "POST", "/api/orders", `{"product":7}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(h, bench.method, bench.path, bench.body, demo)
			}
		})
	}
}
