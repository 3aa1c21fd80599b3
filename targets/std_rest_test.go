package targets

import (
	"net/http"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// The limits of a connection hold for net/http too, by HTTP/1.1 and by HTTP/2.
func TestStdConnectionsEnd(t *testing.T) {
	tests := []struct {
		name        string
		connections Connections
		dialed      int64
	}{
		{"never", Connections{}, 1},
		{"after two requests", Connections{MaxRequests: 2}, 3},
		{"after each request", Connections{MaxRequests: 1}, 6},
		{"after a rest", Connections{IdleTimeout: time.Nanosecond}, 6},
		{"after a long rest", Connections{IdleTimeout: time.Hour}, 1},
	}
	for _, p := range []Protocol{H1, H2, H2C} {
		for _, tt := range tests {
			t.Run(p.String()+" "+tt.name, func(t *testing.T) {
				server := start(t, p, 100, func(http.ResponseWriter, *http.Request) {})
				target := at(t, server.url)
				target.Connections = tt.connections
				client := server.transport(t, target, p).NewClient()
				defer client.Close()
				req := compile(t, target, "/")
				for range 6 {
					var resp Response
					client.Send(t.Context(), req, &resp)
					if resp.Outcome != measure.Status2xx {
						t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
					}
				}
				if got := server.dialed.Load(); got != tt.dialed {
					t.Errorf("%d connections, want %d", got, tt.dialed)
				}
			})
		}
	}
}
