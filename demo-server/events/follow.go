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

// Follow calls each for all events of a backend after an ID, and for each that comes, in
// order and one at a time; while it has not returned, events wait in the backend's log. It
// returns an error when the stream ends, and does not begin again: that is for its caller to
// decide, who knows the ID it has come to. Without an answer, or without a sign of life, for
// fifteen seconds it gives up.
//
// The base URL is that of the admin API, such as http://127.0.0.1:8081, and the token the
// one it needs; empty: none. The token is in no error.
func Follow(ctx context.Context, baseURL, token string, after uint64, each func(Event)) error {
	f := follower{token: token, each: each}
	f.transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	if err := f.run(ctx, strings.TrimSuffix(baseURL, "/"), after); err != nil {
		return fmt.Errorf("events of %s: %w", baseURL, err)
	}
	return nil
}

// A follower hands on the lines of a stream.
type follower struct {
	transport http.RoundTripper
	token     string
	each      func(Event)
	missed    uint64 // events before the next one
}

// run follows until the stream ends, for whatever reason.
func (f *follower) run(ctx context.Context, baseURL string, after uint64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(silence, func() { cancel(fmt.Errorf("it was silent for %v", silence)) })
	defer watch.Stop()
	err := f.read(ctx, baseURL+"/events?follow=1&after="+strconv.FormatUint(after, 10), watch)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if e, ok := errors.AsType[*url.Error](err); ok { // it repeats method and address
		return e.Err
	}
	return err
}

// read hands on what comes, and lets the watch run only while it waits for that.
func (f *follower) read(ctx context.Context, address string, watch *time.Timer) error {
	body, err := f.open(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was read as far as it is wanted
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		watch.Stop()
		if err := f.take(lines.Bytes()); err != nil {
			return err
		}
		watch.Reset(silence)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return ErrEnded
}

// open asks for the stream.
func (f *follower) open(ctx context.Context, address string) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if f.token != "" {
		r.Header.Set("Authorization", "Bearer "+f.token)
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
		return nil, refused(response, f.token)
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

// take reads a line: an event, a gap, a sign of life, or what a later version may say.
func (f *follower) take(line []byte) error {
	var l struct {
		Event
		Gap uint64 `json:"gap"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("a line is not JSON: %w", err)
	}
	f.missed += l.Gap
	if l.ID == 0 {
		return nil
	}
	l.Missed = f.missed
	f.missed = 0
	f.each(l.Event)
	return nil
}
