package targets

import (
	"net"
	"testing"

	"github.com/floodmark/floodmark/measure"
)

// echoless answers whatever arrives, without looking at it, so that the figures
// are the client's: it neither parses nor allocates.
func echoless(b *testing.B) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer, answer := make([]byte, 4096), []byte(hello)
		for {
			if _, err := conn.Read(buffer); err != nil {
				return
			}
			if _, err := conn.Write(answer); err != nil {
				return
			}
		}
	}()
	b.Cleanup(func() {
		listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String()
}

// BenchmarkSend is one exchange on a kept loopback connection, server included.
func BenchmarkSend(b *testing.B) {
	target := at(b, echoless(b))
	req := compile(b, target, "/")
	client := target.NewClient()
	defer client.Close()
	ctx := b.Context()
	var resp Response
	b.ReportAllocs()
	for b.Loop() {
		client.Send(ctx, req, &resp)
		if resp.Outcome != measure.Status2xx {
			b.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
		}
	}
}

// BenchmarkProbe is the look at an idle connection before it is used again.
func BenchmarkProbe(b *testing.B) {
	target := at(b, echoless(b))
	client := target.NewClient()
	defer client.Close()
	var resp Response
	client.Send(b.Context(), compile(b, target, "/"), &resp)
	if len(client.conns) != 1 {
		b.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !client.conns[0].socket.idle() {
			b.Fatal("the connection is not idle")
		}
	}
}

// BenchmarkCompile is what a redirect costs besides its exchange.
func BenchmarkCompile(b *testing.B) {
	target := at(b, "http://127.0.0.1:8080")
	b.ReportAllocs()
	for b.Loop() {
		compile(b, target, "/api/products?page=1")
	}
}
