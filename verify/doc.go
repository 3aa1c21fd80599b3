// Package verify finds out whether Floodmark's numbers are true on this machine: it
// drives a server of its own, whose delays it knows, with the generator that every
// run uses, and compares what was measured with what happened.
//
// It does not know of profiles, objectives or saved runs, and it does not judge a
// target. What the machine is like is for the doctor to say.
//
// The main type is [Check]. [Check.Run] takes three scenarios: a steady load, one
// during which the server stalls, and the same stall seen through a few connections.
// For each of them
//
//  1. arrivals and delays are laid out: arrival k is of a class that follows from k
//     alone, and the [Law] gives each class its delay;
//  2. server.go answers over a loopback socket, holds answers during the stall, and
//     notes on the clock of this process when each request came in and when its
//     answer went out;
//  3. the generator runs as in every run, open loop, with its own connections,
//     sleeper and recorder;
//  4. truth.go puts the server's notes beside the schedule, which gives the true
//     response, service and lag of every request; replay.go works out by arithmetic
//     alone what an ideal server would have made of the stall;
//  5. judge.go compares the percentiles, and text.go and json.go write the [Result].
package verify
