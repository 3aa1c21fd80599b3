// Package http1 reads HTTP/1.1 responses out of bytes that somebody else has read.
//
// It knows the grammar and the framing of RFC 9112, and is strict about both. It
// does not know sockets, time, requests (but whether one was a HEAD), or what an
// answer is worth: whoever reads the connection hands it bytes, as they come and
// in pieces of any size, and learns where the response ends.
//
// The main type is the [Parser]. For each response, in order:
//
//  1. [Parser.Reset] forgets the one before.
//  2. [Parser.Head] is given the bytes that have come, more each time, until it
//     has found the end of the head: then the fields of the Parser are filled in.
//     After an interim response it is called again with what follows.
//  3. [Parser.Body] takes the body apart, until [Parser.Done].
//  4. [Parser.End] is asked when the peer closes: it may be what ends the body.
//
// Nothing is copied and nothing allocated, errors included.
//
// # Differences from net/http
//
// net/http is the oracle of this package's fuzz tests. It is more lenient where a
// client that means to be useful must be; this one means to tell what the server
// does wrong. Refused here, accepted there:
//
//   - a status outside 100 to 599, and a version that is not HTTP/1.0 or HTTP/1.1
//   - control characters in the reason phrase, or in a chunk's extension
//   - a field name that is empty or no token, as in a space before the colon
//   - a folded field that decides about framing
//   - Transfer-Encoding in a response of HTTP/1.0 (RFC 9112, section 6.1)
//   - more than 16 interim responses, or heads of more than 1 MiB in all
//
// Accepted here, refused there:
//
//   - trailers of more than 4 KiB, up to 64 KiB
package http1
