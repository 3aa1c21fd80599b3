//go:build integration

package main

import (
	"path/filepath"
	"testing"
)

// nginx and HAProxy, with what demo export writes for them, stand in for the load
// balancer of a backend that runs: all requests succeed, and each replica gets its share.
func TestExportedBalancers(t *testing.T) {
	for _, program := range []string{"nginx", "haproxy"} {
		t.Run(program, func(t *testing.T) {
			dir := publicDir(t)
			b := serveTopology(t, dir, "04-load-balancer", "--set", "load_balancer.algorithm=round_robin", "--set", "web.cpu=1ms")
			addr := freeAddr(t)
			exported := floodmark(t, dir, "demo", "export", program, "04-load-balancer", "--set", "load_balancer.algorithm=round_robin",
				"--admin", b.admin, "--listen", addr)
			if exported.code != 0 {
				t.Fatalf("exit code %d: %s", exported.code, exported.stderr)
			}
			config := file(t, dir, program+".conf", exported.stdout)
			args := []string{"-db", "-f", config}
			if program == "nginx" {
				args = []string{"-c", config, "-p", dir, "-e", filepath.Join(dir, "errors"), "-g", "daemon off; pid " + dir + "/pid; " + userDirective()}
			}
			listening(t, begin(t, dir, installed(t, program, program), args...), addr)

			result := loaded(t, dir, "http://"+addr+"/api/products/1", "-r", "200/s", "-d", "2s")
			if result.Counts.Planned != 400 || result.Counts.Succeeded != 400 {
				t.Errorf("got %+v, want 400 that succeed", result.Counts)
			}
			total, _ := b.counts(t, "web")
			if door, _ := b.counts(t, "balancer"); total != 400 || door != 0 {
				t.Errorf("the replicas have counted %d requests, and the load balancer %d, want 400 and 0", total, door)
			}
			for name, h := range b.hosts(t) {
				if h.Nodes[0].Part != "web" {
					continue
				}
				if got := h.Nodes[0].Requests.Total; got < 98 || got > 102 {
					t.Errorf("%s: got %d requests, want 100 within 2", name, got)
				}
			}
		})
	}
}
