package faults

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// An End is one end of a link.
type End struct {
	Part string // web
	Node string // web-2; empty: not known
}

// A Dialer makes a connection, as net.Dialer.DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Links holds the faults on one node's connections to others. The zero value has none.
// Its methods may be called by any number of goroutines at once; From is set before.
//
// A connection made through Dial suffers the faults that are on now, whenever it was
// made. With none on, it costs an atomic read or two for each Read and Write. What the
// faults do:
//
//   - latency: an exchange is what is written until something is read, and the first of
//     that is handed over no earlier than latency, give or take jitter, after the first
//     Write. Dialing takes it once as well, and on a connection where the other end speaks
//     first its first bytes count as an exchange that began then.
//   - loss: so many exchanges wait for 200 ms longer, the least time after which Linux
//     sends a lost packet again; of these as many again lose that one too, and wait for
//     400 ms more, and so on.
//   - reset: so many exchanges end with a TCP reset for both ends when the answer arrives,
//     so that the other end has done the work.
//   - cut: connections are reset at once, and dials are refused.
//   - hang: dials, Reads and Writes wait until the fault ends, their deadline or context
//     does, or the connection is closed.
type Links struct {
	From End

	roster
	lines sync.Map // of *line to End: those that are open
}

// Add switches a fault on, and off again after its lifetime. Whether the link is one of
// this node's is not asked: where it is not, nothing happens.
func (l *Links) Add(spec Spec) (Active, error) {
	if err := spec.Validate(); err != nil {
		return Active{}, err
	}
	if !spec.ForLink() {
		return Active{}, errors.New("want a fault of a link: add link=, such as link=web-database")
	}
	l.mu.Lock()
	l.changed = l.sever
	l.mu.Unlock()
	return l.add(spec)
}

// sever breaks the connections that a new fault cuts.
func (l *Links) sever(f *fault) {
	if !f.spec.Cut {
		return
	}
	select {
	case <-f.ended:
		return
	default:
	}
	for open, to := range l.lines.Range {
		if l.falls(f, to.(End)) { // the map holds nothing else
			f.hits.Add(1)
			open.(*line).breakOff()
		}
	}
}

// falls reports whether a fault is about the way to an end.
func (l *Links) falls(f *fault, to End) bool {
	return f.spec.OnLink(l.From.Part, l.From.Node, to.Part, to.Node)
}

// Dial returns a dialer of connections to an end, which next makes.
func (l *Links) Dial(to End, next Dialer) Dialer {
	return l.DialBy(func(string) End { return to }, next)
}

// DialBy is Dial where the address says who is at the other end.
func (l *Links) DialBy(to func(address string) End, next Dialer) Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		end := to(address)
		if err := l.knock(ctx, end, network); err != nil {
			return nil, err
		}
		conn, err := next(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return l.open(conn, end)
	}
}

// knock suffers what a dial does before anything is sent.
func (l *Links) knock(ctx context.Context, to End, network string) error {
	for hung, refused := l.barred(to); hung != nil || refused; hung, refused = l.barred(to) {
		if refused {
			return dialing(network, os.NewSyscallError("connect", syscall.ECONNREFUSED))
		}
		select {
		case <-hung:
		case <-ctx.Done():
			return dialing(network, ctx.Err())
		}
	}
	var delay time.Duration
	for _, f := range l.load() {
		if f.spec.Delay > 0 && l.falls(f, to) {
			delay += f.delay()
		}
	}
	if err := pause(ctx, delay); err != nil {
		return dialing(network, err)
	}
	return nil
}

// barred returns what bars the way to an end now.
func (l *Links) barred(to End) (hung <-chan struct{}, refused bool) {
	for _, f := range l.load() {
		switch {
		case !l.falls(f, to):
		case f.spec.Cut:
			f.hits.Add(1)
			return nil, true
		case f.spec.Hang && hung == nil:
			f.hits.Add(1)
			hung = f.ended
		}
	}
	return hung, false
}

func dialing(network string, why error) error {
	return &net.OpError{Op: "dial", Net: network, Err: why}
}

// open puts a new connection under the faults.
func (l *Links) open(conn net.Conn, to End) (net.Conn, error) {
	x := &exchange{links: l, to: to, fresh: true}
	if len(l.load()) > 0 {
		x.open, x.begun, x.lulls = true, time.Now(), l.lulls.Load()
	}
	var made *line
	made = newLine(conn, x, func() { l.lines.Delete(made) })
	l.lines.Store(made, to)
	// A cut that began since knock either finds the line or is found here.
	if _, refused := l.barred(to); refused {
		made.breakOff()
		return nil, dialing(conn.LocalAddr().Network(), os.NewSyscallError("connect", errCut))
	}
	return made, nil
}

// Close switches all faults off and resets the connections that are still open.
func (l *Links) Close() error {
	l.Clear()
	for open := range l.lines.Range {
		open.(*line).breakOff()
	}
	return nil
}

// An exchange is what a connection is at: something was written and nothing read since.
type exchange struct {
	links *Links
	to    End

	mu    sync.Mutex
	open  bool
	fresh bool // nothing was written yet
	begun time.Time
	lulls uint64 // how often no fault was on before: exchanges of that time were not noted
}

func (x *exchange) hung() <-chan struct{} {
	for _, f := range x.links.load() {
		if f.spec.Hang && x.links.falls(f, x.to) {
			return f.ended
		}
	}
	return nil
}

func (x *exchange) sends() {
	if len(x.links.load()) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if lulls := x.links.lulls.Load(); !x.open || x.fresh || lulls != x.lulls {
		x.open, x.fresh, x.begun, x.lulls = true, false, time.Now(), lulls
	}
}

func (x *exchange) due() (at time.Time, breaks bool) {
	active := x.links.load()
	if len(active) == 0 {
		return time.Time{}, false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.open || x.lulls != x.links.lulls.Load() {
		return time.Time{}, false
	}
	x.open, x.fresh = false, false
	var delay time.Duration
	for _, f := range active {
		if !x.links.falls(f, x.to) {
			continue
		}
		more := f.onExchange()
		if f.reset.Hit(f.spec.Reset) {
			breaks = true
		} else if more == 0 {
			continue
		}
		f.hits.Add(1)
		delay += more
	}
	return x.begun.Add(delay), breaks
}

const (
	retransmission = 200 * time.Millisecond // the least that Linux waits for (TCP_RTO_MIN)
	maxLosses      = 6                      // in a row; they take 12.6 s
)

// onExchange returns how much longer an exchange takes.
func (f *fault) onExchange() time.Duration {
	delay := f.delay()
	for i, wait := 0, retransmission; i < maxLosses && f.lost[i].Hit(f.spec.Loss); i++ {
		delay += wait
		wait *= 2
	}
	return delay
}
