// Package report writes what a run found, for people and for machines.
//
// A [Run] is what was asked, an [Ending] how it came to an end. Together with
// what was measured and judged they make a [Summary], the main type. The steps,
// in order:
//
//  1. [Summarise] parts the measured requests from the warm-up, asks whether the
//     generator can be trusted, and draws one [Verdict] and exit code from
//     objectives, trust and ending.
//  2. A [Format] writes the summary: [Text] for people, in 80 columns, [JSON]
//     for scripts, as [Schema] describes it.
//  3. While the run lasts, a [Beat] gives its progress in one line, and a [Camera]
//     all that a live view of it needs, as a [Snapshot].
//
// The package is pure: the same input gives the same bytes, during the run or
// from a file years later. It does not know what time it is, where runs are
// kept, what a terminal is, or how a request is sent, and it writes to nothing
// but the io.Writer it is given.
package report
