package events

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	maxFollowers = 32
	heartbeat    = 5 * time.Second  // between two lines of a stream, at most
	patience     = 10 * time.Second // with a follower that does not read
)

// A gap is the line before an event that others are missing before.
type gap struct {
	Gap uint64 `json:"gap"`
}

// Handler returns the HTTP API of a log, meant for the admin port of a backend:
//
//	GET /events?after=N            the events after the one with ID N, a line of JSON each
//	GET /events?after=N&follow=1   these, and then each as it comes, until Close
//
// Without after it is all that there is. A line {"gap":3} says that three events were lost
// before the next one; a line {} comes every five seconds, if nothing else does, so that
// each end notices that the other is gone. At most 32 may follow. A follower that does not
// read for ten seconds is let go. Pages of other origins are refused.
func (l *Log) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", l.serve)
	return http.NewCrossOriginProtection().Handler(mux)
}

// serve answers one request.
func (l *Log) serve(w http.ResponseWriter, r *http.Request) {
	// Reading does no harm, and no page of another origin can see the answer. But it could
	// take all the places there are.
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		refuse(w, http.StatusForbidden, "a page of another origin cannot follow events")
		return
	}
	query := r.URL.Query()
	after, follow := uint64(0), false
	var err error
	if text := query.Get("after"); text != "" {
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			refuse(w, http.StatusBadRequest, fmt.Sprintf("after=%.40q: want the ID of an event, such as 17", text))
			return
		}
	}
	if text := query.Get("follow"); text != "" {
		if follow, err = strconv.ParseBool(text); err != nil {
			refuse(w, http.StatusBadRequest, fmt.Sprintf("follow=%.40q: want 1 or 0", text))
			return
		}
	}
	s := stream{
		w: w, control: http.NewResponseController(w), encoder: json.NewEncoder(w), last: l.known(after),
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	if !follow {
		_ = s.send(l.Since(after)) // a client that is gone is told nothing
		return
	}
	if !l.enter() {
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, fmt.Sprintf("%d follow already, and no more can", maxFollowers))
		return
	}
	defer l.leave()
	s.follow(r, l)
}

// enter takes a place, if there is one.
func (l *Log) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.followers == maxFollowers {
		return false
	}
	l.followers++
	return true
}

func (l *Log) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.followers--
}

// A stream is what one client is sent.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	encoder *json.Encoder
	last    uint64 // ID of the last event sent, or what the client said it has
}

// follow sends events until there will be no more, or nobody takes them. It keeps none of
// them: who is slow reads what is still in the log.
func (s *stream) follow(r *http.Request, l *Log) {
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	for first := true; ; first = false {
		news, more := l.next(s.last)
		if err := s.push(news, first); err != nil || more == nil {
			return
		}
		timer.Reset(heartbeat)
		select {
		case <-more:
		case <-timer.C:
			if err := s.pulse(); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// push sends events at once, each batch within the patience there is. The first one goes
// even when it is empty: the client is to know that it is heard.
func (s *stream) push(news []Event, first bool) error {
	if len(news) == 0 && !first {
		return nil
	}
	s.extend()
	if err := s.send(news); err != nil {
		return err
	}
	return s.control.Flush()
}

// pulse shows that there is somebody.
func (s *stream) pulse() error {
	s.extend()
	if _, err := s.w.Write([]byte("{}\n")); err != nil {
		return err
	}
	return s.control.Flush()
}

// extend begins the time in which the client must read again; it replaces the limit that
// the server has for whole answers.
func (s *stream) extend() {
	_ = s.control.SetWriteDeadline(time.Now().Add(patience)) // without a deadline the client may take its time
}

// send writes events, and before the first of them how many are missing.
func (s *stream) send(news []Event) error {
	if len(news) > 0 && s.last < news[0].ID-1 {
		if err := s.encoder.Encode(gap{news[0].ID - 1 - s.last}); err != nil {
			return err
		}
	}
	for _, e := range news {
		if err := s.encoder.Encode(e); err != nil {
			return err
		}
		s.last = e.ID
	}
	return nil
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text}) // a client that is gone is told nothing
}
