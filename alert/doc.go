// Package alert decides when a burning SLO needs people.
//
// A [Rule] is what a profile says: fire when a condition holds over its windows,
// resolve when another does. A [Board] follows all rules through the run, each for
// every set of labels that it is about, and returns a [Transition] whenever one of
// them changes its state:
//
//	inactive ──breach──▶ pending ──for──▶ firing ──clear──▶ recovering ──keep_firing_for──▶ inactive
//
// An [Abort] decides something else: whether the run as a whole is lost and may end, by a
// [Sequential] test that bounds how often it is wrong.
//
// The package is pure: no clock, no lock, no I/O. Time is that of the intervals, so a
// saved run goes through the same transitions as the live one did.
package alert
