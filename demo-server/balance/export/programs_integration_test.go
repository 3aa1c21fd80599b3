//go:build integration

package export_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/export"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// streamModule is where Debian puts nginx's module for layer 4.
const streamModule = "/usr/lib/nginx/modules/ngx_stream_module.so"

// A program is another balancer.
type program struct {
	name, debian string
	write        func(balance.Config, string) (string, error)
	check, run   func(file, dir string) []string
}

// programs returns both.
func programs() []program {
	nginx := func(c balance.Config, listen string) (string, error) {
		text, err := export.Nginx(c, listen)
		if c.Layer == balance.Connections {
			text = "load_module " + streamModule + ";\n" + text
		}
		return text, err
	}
	global := func(dir string) string {
		text := "daemon off; pid " + dir + "/pid; error_log " + dir + "/errors;"
		if os.Getuid() == 0 { // so that its workers may read the directory
			text += " user root;"
		}
		return text
	}
	return []program{
		{
			"nginx", "nginx-light and libnginx-mod-stream", nginx,
			func(file, dir string) []string {
				return []string{"-t", "-q", "-c", file, "-p", dir, "-e", dir + "/errors", "-g", global(dir)}
			},
			func(file, dir string) []string {
				return []string{"-c", file, "-p", dir, "-e", dir + "/errors", "-g", global(dir)}
			},
		},
		{
			"haproxy", "haproxy", export.HAProxy,
			func(file, _ string) []string { return []string{"-c", "-f", file} },
			func(file, _ string) []string { return []string{"-db", "-f", file} },
		},
	}
}

// find returns the path of a program.
func (p program) find(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath(p.name)
	if err != nil {
		t.Fatalf("%s is not installed; on Debian: apt-get install %s", p.name, p.debian)
	}
	return path
}

// save writes the configuration into a file.
func (p program) save(t *testing.T, c balance.Config, listen string) (file, dir string) {
	t.Helper()
	text, err := p.write(c, listen)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	file = filepath.Join(dir, p.name+".conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, dir
}

// Both programs take every file, and HAProxy does not even warn.
func TestExportsAreValid(t *testing.T) {
	for _, p := range programs() {
		path := p.find(t)
		for name, c := range configurations() {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				file, dir := p.save(t, c, "127.0.0.1:18080")
				out, err := exec.CommandContext(t.Context(), path, p.check(file, dir)...).CombinedOutput()
				if err != nil || strings.Contains(string(out), "[WARNING]") || strings.Contains(string(out), "[warn]") {
					text, _ := os.ReadFile(file)
					t.Errorf("%v\n%s\n%s", err, out, text)
				}
			})
		}
	}
}

// start runs the program until the test ends and returns its address.
func (p program) start(t *testing.T, c balance.Config) string {
	t.Helper()
	path, address := p.find(t), freeAddress(t)
	file, dir := p.save(t, c, address)
	command := exec.Command(path, p.run(file, dir)...)
	command.Dir = dir
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		<-ended
	})
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return address
		}
		select {
		case err := <-ended:
			ended <- err
			log, _ := os.ReadFile(dir + "/errors")
			t.Fatalf("%s ended: %v\n%s", p.name, err, log)
		default:
			time.Sleep(time.Millisecond)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// ours runs our own balancer with the same configuration.
func ours(t *testing.T, c balance.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b, err := balance.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = b.Serve(listener) })
	t.Cleanup(func() {
		if err := b.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		serving.Wait()
	})
	return listener.Addr().String()
}

// replicas starts three that say who they are and what they were told.
func replicas(t *testing.T) []balance.Backend {
	t.Helper()
	var all []balance.Backend
	for i := range 3 {
		name := fmt.Sprint("web-", i+1)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s for=%s id=%v", name, r.Header.Get("X-Forwarded-For"), r.Header.Get("X-Request-Id") != "")
		}))
		t.Cleanup(s.Close)
		all = append(all, balance.Backend{Name: name, Address: s.Listener.Addr().String(), Weight: []int{4, 2, 1}[i]})
	}
	return all
}

// spread sends requests one after the other and counts whom they reach.
func spread(t *testing.T, address string, requests int, keepAlive bool) map[string]int {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: !keepAlive}
	defer transport.CloseIdleConnections()
	reached := map[string]int{}
	for range requests {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-For", "6.6.6.6")
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v", response.Status, err)
		}
		name, told, _ := strings.Cut(string(body), " ")
		if want := "for=127.0.0.1 id=true"; keepAlive && told != want {
			t.Fatalf("the backend was told %q, want %q", told, want)
		}
		reached[name]++
	}
	return reached
}

// nginx and HAProxy, with the files written for them, spread requests as we do: exactly so
// where turns are counted, and within chance where lots are drawn.
func TestTheSameDistribution(t *testing.T) {
	const requests = 700
	even := map[string]int{"web-1": 233, "web-2": 233, "web-3": 233}
	weighted := map[string]int{"web-1": 400, "web-2": 200, "web-3": 100}
	chance := func(share float64) int { return 4 * int(math.Ceil(math.Sqrt(requests*share*(1-share)))) }
	tests := []struct {
		algorithm pick.Algorithm
		want      map[string]int
		within    int
	}{
		{pick.RoundRobin, even, 1},
		{pick.WeightedRoundRobin, weighted, 2},
		{pick.LeastConnections, even, 60}, // the last connection may still be ending
		{pick.Random, weighted, chance(4.0 / 7)},
	}
	for _, test := range tests {
		for _, layer := range []int{balance.Requests, balance.Connections} {
			c := balance.Config{Layer: layer, Algorithm: test.algorithm, Backends: replicas(t), Retries: 1}
			addresses := map[string]string{"ours": ours(t, c)}
			for _, p := range programs() {
				addresses[p.name] = p.start(t, c)
			}
			for name, address := range addresses {
				got := spread(t, address, requests, layer == balance.Requests)
				t.Logf("%s, layer %d, %s: %v", test.algorithm, layer, name, got)
				for web, want := range test.want {
					if math.Abs(float64(got[web]-want)) > float64(test.within) {
						t.Errorf("%s, layer %d, %s: got %v, want %v within %d", test.algorithm, layer, name, got, test.want, test.within)
					}
				}
			}
		}
	}
}

// A client's address always reaches the same backend, and with all of them there are
// enough to reach every backend.
func TestHashesStay(t *testing.T) {
	c := balance.Config{Algorithm: pick.IPHash, Backends: replicas(t)}
	addresses := map[string]string{"ours": ours(t, c)}
	for _, p := range programs() {
		addresses[p.name] = p.start(t, c)
	}
	for name, address := range addresses {
		first, reached := map[string]string{}, map[string]int{}
		for round := range 2 {
			for i := range 60 {
				from := fmt.Sprintf("127.0.%d.%d", 100+i%3, 1+i)
				dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
				transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
				response, err := (&http.Client{Transport: transport}).Get("http://" + address + "/")
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(response.Body)
				response.Body.Close()
				web, _, _ := strings.Cut(string(body), " ")
				if round == 0 {
					first[from] = web
					reached[web]++
				} else if first[from] != web {
					t.Errorf("%s: %s reached %s and then %s", name, from, first[from], web)
				}
			}
		}
		t.Logf("%s: %v", name, reached)
		if len(reached) != 3 {
			t.Errorf("%s: got %v, want all three", name, reached)
		}
	}
}

// One of three replicas is dead. With one retry nobody notices.
func TestRetriesElsewhere(t *testing.T) {
	c := balance.Config{Backends: replicas(t), Retries: 1, Ejection: balance.Ejection{Failures: 3, For: time.Minute}}
	c.Backends[1].Address = freeAddress(t)
	for _, p := range programs() {
		if got := spread(t, p.start(t, c), 60, true); got["web-1"]+got["web-3"] != 60 {
			t.Errorf("%s: got %v, want all answered", p.name, got)
		}
	}
}
