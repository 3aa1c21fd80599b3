// Package runs keeps a run on disk and reads it back after anything that may
// have happened to it, kill -9 included.
//
// Each run has a directory of its own:
//
//	.floodmark/runs/20261122-051044-checkout/
//	    profile.yaml     what was asked for, as given
//	    events.ndjson    the run's head, a line for each interval, and the end
//	    run.hlog         the intervals' histograms, for any HdrHistogram tool
//	    result.json      the result, written in one piece at the end
//
// The main type is the [Journal]. The steps, in order:
//
//  1. [Create] makes the directory and writes all heads, so that a disk that
//     cannot be written to shows before any load starts.
//  2. Once a second [Journal.Append] adds an interval: its histograms first, then
//     its line, each in one write. The line makes it valid. What has been written
//     survives the process, though not the machine: nothing waits for the disk.
//  3. [Journal.Finish] writes the end and the result, and waits for the disk.
//  4. Later [Open] finds a run by reference and [List] all of them; [Summarise]
//     draws the same summary from the files as was drawn from the run itself,
//     or, when the run never ended, that of the part which was recorded.
//
// The package does not know how intervals come about, what an objective means,
// or what a report looks like.
package runs
