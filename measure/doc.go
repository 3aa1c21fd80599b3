// Package measure turns samples into one histogram interval a beat.
//
// A [Sample] is what one request did: when it was meant to start, when it was
// sent, when its answer was complete, and how it ended. Three clocks follow from
// it, and every output keeps them apart:
//
//	response = Done - Intended   the wait a user would feel, the headline
//	service  = Done - Sent       the part the target is answerable for
//	lag      = Sent - Intended   the part the generator is answerable for
//
// The steps, in order:
//
//  1. Users record samples into a [Lane] of the [Recorder]. A lane has a lock of
//     its own and its own histograms, so that users seldom meet.
//  2. Once a second somebody calls [Recorder.Cut], which takes what all lanes
//     hold at one instant and returns it as an [Interval].
//  3. Everything after that works on intervals: [Totals] adds them up for the
//     run, [LogWriter] appends their histograms to a file that any HdrHistogram
//     tool reads, [LogReader] reads them back.
//
// Every planned request is accounted for. At any cut, and at the end,
//
//	planned = succeeded + failed + unsent + in flight
//
// where succeeded and failed are decided by whoever records (the profile's
// success rule), unsent are arrivals that found no place, and in flight are
// those whose end has not been seen yet, waiting ones included. Of these, the recorder
// counts as [Overdue] those that are older than a deadline, if it is given any.
//
// The package does not know what a request is, who sends it, what an objective
// is, or what time it is: all instants are offsets from the start of the run.
package measure
