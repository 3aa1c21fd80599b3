package edge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/edge"
)

// An event is what happens in a run.
type event struct {
	after time.Duration
	path  int
	what  string // get, put, purge, fail, heal
}

// control is what the origin says of an answer, in seconds.
type control struct{ fresh, behind, onError int }

// Whatever happens, an answer is never older than what the origin allowed for it: its
// time, and what it may be served for after that, by which only an origin that fails
// gets more. The numbers add up, and Age tells the truth.
func TestNothingTooOld(t *testing.T) {
	rapid.Check(t, func(draws *rapid.T) {
		allowed := control{
			fresh:   rapid.IntRange(0, 20).Draw(draws, "max-age"),
			behind:  rapid.IntRange(0, 20).Draw(draws, "stale-while-revalidate"),
			onError: rapid.IntRange(0, 40).Draw(draws, "stale-if-error"),
		}
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event {
			return event{
				after: time.Duration(rapid.IntRange(0, 30_000).Draw(t, "after")) * time.Millisecond,
				path:  rapid.IntRange(0, 2).Draw(t, "path"),
				what:  rapid.SampledFrom([]string{"get", "get", "get", "get", "put", "purge", "fail", "heal"}).Draw(t, "what"),
			}
		}), 1, 40).Draw(draws, "events")
		var fault string
		synctest.Test(t, func(*testing.T) { fault = live(allowed, events) })
		if fault != "" {
			draws.Fatal(fault)
		}
	})
}

// live makes events happen, and returns what is wrong with an answer. Each is the
// instant it was made at, in milliseconds.
func live(allowed control, events []event) string {
	epoch := time.Now()
	o := &origin{handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", fmt.Sprintf("max-age=%d, stale-while-revalidate=%d, stale-if-error=%d", allowed.fresh, allowed.behind, allowed.onError))
		w.Header().Set("ETag", strconv.Quote(strconv.FormatInt(time.Now().UnixNano(), 36)))
		fmt.Fprint(w, time.Since(epoch).Milliseconds())
	}}
	e, err := edge.New(edge.Config{Origin: "http://origin.test", Transport: o})
	if err != nil {
		return err.Error()
	}
	defer e.Close()
	failing := false
	changed := map[string]int64{} // when a path was written or purged, in milliseconds
	for _, event := range events {
		time.Sleep(event.after)
		synctest.Wait()
		path := fmt.Sprintf("/%d", event.path)
		switch event.what {
		case "fail":
			failing = true
			o.fail(errors.New("down"))
		case "heal":
			failing = false
			o.fail(nil)
		case "purge":
			e.Purge(path)
			changed[path] = time.Since(epoch).Milliseconds()
		case "put":
			if do(e, newRequest(context.Background(), http.MethodPut, path, "")).code == http.StatusOK {
				changed[path] = time.Since(epoch).Milliseconds()
			}
		default:
			response := do(e, newRequest(context.Background(), http.MethodGet, path, ""))
			if fault := allowed.judge(response, failing, time.Since(epoch).Milliseconds(), changed[path]); fault != "" {
				return fmt.Sprintf("%s after %v: %s", path, time.Since(epoch), fault)
			}
		}
	}
	synctest.Wait()
	s := e.Stats()
	if got := s.Hits + s.Stale + s.Revalidated + s.Misses + s.Collapsed + s.Passed + s.Failed + s.Abandoned; got != s.Requests {
		return fmt.Sprintf("got %d requests in all counters: %+v", got, s)
	}
	return ""
}

// judge returns what is wrong with an answer.
func (c control) judge(response reply, failing bool, now, changed int64) string {
	if response.code != http.StatusOK {
		if !failing {
			return "an error of an origin that is well"
		}
		return ""
	}
	made, err := strconv.ParseInt(response.body, 10, 64)
	if err != nil {
		return err.Error()
	}
	// Dates are in whole seconds, cut off, so that objects seem older and never younger.
	most := c.fresh + c.behind
	if failing {
		most = c.fresh + max(c.behind, c.onError)
	}
	age, err := strconv.ParseInt(response.header.Get("Age"), 10, 64)
	switch {
	case now-made > int64(most)*1000:
		return fmt.Sprintf("it is %d ms old, allowed are %d s", now-made, most)
	case made < changed:
		return fmt.Sprintf("it was made before a change %d ms later", changed-made)
	case err == nil && (age*1000 > now-made+1000 || age*1000+999 < now-made):
		return fmt.Sprintf("it is %d ms old and says %d s", now-made, age)
	}
	return ""
}
