package supervise

import (
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Somebody types kill -STOP in another terminal, and List finds out.
func TestFrozenBySomebodyElse(t *testing.T) {
	th := open(t, time.Hour)
	web := th.add(t, command("echo", nil))
	if err := syscall.Kill(web.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, web.PID, &info, unix.WSTOPPED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	if got := th.List()[0]; got.State != Frozen {
		t.Errorf("got %+v", got)
	}
	if got := th.await(Frozen); got.Why != "it was frozen by somebody else" {
		t.Errorf("got %+v", got)
	}
	if err := syscall.Kill(web.PID, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if got := th.List()[0]; got.State != Up {
		t.Errorf("got %+v", got)
	}
	th.await(Up)
}
