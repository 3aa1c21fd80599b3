// Package balance is a load balancer: it hands what comes in to one of several backends,
// and knows which of them can take it.
//
// It does not know what the backends are or who starts them. Backends come, go and change
// their weights while it runs, by its methods.
//
// The main type is [Balancer]. At layer 7 a request goes through it in these steps: it is
// counted; a backend is picked among those that are healthy (package pick), or it is that
// of its cookie; it is sent there, and if there is no answer perhaps to another one; the
// answer is handed on as it comes; last, how that ended is counted for the request and for
// the backend, and may eject the backend. At layer 4 the same happens to a connection,
// whose bytes are not looked at.
//
// Beside that, each backend is asked from time to time how it is. Everything that is known
// about backends is in one pool, behind one lock, so that Stats is of one moment.
package balance
