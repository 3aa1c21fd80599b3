// Package loadgen sends each request when it is due.
//
// It knows arrivals, users and stages. It does not know what shape the load has
// (it is given start times), how a request travels (it is given a [Sender] for
// each user), or what the results mean (it records samples).
//
// A [Generator] runs one of two models. In the open one, [Generator.RunOpen]:
//
//  1. One pacer takes the arrivals in order and waits for each. Its intended
//     start is what the schedule says, never what the clock says.
//  2. It hands the arrival to a free user: the one that became free last, whose
//     connection is the warmest. With none free it starts a user; with all users
//     busy the arrival waits its turn; with too many waiting it is unsent.
//  3. The user walks the steps of the arrival's scenario, records each request,
//     and takes the oldest waiting arrival, or parks.
//  4. After the last arrival the generator waits for the users, at most Drain.
//
// In the closed one, [Generator.RunClosed], users come and go as told and loop
// over scenarios; nobody paces them, and a slow target slows them down.
//
// A [Control] changes a run while it goes on: it pauses it, changes its level, or skips a
// stage. It cuts the run into legs, in which the plan's clock goes on or stands, and what
// is intended for a position in the plan is due when the run comes there.
//
// A slow target never delays an open schedule: what is late is sent at once and
// counted as late. Nothing is dropped without being counted.
package loadgen
