package demoserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	demoserver "github.com/floodmark/floodmark/demo-server"
	"github.com/floodmark/floodmark/demo-server/faults"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	server, err := demoserver.Start(demoserver.Config{Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	response, err := http.Get("http://" + server.Addr() + "/healthz")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.Status)
	_ = response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(server.Shutdown(context.Background()))
	// Output:
	// 200 OK
	// <nil>
}

// start runs a server on free ports until the test ends.
func start(t *testing.T, config demoserver.Config) *demoserver.Server {
	t.Helper()
	config.Addr, config.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	server, err := demoserver.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return server
}

// client returns a client whose connections end with the test.
func client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// call makes a request of the demo user and returns status and body.
func call(t *testing.T, client *http.Client, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer demo-token")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestStartRefuses(t *testing.T) {
	running := start(t, demoserver.Config{})
	tests := []struct {
		name   string
		config demoserver.Config
		want   string
	}{
		{"law", demoserver.Config{Law: "exponential"}, `law "exponential": the mean is ""`},
		{"slots", demoserver.Config{Slots: -1}, "a machine has 1 to 1024 slots, got -1"},
		{"shop address in use", demoserver.Config{Addr: running.Addr()}, "listen on " + running.Addr() + ": the address is in use"},
		{"admin address in use", demoserver.Config{Addr: "127.0.0.1:0", AdminAddr: running.AdminAddr()}, "listen on " + running.AdminAddr() + ": the address is in use"},
		{"no address", demoserver.Config{Addr: "nowhere"}, "missing port in address"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, err := demoserver.Start(test.config)
			if err == nil {
				err = server.Shutdown(t.Context())
				t.Fatalf("it started; then %v", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want …%s…", err, test.want)
			}
		})
	}
	_, err := demoserver.Start(demoserver.Config{Addr: running.Addr()})
	hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if !ok || !strings.Contains(hinted.Hint(), "port 0") || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v, want a hint and %v", err, syscall.EADDRINUSE)
	}
}

// The founding example: 40% of the requests check out, a good day succeeds to 95%, a
// payment outage of 55% takes it to 78%.
func TestPaymentOutage(t *testing.T) {
	server := start(t, demoserver.Config{Law: "fixed:1us"})
	base, c := "http://"+server.Addr(), client(t)
	succeeded := func() int {
		good := 0
		for i := range 200 {
			status := 0
			if i%5 < 2 {
				status, _ = call(t, c, http.MethodPost, base+"/api/orders", `{"product":7}`)
			} else {
				status, _ = call(t, c, http.MethodGet, base+"/api/products/7", "")
			}
			if status < 300 {
				good++
			}
		}
		return good
	}
	if got, want := succeeded(), 190; got != want {
		t.Errorf("a good day: got %d of 200, want %d", got, want)
	}
	if _, err := (faults.Client{BaseURL: "http://" + server.AdminAddr()}).Add(t.Context(), "part=payment errors=55%"); err != nil {
		t.Fatal(err)
	}
	if got, want := succeeded(), 156; got != want {
		t.Errorf("the outage: got %d of 200, want %d", got, want)
	}
	server.Faults().Clear()
	if got, want := succeeded(), 190; got != want {
		t.Errorf("after it: got %d of 200, want %d", got, want)
	}
}

func TestStallFreezesTheMachine(t *testing.T) {
	server := start(t, demoserver.Config{Law: "fixed:1ms"})
	url, c := "http://"+server.Addr(), client(t)
	const stall = 150 * time.Millisecond
	begun := time.Now()
	if _, err := server.Faults().Add(faults.Spec{Stall: stall}); err != nil {
		t.Fatal(err)
	}
	if !server.Stats().Machine.Frozen && time.Since(begun) < stall {
		t.Error("the machine is not frozen")
	}
	var group sync.WaitGroup
	for _, path := range []string{"/api/products/1", "/healthz"} { // health needs no machine, and is held as well
		group.Go(func() {
			if status, body := call(t, c, http.MethodGet, url+path, ""); status != http.StatusOK {
				t.Errorf("%s: got %d %s, want 200", path, status, body)
			}
			if got := time.Since(begun); got < stall {
				t.Errorf("%s: answered after %v, want at least %v", path, got, stall)
			}
		})
	}
	group.Wait()
	if _, err := server.Faults().Add(faults.Spec{Stall: 10 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	server.Faults().Clear()
	if server.Stats().Machine.Frozen {
		t.Error("the machine is still frozen")
	}
}

func TestFullQueue(t *testing.T) {
	server := start(t, demoserver.Config{Law: "fixed:100ms", Slots: 1, Queue: 1})
	url, c := "http://"+server.Addr()+"/api/products/1", client(t)
	var mu sync.Mutex
	statuses := make(map[int]int)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			status, _ := call(t, c, http.MethodGet, url, "")
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	group.Wait()
	stats := server.Stats()
	if refused := int(stats.Machine.Refused); refused == 0 || statuses[http.StatusServiceUnavailable] != refused {
		t.Errorf("got statuses %v with %d refused", statuses, refused)
	}
	if stats.Requests != 4 || stats.Machine.Admitted+stats.Machine.Refused != 4 {
		t.Errorf("got %+v, want 4 requests", stats)
	}
}

func TestNoQueue(t *testing.T) {
	if got := start(t, demoserver.Config{Queue: -1}).Stats().Machine; got.Places != 0 || got.Slots != 4 {
		t.Errorf("got %d places and %d slots, want 0 and 4", got.Places, got.Slots)
	}
}

func TestAdminStats(t *testing.T) {
	server := start(t, demoserver.Config{})
	c := client(t)
	call(t, c, http.MethodGet, "http://"+server.Addr()+"/api/products/1", "")
	_, body := call(t, c, http.MethodGet, "http://"+server.AdminAddr()+"/stats", "")
	var got struct {
		Uptime   float64 `json:"uptime_seconds"`
		Requests int
		Machine  struct {
			Slots, Places, Admitted int
			Lag                     struct {
				Count int
				Max   float64 `json:"max_seconds"`
			} `json:"model_lag"`
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if got.Uptime <= 0 || got.Requests != 1 || got.Machine.Slots != 4 || got.Machine.Places != 200 || got.Machine.Lag.Count != 1 {
		t.Errorf("got %s", body)
	}
}

// awaitAdmitted returns when a request is in the machine.
func awaitAdmitted(server *demoserver.Server) {
	for server.Stats().Machine.Admitted == 0 {
		time.Sleep(100 * time.Microsecond)
	}
}

// Shutdown does not wait for what faults hold: it switches them off.
func TestShutdownDuringAStall(t *testing.T) {
	server := start(t, demoserver.Config{})
	c := client(t)
	if _, err := server.Faults().Add(faults.Spec{Stall: 10 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int)
	go func() {
		status, _ := call(t, c, http.MethodGet, "http://"+server.Addr()+"/api/products/1", "")
		answered <- status
	}()
	awaitAdmitted(server)
	if err := server.Shutdown(t.Context()); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if got := <-answered; got != http.StatusOK {
		t.Errorf("got %d, want 200", got)
	}
}

// Requests that would take minutes are told to end when Shutdown runs out of time, and
// none of them is told that it succeeded.
func TestShutdownCutsLongRequests(t *testing.T) {
	tests := []struct {
		name  string
		law   string
		fault faults.Spec
		want  string
	}{
		{"in the machine", "fixed:1m", faults.Spec{}, "503 Service Unavailable"},
		{"delayed", "fixed:1ms", faults.Spec{Delay: 5 * time.Minute}, "EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := start(t, demoserver.Config{Law: test.law})
			c, held := client(t), func() bool { return server.Stats().Machine.Admitted > 0 }
			if test.fault != (faults.Spec{}) {
				if _, err := server.Faults().Add(test.fault); err != nil {
					t.Fatal(err)
				}
				held = func() bool { return server.Faults().List()[0].Hits > 0 }
			}
			outcome := make(chan string)
			go func() {
				response, err := c.Post("http://"+server.Addr()+"/api/login", "application/json", strings.NewReader("{}"))
				if err != nil {
					outcome <- err.Error()
					return
				}
				_ = response.Body.Close()
				outcome <- response.Status
			}()
			for !held() {
				time.Sleep(100 * time.Microsecond)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := server.Shutdown(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
			if got := <-outcome; !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestLogIsJSONWithTheCorrelationID(t *testing.T) {
	var lines bytes.Buffer
	server, err := demoserver.Start(demoserver.Config{Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0", Logs: &lines})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+"/api/products/7", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Request-Id", "trace-me")
	response, err := client(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("X-Request-Id"); got != "trace-me" {
		t.Errorf("the answer's id: got %q, want trace-me", got)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var line struct {
		Msg, Level, Method, Path string
		ID                       string `json:"request_id"`
		Status                   int
	}
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, lines.String())
	}
	if line.Msg != "request" || line.ID != "trace-me" || line.Path != "/api/products/7" || line.Status != 200 || line.Level != "INFO" {
		t.Errorf("got %+v", line)
	}
}

// The shop speaks HTTP/2 to those who begin with it.
func TestShopSpeaksHTTP2(t *testing.T) {
	server := start(t, demoserver.Config{Seed: 1})
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	response, err := (&http.Client{Transport: transport}).Get("http://" + server.Addr() + "/api/products")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.Proto != "HTTP/2.0" || response.StatusCode != http.StatusOK {
		t.Errorf("%s %s: %v", response.Proto, response.Status, err)
	}
}
