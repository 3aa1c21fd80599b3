package targets

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/floodmark/floodmark/dial"
)

// An opener is how connections come about: the target's dialer, whose two methods
// tests may replace.
type opener struct {
	dial      func(ctx context.Context, address string, tunnel bool) (net.Conn, error)
	tlsConfig func(host string, protocols []string) *tls.Config
	close     func()
}

// opener returns the target's way to open connections, to be closed at the end.
func (t Target) opener() opener {
	if d := t.Dialer; d != nil {
		return opener{d.Connect, d.TLSConfig, func() {}}
	}
	d, err := dial.New(dial.Options{})
	if err != nil {
		panic(err) // there are no options that could be wrong
	}
	return opener{d.Connect, d.TLSConfig, d.Close}
}
