package balance_test

import (
	"context"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// BenchmarkHop is what a hop costs: the same request to a replica without and with a
// balancer of either layer between, one after the other over a kept connection. The
// difference to direct is the hop.
func BenchmarkHop(b *testing.B) {
	for layer, name := range hops() {
		b.Run(name, func(b *testing.B) {
			address := hop(b, layer)
			transport := &http.Transport{}
			b.Cleanup(transport.CloseIdleConnections)
			b.ReportAllocs()
			for b.Loop() {
				get(b, transport, address)
			}
		})
	}
}

// BenchmarkThroughput is the same with eight clients at once.
func BenchmarkThroughput(b *testing.B) {
	for layer, name := range hops() {
		b.Run(name, func(b *testing.B) {
			address := hop(b, layer)
			transport := &http.Transport{MaxIdleConnsPerHost: 100}
			b.Cleanup(transport.CloseIdleConnections)
			b.ReportAllocs()
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					get(b, transport, address)
				}
			})
		})
	}
}

// hops returns layers and their names, from none on.
func hops() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		_ = yield(0, "direct") && yield(balance.Connections, "layer4") && yield(balance.Requests, "layer7")
	}
}

// hop starts a replica, and a balancer before it unless the layer is 0. It returns the
// address to ask.
func hop(tb testing.TB, layer int) string {
	tb.Helper()
	replica := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":7,"name":"a product"}`)
	}))
	tb.Cleanup(replica.Close)
	if layer == 0 {
		return replica.Listener.Addr().String()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	balancer, err := balance.New(balance.Config{
		Layer: layer, Algorithm: pick.LeastConnections, Retries: 1, Backends: []balance.Backend{at("web-1", replica)},
	})
	if err != nil {
		tb.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = balancer.Serve(listener) })
	tb.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // kept connections of layer 4 are cut
		_ = balancer.Shutdown(ctx)
		serving.Wait()
	})
	return listener.Addr().String()
}

// get makes a request.
func get(tb testing.TB, transport *http.Transport, address string) {
	tb.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address+"/api/products/7", nil)
	if err != nil {
		tb.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		tb.Fatal(err)
	}
	_ = response.Body.Close()
}
