// Package slo judges intervals of measurements against objectives.
//
// An [Objective] is what somebody promised, as an [Expression] such as
// "success >= 95%" over the requests that its selectors match. A [Tracker]
// follows one objective through a run, and its [Status] says how things stand:
// the observed value, the bounds of what it may be by chance, when it was bad,
// and a [Verdict].
//
// The steps, in order:
//
//  1. [Parse] reads an expression; [Objective.Validate] says what is wrong with
//     it for the series of this run, before anything is sent.
//  2. [Expression.Under] names the thresholds that the recorder must count.
//  3. Each interval is added to the run's [measure.Totals] and to the Tracker.
//  4. [Tracker.Status] judges the totals, at any time and at the end.
//  5. [Overall] joins the verdicts of all objectives.
//
// Whoever wants to know how things are right now, and not over the whole run, reads
// a [Condition] with [ParseCondition] and asks a [Watcher] for a [Gauge] of it: the
// expression over a window that slides with the run. It counts requests that are overdue
// before they have ended, if [Deadlines] were recorded; verdicts never do.
//
// A verdict has three values. An objective is met when even the pessimistic end
// of its 95 % bound holds, missed when even the optimistic end does not, and
// inconclusive between the two: too few requests were seen. Without data it is
// inconclusive, never met. The bounds are about the requests of this run, taken
// as independent of each other; neighbouring requests seldom are, and another
// run on another day will differ by more than they say.
//
// The package does not know who sends requests, what time it is, who is told,
// or how a status is shown. It is pure: no clock, no lock, no I/O, and so the
// same answer live as from a file.
package slo
