package export

import (
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

func itoa(n int) string { return strconv.Itoa(n) }

// HAProxy returns the configuration of a HAProxy that listens at an address and does what
// a balancer does.
func HAProxy(c balance.Config, listen string) (string, error) {
	c, err := prepare(c, listen)
	if err != nil {
		return "", err
	}
	f := &file{}
	f.line("# HAProxy in place of the load balancer. Try it: haproxy -c -f THIS_FILE")
	haproxyNotes(f, c)
	f.line("defaults")
	f.depth = 1
	haproxyDefaults(f, c)
	f.depth = 0
	f.line("")
	f.line("frontend in")
	f.depth = 1
	f.line("bind %s", listen)
	f.line("default_backend backends")
	f.depth = 0
	f.line("")
	f.line("backend backends")
	f.depth = 1
	haproxyBackend(f, c)
	return f.text.String(), nil
}

// haproxyNotes says what HAProxy does not do, or does otherwise.
func haproxyNotes(f *file, c balance.Config) {
	checked := c.Check.Interval > 0
	ejects := c.Ejection.Failures > 0
	f.note(c.Algorithm == pick.ResourceBased, "resource_based: HAProxy has agent checks for it, which speak another protocol; leastconn stands in.")
	f.note(ejects && !checked, "Ejection after failed requests needs health checks (observe), which would bring backends back; there are none.")
	f.note(ejects && checked, "An ejected backend comes back by health checks (rise), not after %v.", c.Ejection.For)
	f.note(ejects && checked && c.Ejection.ServerErrors, "Of answers, observe layer7 counts 503 as a failure, too.")
	f.note(c.SlowStart > 0 && !checked, "Slow start (%v) needs health checks; there are none.", c.SlowStart)
	f.note(c.Retries > 0, "A budget for retries (%v of all requests) does not exist.", c.Budget.Share)
	f.line("")
}

// haproxyDefaults writes times, retries and what is answered in place of a backend.
func haproxyDefaults(f *file, c balance.Config) {
	f.line("timeout connect 2s")
	if c.Check.Interval > 0 {
		f.line("timeout check %s", milliseconds(c.Check.Timeout))
	}
	f.line("retries %d", c.Retries)
	if c.Retries > 0 {
		f.line("option redispatch 1")
	}
	if c.Layer == balance.Connections {
		f.line("mode tcp")
		f.line("timeout client %s", within(0))
		f.line("timeout server %s", within(0))
		return
	}
	f.line("mode http")
	f.line("timeout client 2m")
	f.line("timeout server %s", within(c.AnswerTimeout))
	f.line("timeout tunnel %s", within(0))
	if c.Retries > 0 {
		f.line("retry-on conn-failure empty-response response-timeout")
	}
	for _, answer := range []struct {
		status       int
		text, header string
	}{
		{502, "the backend did not answer", ""},
		{503, "no backend is available", " hdr Retry-After 1"},
		{504, "the backend did not answer in time", ""},
	} {
		f.line(`http-error status %d content-type application/json string '{"error":"%s"}'%s`, answer.status, answer.text, answer.header)
	}
}

// haproxyBackend writes how requests are handed on, and to whom.
func haproxyBackend(f *file, c balance.Config) {
	haproxyBalance(f, c)
	if c.Check.Interval > 0 && c.Check.Path != "" {
		f.line("option httpchk GET %s", c.Check.Path)
		f.line("http-check expect rstatus ^2")
	}
	if c.Layer == balance.Requests {
		haproxyHeaders(f, c)
	}
	if cookie := c.Sticky.Cookie; cookie != "" {
		words := []string{"cookie", cookie, "insert", "httponly", "attr", "SameSite=Lax"}
		if c.Sticky.TTL > 0 {
			words = append(words, "attr", "Max-Age="+itoa(int(c.Sticky.TTL.Seconds())))
		}
		f.line("%s", strings.Join(words, " "))
	}
	for _, b := range c.Backends {
		f.line("%s", haproxyServer(c, b))
	}
}

// haproxyBalance writes how a backend is picked.
func haproxyBalance(f *file, c balance.Config) {
	switch c.Algorithm {
	case pick.LeastConnections, pick.WeightedLeastConnections, pick.ResourceBased:
		f.line("balance leastconn")
	case pick.IPHash:
		if c.TrustForwarded {
			f.line("http-request set-var(txn.client) req.hdr(X-Forwarded-For,1)")
			f.line("http-request set-var(txn.client) src unless { var(txn.client) -m found }")
			f.line("balance hash var(txn.client)")
		} else {
			f.line("balance source")
		}
		f.line("hash-type consistent")
	case pick.TwoChoices:
		f.line("balance random(2)")
	case pick.Random:
		f.line("balance random(1)")
	default:
		f.line("balance roundrobin")
	}
}

// haproxyHeaders writes what is said to backends about the client, and which requests may
// be sent twice.
func haproxyHeaders(f *file, c balance.Config) {
	if c.Retries > 0 {
		f.line("http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE PUT DELETE }")
	}
	if !c.TrustForwarded {
		for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
			f.line("http-request del-header %s", name)
		}
	}
	f.line("option forwardfor")
	f.line("http-request set-header X-Forwarded-Host %%[req.hdr(Host)] unless { req.hdr(X-Forwarded-Host) -m found }")
	f.line("http-request set-header X-Forwarded-Proto http unless { req.hdr(X-Forwarded-Proto) -m found }")
	f.line("http-request set-header X-Request-ID %%[uuid()] unless { req.hdr(X-Request-ID) -m found }")
	f.line("http-request set-var(txn.id) req.hdr(X-Request-ID)")
	f.line("http-response set-header X-Request-ID %%[var(txn.id)]")
	if header := c.Utilisation.Header; header != "" {
		f.line("http-response del-header %s", header)
	}
}

// haproxyServer returns the line of one backend.
func haproxyServer(c balance.Config, b balance.Backend) string {
	words := []string{"server", b.Name, b.Address}
	if c.Algorithm.Weighted() && b.Weight > 1 {
		words = append(words, "weight", itoa(b.Weight))
	}
	if c.Sticky.Cookie != "" {
		words = append(words, "cookie", b.Name)
	}
	if c.Check.Interval == 0 {
		return strings.Join(words, " ")
	}
	words = append(words, "check", "inter", milliseconds(c.Check.Interval),
		"fall", itoa(c.Check.UnhealthyAfter), "rise", itoa(c.Check.HealthyAfter))
	if c.SlowStart > 0 {
		words = append(words, "slowstart", milliseconds(c.SlowStart))
	}
	if c.Ejection.Failures > 0 {
		layer := "layer4"
		if c.Ejection.ServerErrors {
			layer = "layer7"
		}
		words = append(words, "observe", layer, "error-limit", itoa(c.Ejection.Failures), "on-error", "mark-down")
	}
	return strings.Join(words, " ")
}
