//go:build !integration

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// around returns the tests as they are. Those with the tag integration run a binary
// that is built around them.
func around(m *testing.M) testscript.TestingM { return m }
