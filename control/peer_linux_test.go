package control

import (
	"net"
	"os"
	"testing"
)

func TestSameUser(t *testing.T) {
	if err := sameUser(1000, 1000); err != nil {
		t.Error(err)
	}
	err := sameUser(0, 1000)
	if err == nil || err.Error() != "the process at the other end is of user 0, not 1000" {
		t.Errorf("got %v", err)
	}
}

func TestCheckPeer(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Net: "unix", Name: s.at.socket})
	if err != nil {
		t.Fatal(err)
	}
	if err := checkPeer(conn); err != nil {
		t.Errorf("user %d: %v", os.Geteuid(), err)
	}
	_ = conn.Close()
	if err := checkPeer(conn); err == nil {
		t.Error("a connection without another end was believed")
	}
}
