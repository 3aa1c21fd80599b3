// Package dashboard shows how a run goes, in a terminal.
//
// The steps, in order:
//
//  1. Once a second somebody shows a [Feed] a snapshot of the run. That never waits:
//     a snapshot that nobody has taken yet makes room for the new one.
//  2. The [Model] takes it from there, as one message among keys and sizes of the
//     window, and keeps the little that a person has chosen: a view.
//  3. [Render] draws: a pure function of snapshot, size and [Theme]. Panels draw into
//     cells, and the cells become one string; what has not changed is kept.
//  4. What keys ask of the run are calls of a [Control], made outside of the loop that
//     draws. Their results come back as messages.
//
// [Run] joins these with a terminal. The load does not depend on any of it: a terminal
// that is closed, or not read any more, stops the drawing and nothing else. Ctrl-Z, by
// which a shell would stop the load, too, does nothing.
//
// The package does not know what time it is, how the load is made, or where snapshots
// come from: they are the same from this process and from a socket.
package dashboard
