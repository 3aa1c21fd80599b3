package targets

import (
	"io"
	"net/http"
	"testing"

	"github.com/floodmark/floodmark/measure"
)

// BenchmarkStdSend is one exchange on a kept loopback connection, server included;
// beside BenchmarkSend, h1 is what the client of our own saves. The server of h1
// allocates nothing; those of HTTP/2 are net/http's, and their part is in the figures.
func BenchmarkStdSend(b *testing.B) {
	for _, p := range []Protocol{H1, H2, H2C} {
		b.Run(p.String(), func(b *testing.B) {
			server := &real{}
			if p == H1 {
				server.url = echoless(b)
			} else {
				server = start(b, p, 0, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
			}
			target := at(b, server.url)
			client := server.transport(b, target, p).NewClient()
			req := compile(b, target, "/")
			ctx := b.Context()
			var resp Response
			b.ReportAllocs()
			for b.Loop() {
				client.Send(ctx, req, &resp)
				if resp.Outcome != measure.Status2xx {
					b.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
				}
			}
			client.Close()
		})
	}
}
