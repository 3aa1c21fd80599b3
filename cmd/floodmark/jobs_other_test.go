//go:build !unix

package main

// jobs are the programs that tests of terminals need: there are none here.
func jobs() map[string]func() { return map[string]func(){} }
