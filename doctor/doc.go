// Package doctor finds out what a machine can do for load tests: what its limits
// are, how well it keeps time, how fast it is, and what to change.
//
// It does not know of profiles, runs or targets. Whether the numbers that Floodmark
// measures are true is for verify to say.
//
// The main type is [Doctor]. [Doctor.Examine] goes through the machine from top to
// bottom and returns a [Report] of [Check]s:
//
//  1. processors, memory, clock, limits and network settings are read from /proc and
//     /sys, which are given as an [io/fs.FS], so that tests bring trees of other
//     machines; what a system does not tell is unknown;
//  2. timers, the clock, loopback exchanges, TLS handshakes and encryption are
//     measured, each for a second or less;
//  3. every check has a verdict and, unless it is ok, says why and how to mend it.
//
// What is bad makes measurements untrustworthy. What is a warning bounds how far the
// machine goes, or what of its numbers to doubt.
package doctor
