package targets

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// Kinds and flags of HTTP/2 frames that matter here (RFC 9113, section 6).
const (
	frameHead     = 9  // bytes before a frame's payload
	framePreface  = 24 // bytes before a client's first frame
	frameHeaders  = 0x1
	frameSettings = 0x4
	frameGoAway   = 0x7
	frameAck      = 0x1 // a flag of SETTINGS
)

// A tally counts the bytes of one HTTP/2 stream's frames. It is read when the
// exchange has ended, while the connection goes on.
type tally struct {
	in, out atomic.Int64
	stream  uint32 // 0 until its first frame is written; guarded by the frames' mutex
}

// Frames looks at the heads of the frames on an HTTP/2 connection as they pass. It
// tells which bytes belong to which exchange, what net/http does not; and when the
// connection may be used and when no more, which net/http tells late.
type frames struct {
	settled chan struct{} // closed once the server's settings hold
	goAway  atomic.Bool   // the server takes no further streams

	mu        sync.Mutex
	streams   map[uint32]*tally
	opening   *tally // of the stream whose HEADERS frame is written next
	isSettled bool

	up, down frameReader
}

// newFrames returns the frames of a connection on which nothing has passed.
func newFrames() *frames {
	return &frames{
		settled: make(chan struct{}),
		streams: make(map[uint32]*tally),
		up:      frameReader{left: framePreface},
	}
}

// open makes t the tally of the next stream that begins. Net/http calls it back with
// the connection's write lock held, between the streams before and after.
func (f *frames) open(t *tally) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opening = t
}

// forget ends the counting for t.
func (f *frames) forget(t *tally) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opening == t {
		f.opening = nil
	}
	delete(f.streams, t.stream)
}

// writes sees what is about to be written: the answer may come before the writing
// returns. Net/http writes with a lock held.
func (f *frames) writes(p []byte) {
	f.up.pass(p, f.begins, func(t *tally, n int) { t.out.Add(int64(n)) })
}

// read sees what was read, by the one goroutine of net/http's that reads.
func (f *frames) read(p []byte) {
	f.down.pass(p, f.arrives, func(t *tally, n int) { t.in.Add(int64(n)) })
}

// begins returns the tally of a frame that goes up. Acknowledging the server's
// settings is the first thing that net/http does after it has taken them on.
func (f *frames) begins(kind, flags byte, stream uint32) *tally {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kind == frameSettings && flags&frameAck != 0 && !f.isSettled {
		f.isSettled = true
		close(f.settled)
	}
	t, known := f.streams[stream]
	if kind == frameHeaders && !known && f.opening != nil {
		t, f.opening = f.opening, nil
		t.stream = stream
		f.streams[stream] = t
	}
	return t
}

// arrives returns the tally of a frame that comes down.
func (f *frames) arrives(kind, _ byte, stream uint32) *tally {
	if kind == frameGoAway {
		f.goAway.Store(true)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.streams[stream]
}

// A frameReader finds the heads of frames in one direction of a connection, however
// the bytes are cut into pieces.
type frameReader struct {
	head    [frameHead]byte
	have    int    // bytes of the head that have passed
	left    int    // bytes of the payload, or preface, to come
	current *tally // whose they are; nil: nobody's
}

// pass reads on. Begin is told of every head and returns whose frame it is; add is
// told how many bytes of it have passed.
func (r *frameReader) pass(p []byte, begin func(kind, flags byte, stream uint32) *tally, add func(*tally, int)) {
	for len(p) > 0 {
		if r.left > 0 {
			n := min(r.left, len(p))
			r.left -= n
			p = p[n:]
			if r.current != nil {
				add(r.current, n)
			}
			continue
		}
		n := copy(r.head[r.have:], p)
		r.have += n
		p = p[n:]
		if r.have < frameHead {
			return
		}
		r.have = 0
		r.left = int(r.head[0])<<16 | int(r.head[1])<<8 | int(r.head[2])
		stream := binary.BigEndian.Uint32(r.head[5:]) &^ (1 << 31)
		if r.current = begin(r.head[3], r.head[4], stream); r.current != nil {
			add(r.current, frameHead)
		}
	}
}
