//go:build !integration

package main

import (
	"flag"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// around lets three times as many tests as there are processors go on at once, unless
// -parallel says otherwise: most of their time they wait for runs of a few seconds. Tests
// with the tag integration run a binary that is built around them.
func around(m *testing.M) testscript.TestingM {
	const waiting = 3
	if err := flag.Set("test.parallel", strconv.Itoa(waiting*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	return m
}
