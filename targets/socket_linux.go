package targets

import (
	"syscall"
	"unsafe"
)

// read and write are the bare system calls. They do not tell the scheduler, as
// calls on a socket that never blocks return within microseconds, and telling it
// costs a tenth of an exchange's own time. A socket's own two calls go a shorter
// way through the kernel than those for any file.
func read(fd uintptr, p []byte) (int, error) {
	return bare(syscall.SYS_RECVFROM, fd, p, 0)
}

func write(fd uintptr, p []byte) (int, error) {
	return bare(syscall.SYS_SENDTO, fd, p, syscall.MSG_NOSIGNAL)
}

// peek reads and leaves what it has read.
func peek(fd uintptr, p []byte) (int, error) {
	return bare(syscall.SYS_RECVFROM, fd, p, syscall.MSG_PEEK)
}

func bare(call, fd uintptr, p []byte, flags uintptr) (int, error) {
	n, _, errno := syscall.RawSyscall6(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
