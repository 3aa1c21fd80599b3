//go:build integration

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// stopThenRead ends a server, whose log is whole afterwards, and reads the log.
func stopThenRead(c *command, signal syscall.Signal, log string) func(*testing.T) []line {
	return func(t *testing.T) []line {
		t.Helper()
		c.send(signal)
		if f := c.finish(); f.code != 0 {
			t.Errorf("%s: exit code %d: %s", filepath.Base(c.Path), f.code, f.stderr)
		}
		return readLog(t, log)
	}
}

// readLog reads an access log of lines "METHOD PATH STATUS [SENT RECEIVED]".
func readLog(t *testing.T, path string) []line {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var log []line
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		fields := append(strings.Fields(scanner.Text()), "0", "0")
		if len(fields) < 5 {
			t.Fatalf("%s: %q", path, scanner.Text())
		}
		l := line{method: fields[0], path: fields[1]}
		var faults [3]error
		l.status, faults[0] = strconv.Atoi(fields[2])
		l.sent, faults[1] = strconv.ParseInt(fields[3], 10, 64)
		l.received, faults[2] = strconv.ParseInt(fields[4], 10, 64)
		for _, err := range faults {
			if err != nil {
				t.Fatalf("%s: %q: %v", path, scanner.Text(), err)
			}
		}
		log = append(log, l)
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return log
}
