package targets

import (
	"context"
	"slices"
	"sync"
)

// A shelf is where connections lie that belong to nobody in particular: any user
// takes the one used last, and puts it back after the exchange. It bounds how many
// are open.
type shelf struct {
	max int // open at once; 0 means any number

	mu      sync.Mutex
	free    []*connection // the last was used last
	open    int           // free ones, those in use, and those being dialled
	waiting []chan *connection
}

// take returns a connection for the request, or nil, which allows to dial one. If
// all are in use it waits for one, first come, first served, or until ctx ends.
func (s *shelf) take(ctx context.Context, req *Request) (*connection, error) {
	s.mu.Lock()
	for i, conn := range slices.Backward(s.free) {
		if conn.serves(req) {
			s.free = slices.Delete(s.free, i, i+1)
			s.mu.Unlock()
			return conn, nil
		}
	}
	switch {
	case s.max == 0 || s.open < s.max:
		s.open++
		s.mu.Unlock()
		return nil, nil
	case len(s.free) > 0: // they lead elsewhere
		oldest := s.free[0]
		s.free = slices.Delete(s.free, 0, 1)
		s.mu.Unlock()
		oldest.close()
		return nil, nil
	}
	turn := make(chan *connection, 1)
	s.waiting = append(s.waiting, turn)
	s.mu.Unlock()
	select {
	case conn := <-turn:
		return s.meant(conn, req), nil
	case <-ctx.Done():
		s.quit(turn)
		return nil, ctx.Err()
	}
}

// meant returns the connection if it leads where the request goes, else nil in its
// place.
func (s *shelf) meant(conn *connection, req *Request) *connection {
	if conn != nil && !conn.serves(req) {
		conn.close()
		return nil
	}
	return conn
}

// quit takes somebody who waits out of the queue, and passes on what came meanwhile.
func (s *shelf) quit(turn chan *connection) {
	s.mu.Lock()
	s.waiting = slices.DeleteFunc(s.waiting, func(other chan *connection) bool { return other == turn })
	s.mu.Unlock()
	select {
	case conn := <-turn:
		s.put(conn)
	default:
	}
}

// put gives a connection to whoever waits longest, or lays it on the shelf. Nil is
// the place of one that was closed.
func (s *shelf) put(conn *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.waiting) > 0:
		s.waiting[0] <- conn // never blocks: it has room for one
		s.waiting = slices.Delete(s.waiting, 0, 1)
	case conn == nil:
		s.open--
	default:
		s.free = append(s.free, conn)
	}
}

// clear closes what lies on the shelf.
func (s *shelf) clear() {
	s.mu.Lock()
	free := s.free
	s.free, s.open = nil, s.open-len(free)
	s.mu.Unlock()
	for _, conn := range free {
		conn.close()
	}
}
