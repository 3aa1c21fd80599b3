// Package dial makes connections: it decides which address a name and port come
// to, which source address they leave from, and what lies between.
//
// It does not know what is sent over a connection, nor who keeps it and for how
// long: pools are the business of whoever asks for one.
//
// A [Dialer] is made of [Options] and works in these steps:
//
//  1. a unix socket or a proxy takes the place of every address;
//  2. otherwise [Rewrite] rules change host and port (--connect-to);
//  3. the host becomes addresses: an [Override] (--resolve), a literal, or a
//     name's cached answer, which is refreshed while the old one is in use;
//  4. the addresses are tried in turn, each connection beginning at the next one,
//     from the next of the source addresses;
//  5. a proxy is asked for a tunnel, where one is needed.
//
// TLS is the caller's to speak, with the ready [Dialer.TLSConfig].
package dial
