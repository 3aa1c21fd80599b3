//go:build integration && linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// processes is a backend whose machines are processes.
const processes = `
version: 1
name: processes
runtime: process
machines: {web: {cores: 2}, db: {cores: 2}}
web: {machine: web, replicas: 2, cpu: 1ms}
load_balancer: {algorithm: round_robin, retries: 1, health_check: {interval: 50ms, timeout: 50ms, unhealthy_after: 1, healthy_after: 1}}
gateway: {auth: {jwt: {secret: 0123456789abcdef0123456789abcdef}, api_keys: [key-of-a-customer]}, public: ["GET /api/products/{id}"]}
database: {machine: db, read: 1ms, write: 1ms}
orchestrator: {restart: {backoff: 100ms}}
`

// gone reports whether a process has ended, be it that nobody has asked how.
func gone(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, after, _ := strings.Cut(string(text), ") ")
	return strings.HasPrefix(after, "Z")
}

// children returns the processes of a backend.
func (b demoBackend) children(t *testing.T) []int {
	t.Helper()
	var pids []int
	for _, h := range b.hosts(t) {
		if h.PID != 0 {
			pids = append(pids, h.PID)
		}
	}
	if len(pids) != 3 {
		t.Fatalf("got the processes %v, want three", pids)
	}
	return pids
}

// A replica that somebody kills is there again with another process, at the same address.
// One that somebody stops is noticed, and catches up with what it has missed.
func TestReplicasAreProcesses(t *testing.T) {
	b := serveTopology(t, t.TempDir(), processes)
	for _, pid := range b.children(t) {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil || !strings.HasSuffix(string(line), "\x00demo\x00node\x00") {
			t.Errorf("the command line of %d is %q: %v", pid, line, err)
		}
	}
	before := b.hosts(t)["web-2"]
	signalTo(t, before.PID, syscall.SIGKILL)
	eventually(t, "web-2 lives again", func() bool { h := b.hosts(t)["web-2"]; return h.State == "up" && h.Restarts == 1 })
	after := b.hosts(t)["web-2"]
	if after.PID == before.PID || after.Addrs["web-2"] != before.Addrs["web-2"] {
		t.Errorf("got process %d at %v, before %d at %v", after.PID, after.Addrs, before.PID, before.Addrs)
	}
	get(t, "http://"+after.Addrs["web-2"]+"/api/products/1")

	web1 := b.hosts(t)["web-1"]
	signalTo(t, web1.PID, syscall.SIGSTOP)
	eventually(t, "it is noticed that web-1 stands still", func() bool { return b.hosts(t)["web-1"].State == "frozen" })
	b.control(t, "fault", "errors=100%", "part=web-1")
	eventually(t, "nobody waits for web-1", func() bool {
		result := loaded(t, b.Dir, b.door+"/api/products/1", "-n", "10", "-r", "100/s")
		return result.Counts.Succeeded == 10
	})
	signalTo(t, web1.PID, syscall.SIGCONT)
	eventually(t, "web-1 suffers what was switched on while it stood still", func() bool {
		response, err := http.Get("http://" + web1.Addrs["web-1"] + "/api/products/1")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusInternalServerError
	})
	b.control(t, "fault", "kill", "part=web-1")
	eventually(t, "web-1 lives again", func() bool { h := b.hosts(t)["web-1"]; return h.State == "up" && h.Restarts == 1 })
	want := []string{"died web-2", "restarted web-2", "frozen web-1", "fault_started web-1", "thawed web-1", "killed web-1", "restarted web-1"}
	eventually(t, "all of it is told", func() bool { return slices.Equal(b.told(t), want) })

	pids := b.children(t)
	b.send(syscall.SIGTERM)
	if done := b.finish(); done.code != 0 || strings.Contains(done.stderr+done.stdout, "key-of-a-customer") {
		t.Errorf("exit code %d: %s%s", done.code, done.stdout, done.stderr)
	}
	for _, pid := range pids {
		if !gone(pid) {
			t.Errorf("process %d has outlived an orderly end", pid)
		}
	}
}

// Nothing is left of a backend that is killed, be it in the middle of a hang.
func TestNoProcessOutlivesTheBackend(t *testing.T) {
	b := serveTopology(t, t.TempDir(), processes)
	b.control(t, "fault", "hang", "part=web-1")
	pids := b.children(t)
	b.send(syscall.SIGKILL)
	b.finish()
	for _, pid := range pids {
		eventually(t, fmt.Sprintf("process %d has ended", pid), func() bool { return gone(pid) })
	}
}

func signalTo(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatalf("%v to %d: %v", s, pid, err)
	}
}
