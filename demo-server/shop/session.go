package shop

import (
	"container/list"
	"crypto/rand"
	"slices"
	"sync"

	"github.com/floodmark/floodmark/demo-server/goods"
)

// defaultSessions is what MaxSessions means by zero.
const defaultSessions = 10_000

// A session is what a replica remembers of a customer, and nobody else does.
type session struct {
	id, user string

	mu       sync.Mutex
	requests uint64
	cart     []goods.Line
}

// count returns how many requests have come with the session.
func (s *session) count() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// put puts a line into the session's cart, and returns the cart.
func (s *session) put(line goods.Line) []goods.Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cart = goods.Put(s.cart, line)
	return slices.Clone(s.cart)
}

// lines returns the session's cart.
func (s *session) lines() []goods.Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]goods.Line{}, s.cart...)
}

// sessions are those of one replica. The zero value is ready; any number of goroutines
// may use it at once.
type sessions struct {
	mu    sync.Mutex
	byID  map[string]*list.Element
	used  list.List // of *session, the one used last in front
	stats SessionStats
}

// SessionStats is what a stateful shop knows about its sessions. Begun is the sum of
// Sessions and Ended.
type SessionStats struct {
	Sessions uint64 `json:"sessions"` // now
	Begun    uint64 `json:"begun"`
	Ended    uint64 `json:"ended"`   // to make room for others
	Found    uint64 `json:"found"`   // requests with the cookie of a session
	Unknown  uint64 `json:"unknown"` // requests with another cookie
}

// begin begins a session and returns its id.
func (s *sessions) begin(user string, most int) string {
	if most <= 0 {
		most = defaultSessions
	}
	begun := &session{id: rand.Text(), user: user}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = make(map[string]*list.Element)
	}
	s.byID[begun.id] = s.used.PushFront(begun)
	s.stats.Begun++
	if s.used.Len() > most {
		if last, ok := s.used.Remove(s.used.Back()).(*session); ok {
			delete(s.byID, last.id)
			s.stats.Ended++
		}
	}
	return begun.id
}

// find returns the session with an id, or nil, and counts the request.
func (s *sessions) find(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, ok := s.byID[id]
	if !ok {
		s.stats.Unknown++
		return nil
	}
	s.stats.Found++
	s.used.MoveToFront(element)
	found, _ := element.Value.(*session)
	found.mu.Lock()
	defer found.mu.Unlock()
	found.requests++
	return found
}

func (s *sessions) snapshot() SessionStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Sessions = uint64(s.used.Len())
	return stats
}
