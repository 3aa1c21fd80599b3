// Package targets describes what is sent, and sends it over HTTP/1.1 or HTTP/2.
//
// It knows requests, connections and answers. It does not know when anything is
// due, how many users there are, what a run is, or where results go: it stamps
// the clock around one exchange and says how that ended.
//
// The main types, in the order in which they are used:
//
//  1. A [Target] holds what all requests share. [Target.Compile] turns a method,
//     a URL, headers and a body into a [Request] once, down to its bytes.
//  2. A [Mix] of scenarios says which requests follow one another, with which
//     pauses, and [Mix.Pick] which scenario an arrival walks.
//  3. A [Client] is one user's connections. [Client.Send] writes a request and
//     reads the answer into a [Response] that the caller reuses.
//  4. A [StdClient] of a [Transport] does the same by net/http, and speaks HTTP/2 too.
//  5. [Success.Met] says whether such an end is a good one.
//
// A request's failure is data, never a returned error: the response names an
// outcome of package measure and tells the rest in words.
package targets
