// Package health looks at the process and the machine that generate the load, once
// a beat: whether they could do what was asked of them.
//
// It only reads, from the kernel and from Go's runtime. It does not know of loads,
// rules or verdicts: what a [measure.Health] means is for report to say. What a
// system does not tell stays unknown.
//
// The main type is [Monitor]. [New] finds out once where the process stands: its
// cgroups, from its own up to the root of what it can see, and the range of local
// ports. Each [Monitor.Beat] then
//
//  1. reads the counters and levels of now,
//  2. takes the counters of the beat before off,
//  3. and keeps those of now for the next.
//
// All of /proc and /sys is read through an [io/fs.FS], so that tests bring trees
// that were taken on other machines.
package health
