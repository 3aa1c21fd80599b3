package control

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// checkPeer refuses a process of another user at the other end: the socket's mode lets
// none in, but root, and who was handed a socket that was open already.
func checkPeer(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) //nolint:gosec // a descriptor is a small number
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	}
	return sameUser(int(peer.Uid), os.Geteuid())
}

func sameUser(theirs, ours int) error {
	if theirs != ours {
		return fmt.Errorf("the process at the other end is of user %d, not %d", theirs, ours)
	}
	return nil
}
