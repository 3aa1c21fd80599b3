//go:build !linux

package dial

import "syscall"

// bindWithoutPort does nothing: only Linux can choose a port after binding.
func bindWithoutPort(_, _ string, _ syscall.RawConn) error { return nil }
