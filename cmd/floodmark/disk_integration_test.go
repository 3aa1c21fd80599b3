//go:build integration

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// counting answers at once and counts.
type counting struct{ requests atomic.Int64 }

// ServeHTTP implements http.Handler.
func (c *counting) ServeHTTP(http.ResponseWriter, *http.Request) { c.requests.Add(1) }

// Where runs cannot be saved there is no load.
func TestUnwritableRunsStopBeforeTheLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, test := range []struct{ name, runs string }{
		{"below a file", filepath.Join(file(t, dir, "taken", "a file"), "runs")},
		{"where nobody may write", unwritable(t)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var handler counting
			target := httptest.NewServer(&handler)
			defer target.Close()
			got := floodmark(t, t.TempDir(), "run", target.URL, "-r", "100/s", "-d", "5s", "--runs", test.runs)
			if got.code != exitUsage || got.stdout != "" {
				t.Errorf("got exit code %d and %q on stdout, want %d and nothing", got.code, got.stdout, exitUsage)
			}
			for _, want := range []string{"floodmark: ", "cannot be saved", "hint: ", "--no-save"} {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("stderr: got %q, want %q in it", got.stderr, want)
				}
			}
			if n := handler.requests.Load(); n != 0 {
				t.Errorf("the target got %d requests, want none", n)
			}
		})
	}
}

// unwritable returns a path that even root cannot make a directory at, or one in a
// directory without permissions for everybody else.
func unwritable(t *testing.T) string {
	t.Helper()
	if os.Getuid() == 0 {
		return "/proc/floodmark"
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil { //nolint:gosec // it takes a right away
		t.Fatal(err)
	}
	return filepath.Join(dir, "runs")
}

// A disk that fills up during the run is told, loudly, and changes nothing else:
// the run goes on to its end, and the result on stdout and its exit code are those
// of what was measured.
func TestFullDiskDoesNotEndTheRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		slo  string
		want int
	}{
		{"objective met", "success >= 90%", exitMet},
		{"objective missed", "p50 < 1us", exitMissed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var handler counting
			target := httptest.NewServer(&handler)
			defer target.Close()
			args := []string{
				"run", target.URL, "-r", "200/s", "-d", "6s", "--no-preflight", "--json",
				"--slo", test.slo, "--slo", "p50 < 10s",
			}
			run := onSmallDisk(t, args)
			got := run.result(t)
			if want := (accounted{Planned: 1200, Succeeded: 1200}); got.Counts != want {
				t.Errorf("counts: got %+v, want %+v", got.Counts, want)
			}
			if n := handler.requests.Load(); n != 1200 {
				t.Errorf("the target got %d requests, want 1200", n)
			}
			want := test.want
			if !got.Generator.Valid {
				want = 5 // this machine was too busy to send on time, and the result says so
			}
			if run.code != want || got.Seconds < 5.9 {
				t.Errorf("got exit code %d after %.3f s, want %d after 6", run.code, got.Seconds, want)
			}
			if !strings.Contains(run.stderr, "WARNING: ") || !strings.Contains(run.stderr, "not saved") {
				t.Errorf("stderr: got %q, want a WARNING that something is not saved", run.stderr)
			}
			if got.Lost == 0 || len(got.Warnings) == 0 {
				t.Errorf("result: got %d lost intervals and warnings %q, want some", got.Lost, got.Warnings)
			}
		})
	}
}

// onSmallDisk runs the program where runs take more place than there is: a file
// system of 16 KiB, or for those who may not mount one a limit of 4 KiB to each
// file.
func onSmallDisk(t *testing.T, args []string) finished {
	t.Helper()
	dir := t.TempDir()
	if os.Getuid() != 0 {
		limited := []string{"-c", `ulimit -f 4; exec "$@"`, "bash", binary}
		return begin(t, dir, "bash", append(limited, args...)...).finish()
	}
	if err := syscall.Mount("floodmark", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	return begin(t, dir, binary, args...).finish()
}
