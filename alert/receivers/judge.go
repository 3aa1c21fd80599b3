package receivers

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

// tooLarge is the status after which a message is tried in few words.
const tooLarge = http.StatusRequestEntityTooLarge

// maxAfter is how long a receiver may ask to be left alone; what is longer is a mistake.
const maxAfter = 7 * 24 * time.Hour

// A reply is what a service answered.
type reply struct {
	service string
	status  int
	header  http.Header
	body    []byte // the first 64 KiB
	arrived time.Time
}

// judge says what an answer means.
func judge(r *reply) alert.Answer {
	a := alert.Answer{Status: r.status}
	switch s := r.status; {
	case s == http.StatusAccepted:
		a.Outcome = alert.Accepted
	case s >= 200 && s < 300:
		a.Outcome = alert.Delivered
	case s == http.StatusGone:
		a.Outcome = alert.Gone
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusTooManyRequests, s >= 500:
		a.Outcome = alert.Later
		// A gateway does not know what the server behind it did.
		a.Unsure = s == http.StatusBadGateway || s == http.StatusGatewayTimeout
	default:
		a.Outcome = alert.Refused
	}
	a.After = r.after(a.Outcome)
	switch {
	case !a.Outcome.OK():
		a.Detail = r.detail()
	case r.service == "slack":
		r.judgeSlack(&a)
	}
	return a
}

// detail is the status, and what the service said about it.
func (r *reply) detail() string {
	text := strconv.Itoa(r.status)
	if name := http.StatusText(r.status); name != "" {
		text += " " + name
	}
	if r.status >= 300 && r.status < 400 {
		return text + ": redirects are not followed"
	}
	if said := quantity.Line(string(r.body)); said != "" {
		text += ": " + said
	}
	return text
}

// judgeSlack looks into a success: incoming webhooks say ok, workflows nothing or
// {"ok":true}, and Slack's other API answers 200 for failures as well.
func (r *reply) judgeSlack(a *alert.Answer) {
	said := strings.TrimSpace(string(r.body))
	var object struct {
		OK      *bool
		Success *bool // services that are like Slack
		Error   string
	}
	if json.Unmarshal(r.body, &object) != nil {
		object.OK, object.Success = nil, nil
	}
	yes := func(b *bool) bool { return b != nil && *b }
	switch {
	case said == "" || said == "ok" || yes(object.OK) || yes(object.Success):
	case object.OK != nil && (object.Error == "ratelimited" || object.Error == "rate_limited"):
		a.Outcome, a.Detail = alert.Later, r.detail()
	case object.OK != nil || object.Success != nil:
		a.Outcome, a.Detail = alert.Refused, r.detail()
	default:
		a.Outcome, a.Detail = alert.Accepted, "not answered with ok, but "+r.detail()
	}
}

// after is how long the service wants to be left alone: by Retry-After unless it was
// content, and Discord says it in its own ways too, also when all is well.
func (r *reply) after(o alert.Outcome) time.Duration {
	var after time.Duration
	if !o.OK() {
		after = retryAfter(r.header.Get("Retry-After"), r.arrived)
	}
	if r.service != "discord" {
		return after
	}
	if r.status == http.StatusTooManyRequests {
		var said struct {
			After float64 `json:"retry_after"`
		}
		if json.Unmarshal(r.body, &said) == nil {
			after = max(after, seconds(said.After))
		}
	}
	if r.status == http.StatusTooManyRequests || r.header.Get("X-RateLimit-Remaining") == "0" {
		if s, err := strconv.ParseFloat(r.header.Get("X-RateLimit-Reset-After"), 64); err == nil {
			after = max(after, seconds(s))
		}
	}
	return after
}

// retryAfter reads a Retry-After, seconds or a date; 0 if there is none.
func retryAfter(text string, arrived time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if s, err := strconv.ParseFloat(text, 64); err == nil {
		return seconds(s)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(arrived), 0), maxAfter)
	}
	return 0
}

// seconds makes a bounded duration of a number that somebody sent, rounded up.
func seconds(s float64) time.Duration {
	if math.IsNaN(s) || s <= 0 {
		return 0
	}
	if s >= maxAfter.Seconds() {
		return maxAfter
	}
	return time.Duration(math.Ceil(s*1e3)) * time.Millisecond
}
