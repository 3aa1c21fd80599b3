package faults

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/floodmark/floodmark/nearest"
)

// set reads one setting.
func (s *Spec) set(name, value string) (err error) {
	if isFlag(name) {
		*s.flag(name) = true
		return nil
	}
	switch name {
	case "errors":
		s.Errors, err = parseShare(name, value)
	case "reset":
		s.Reset, err = parseShare(name, value)
	case "malformed":
		s.Malformed, err = parseShare(name, value)
	case "delay":
		s.Delay, err = parseTime(name, value)
	case "jitter":
		s.Jitter, err = parseTime(name, value)
	case "stall":
		s.Stall, err = parseTime(name, value)
	case "slowbody":
		s.SlowBody = slowest
		if value != "" {
			s.SlowBody, err = parseTime(name, value)
		}
	case "loss":
		s.Loss, err = parseShare(name, value)
	case "brownout":
		s.Brownout, err = parseShare(name, value)
	case "for":
		s.For, err = parseTime(name, value)
	case "endpoint":
		s.Endpoint, err = parseEndpoint(value)
	case "part":
		s.Part, err = parsePart(value)
	case "link":
		s.Link, err = parseLink(value)
	default:
		err = unknown(name)
	}
	return err
}

// isFlag reports whether a setting is on when it is named.
func isFlag(name string) bool { return new(Spec).flag(name) != nil }

// flag returns the flag of that name; nil: there is none.
func (s *Spec) flag(name string) *bool {
	switch name {
	case "cut":
		return &s.Cut
	case "hang":
		return &s.Hang
	case "kill":
		return &s.Kill
	}
	return nil
}

// parseShare reads "20%"; no value is all.
func parseShare(name, value string) (Share, error) {
	if value == "" {
		return All, nil
	}
	number, ok := strings.CutSuffix(value, "%")
	percent, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s=%s: want a share of requests such as 20%%", name, value)
	case !ok:
		return 0, fmt.Errorf("%s=%s: the unit is missing; did you mean %s%%?", name, value, value)
	}
	share := Share(0)
	if percent > 0 && percent <= 100 {
		share = Share(math.Round(percent / 100 * float64(All)))
	}
	if share == 0 { // also what is not a number, and less than can be counted
		return 0, fmt.Errorf("%s=%s: want at least 0.0001%% and at most 100%%", name, value)
	}
	return share, nil
}

// parseTime reads "200ms".
func parseTime(name, value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0, fmt.Errorf("%s=%s: want a time with a unit such as 200ms or 5s", name, value)
	}
	if d <= 0 || d > maxTime {
		return 0, fmt.Errorf("%s=%s: want more than 0 and at most %v", name, value, maxTime)
	}
	return d, nil
}

// parseEndpoint reads "POST /api/orders", with or without the method.
func parseEndpoint(value string) (string, error) {
	method, path, ok := strings.Cut(value, " ")
	if !ok {
		method, path = "", value
	}
	method = strings.ToUpper(method)
	bad := strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || strings.Contains(path, " ")
	if bad || !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, unprintable) {
		return "", fmt.Errorf(`endpoint=%q: want a path, with or without a method, such as "POST /api/orders"`, value)
	}
	if method == "" {
		return path, nil
	}
	return method + " " + path, nil
}

// parsePart reads the name of a part.
func parsePart(value string) (string, error) {
	if value == "" || strings.ContainsFunc(value, unspeakable) {
		return "", fmt.Errorf("part=%q: want the name of a part such as payment", value)
	}
	return value, nil
}

// parseLink reads the way from one part or node to another.
func parseLink(value string) (string, error) {
	inner := strings.Trim(value, "-")
	if inner != value || !strings.Contains(value, "-") || strings.ContainsFunc(value, unspeakable) {
		return "", fmt.Errorf("link=%q: want from whom to whom, such as web-database", value)
	}
	return value, nil
}

// unspeakable holds for what is in no name.
func unspeakable(r rune) bool { return unprintable(r) || unicode.IsSpace(r) }

// unprintable holds for what would not survive a line, quotes included.
func unprintable(r rune) bool { return r == '"' || !unicode.IsPrint(r) }

// matches reports whether a request for the path by the method belongs to the endpoint
// of a spec, in which {…} stands for any one segment, as in {id}.
func matches(endpoint, method, path string) bool {
	if endpoint == "" {
		return true
	}
	if wanted, pattern, ok := strings.Cut(endpoint, " "); ok {
		if wanted != method {
			return false
		}
		endpoint = pattern
	}
	for {
		want, wantRest, wantMore := strings.Cut(endpoint, "/")
		got, gotRest, gotMore := strings.Cut(path, "/")
		wild := strings.HasPrefix(want, "{") && strings.HasSuffix(want, "}") && got != ""
		if (want != got && !wild) || wantMore != gotMore {
			return false
		}
		if !wantMore {
			return true
		}
		endpoint, path = wantRest, gotRest
	}
}

// unknown names the setting that was probably meant.
func unknown(name string) error {
	if len(name) > 20 {
		name = name[:20] + "…" // longer than any setting: no guess, and a short message
	}
	if best := nearest.Word(name, settings()); best != "" {
		return fmt.Errorf("unknown fault %q; did you mean %q?", name, best)
	}
	return fmt.Errorf("unknown fault %q; there are %s", name, strings.Join(settings(), ", "))
}

func settings() []string {
	return []string{
		"errors", "delay", "stall", "reset", "slowbody", "malformed", "latency", "jitter", "loss",
		"cut", "hang", "kill", "brownout", "for", "endpoint", "part", "link",
	}
}
