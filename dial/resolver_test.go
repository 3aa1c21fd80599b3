package dial

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
)

// Types of DNS records (RFC 1035, RFC 3596).
const (
	typeA    = 1
	typeAAAA = 28
)

// A nameServer answers over UDP for one name, and for all others that they do not
// exist.
type nameServer struct {
	name  string
	ips   []netip.Addr
	asked atomic.Int64
}

// serve starts the server and returns a resolver that asks it alone.
func (s *nameServer) serve(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			s.asked.Add(1)
			conn.WriteTo(s.answer(buffer[:n]), from)
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answer turns a query into its answer.
func (s *nameServer) answer(query []byte) []byte {
	name, end := "", 12
	for query[end] != 0 {
		size := int(query[end])
		name += string(query[end+1:end+1+size]) + "."
		end += 1 + size
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	out := append([]byte(nil), query[:end+5]...)
	out[2], out[3] = 0x84, 0x80 // an answer with authority; recursion is there
	binary.BigEndian.PutUint64(out[4:], 1<<48)
	if name != s.name {
		out[3] |= 3 // no such name
		return out
	}
	count := uint16(0)
	for _, ip := range s.ips {
		if ip.Is4() != (kind == typeA) || kind != typeA && kind != typeAAAA {
			continue
		}
		count++
		out = append(out, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(ip.BitLen()/8))
		out = append(out, ip.AsSlice()...)
	}
	binary.BigEndian.PutUint16(out[6:], count)
	return out
}

// A real resolver over a real socket fits as Lookup.
func TestResolver(t *testing.T) {
	door := open(t, "127.0.0.1", 0)
	server := &nameServer{name: "shop.test.", ips: addrs("127.0.0.1", "::2")}
	resolver := server.serve(t)
	d := dialer(t, Options{DNS: DNS{Family: IPv4, Lookup: resolver.LookupNetIP}})
	for range 5 {
		connect(t, d, "shop.test.:"+door.portText())
	}
	if asked := server.asked.Load(); asked != 1 {
		t.Errorf("%d queries, want 1", asked)
	}
	all, err := dialer(t, Options{DNS: DNS{Lookup: resolver.LookupNetIP}}).names.find(t.Context(), "shop.test.")
	if err != nil || len(all.list) != 2 {
		t.Errorf("shop.test is %v, %v, want two addresses", all, err)
	}
	var dns *net.DNSError
	_, err = d.Connect(t.Context(), "nowhere.test.:80", false)
	if !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != "nowhere.test." {
		t.Errorf("error %v, want that there is no such host", err)
	}
	if asked, failed := d.Lookups(); asked != 2 || failed != 1 {
		t.Errorf("%d lookups, %d in vain, want 2 and 1", asked, failed)
	}
}
