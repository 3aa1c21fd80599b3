package events

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxLine = 64 << 10      // bytes
	silence = 3 * heartbeat // after which a backend is taken for dead
)

// ErrEnded is why Follow returns when the backend has ended the stream.
var ErrEnded = errors.New("the backend has ended the stream of events")

// Follow calls each for all events of a backend after an ID, and for each that comes; see
// [Follower].
func Follow(ctx context.Context, baseURL, token string, after uint64, each func(Event)) error {
	return Follower{BaseURL: baseURL, Token: token, Each: each}.Run(ctx, after)
}

// A Follower follows the events of a backend. It is at one stream for each call of Run, of
// which there may be several at once.
type Follower struct {
	BaseURL string      // of the admin API, such as http://127.0.0.1:8081
	Token   string      // that it needs; empty: none. It is in no error
	Began   func()      // called when the backend lets it follow; nil: nobody wants to know
	Each    func(Event) // called for each event, in order and one at a time

	transport http.RoundTripper // for tests; nil: one for each stream
}

// String leaves the token out.
func (f Follower) String() string { return "events of " + f.BaseURL }

// GoString leaves it out, too.
func (f Follower) GoString() string { return f.String() }

// Run hands on all events after an ID that are still there, and then each as it comes; until
// Each has returned, the next ones wait in the backend's log. It returns an error when the
// stream ends, and does not begin again: that is for its caller to decide, who knows the ID
// it has come to. Without an answer, or a sign of life, for fifteen seconds it gives up.
func (f Follower) Run(ctx context.Context, after uint64) error {
	if f.transport == nil {
		f.transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(silence, func() { cancel(fmt.Errorf("it was silent for %v", silence)) })
	defer watch.Stop()
	err := f.read(ctx, strings.TrimSuffix(f.BaseURL, "/")+"/events?follow=1&after="+strconv.FormatUint(after, 10), watch)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if e, ok := errors.AsType[*url.Error](err); ok { // it repeats method and address
		err = e.Err
	}
	return fmt.Errorf("events of %s: %w", f.BaseURL, err)
}

// read hands on what comes, and lets the watch run only while it waits for that.
func (f Follower) read(ctx context.Context, address string, watch *time.Timer) error {
	body, err := f.open(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was read as far as it is wanted
	if f.Began != nil {
		f.Began()
	}
	missed := uint64(0) // events before the next one
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		watch.Stop()
		e, err := parse(lines.Bytes())
		if err != nil {
			return err
		}
		if missed += e.Missed; e.ID > 0 {
			e.Missed, missed = missed, 0
			f.Each(e)
		}
		watch.Reset(silence)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return ErrEnded
}

// open asks for the stream.
func (f Follower) open(ctx context.Context, address string) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if f.Token != "" {
		r.Header.Set("Authorization", "Bearer "+f.Token)
	}
	client := http.Client{
		Transport:     f.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token is for one server
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer func() { _ = response.Body.Close() }() // the error is what matters
		return nil, refused(response, f.Token)
	}
	return response.Body, nil
}

// refused is why a backend does not let anybody follow, in its own words if it has some.
func refused(response *http.Response, token string) error {
	var words struct{ Error string }
	text, err := io.ReadAll(io.LimitReader(response.Body, maxLine))
	if err != nil || json.Unmarshal(text, &words) != nil || words.Error == "" {
		return fmt.Errorf("it answered %s; is that the admin address of a demo backend?", response.Status)
	}
	said := strings.Join(strings.Fields(words.Error), " ")
	if token != "" {
		said = strings.ReplaceAll(said, token, "***")
	}
	return fmt.Errorf("it answered %s: %s", response.Status, short(said, maxText))
}

// parse reads a line: an event; a gap, which is none yet; a sign of life, or what a later
// version may say.
func parse(line []byte) (Event, error) {
	var l struct {
		Event
		Gap uint64 `json:"gap"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return Event{}, fmt.Errorf("a line is not JSON: %w", err)
	}
	l.Missed = l.Gap
	return l.Event, nil
}
