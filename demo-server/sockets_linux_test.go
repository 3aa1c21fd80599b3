package demoserver_test

import (
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	demoserver "github.com/floodmark/floodmark/demo-server"
)

// listening returns the addresses at which this process listens, as the system knows them.
func listening(t *testing.T) []netip.AddrPort {
	t.Helper()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	mine := map[string]bool{} // inodes
	for _, file := range files {
		target, err := os.Readlink(file)
		if inode, ok := strings.CutPrefix(target, "socket:["); ok && err == nil {
			mine[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var found []netip.AddrPort
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6", "/proc/self/net/udp", "/proc/self/net/udp6"} {
		text, err := os.ReadFile(table)
		if os.IsNotExist(err) {
			continue // a computer without IPv6
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			const addrAt, stateAt, inodeAt = 1, 3, 9
			fields := strings.Fields(line)
			if len(fields) > inodeAt && mine[fields[inodeAt]] && (fields[stateAt] == "0A" || strings.Contains(table, "udp")) {
				found = append(found, addressOf(t, fields[addrAt]))
			}
		}
	}
	return found
}

// addressOf reads an address as the system writes it: words of four bytes, each turned
// round, and the port.
func addressOf(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	addr, _ := netip.AddrFromSlice(raw)
	number, err := hex.DecodeString(port)
	if err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(addr, uint16(number[0])<<8|uint16(number[1]))
}

// Nothing of a backend with everything that there is can be reached from elsewhere.
func TestListensOnLoopbackAlone(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, distributed, "observability.metrics=:0", "gateway.auth.jwt.algorithm=RS256")})
	found := listening(t)
	for _, addr := range found {
		if !addr.Addr().Unmap().IsLoopback() {
			t.Errorf("it listens at %v", addr)
		}
	}
	var nodes int
	for _, h := range server.Stats().Hosts {
		for _, addr := range h.Addrs {
			nodes++
			if !slices.Contains(found, netip.MustParseAddrPort(addr)) {
				t.Errorf("%s is not among the %d listeners that were found", addr, len(found))
			}
		}
	}
	hosts := len(server.Stats().Hosts)
	if got, want := len(found), nodes+hosts+2; got < want { // the hosts' admin APIs, the backend's, and its metrics
		t.Errorf("got %d listeners, want at least %d", got, want)
	}
}
