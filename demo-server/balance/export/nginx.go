package export

import (
	"strings"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// Nginx returns the configuration of an nginx that listens at an address and does what a
// balancer does. Layer 4 needs its stream module.
func Nginx(c balance.Config, listen string) (string, error) {
	c, err := prepare(c, listen)
	if err != nil {
		return "", err
	}
	f := &file{}
	f.line("# nginx in place of the load balancer. Try it: nginx -t -c THIS_FILE")
	nginxNotes(f, c)
	f.line("worker_processes auto;")
	f.line("events {")
	f.line("worker_connections 4096;")
	f.line("}")
	if c.Layer == balance.Connections {
		nginxStream(f, c, listen)
	} else {
		nginxHTTP(f, c, listen)
	}
	return f.text.String(), nil
}

// nginxNotes says what nginx does not do, or does otherwise.
func nginxNotes(f *file, c balance.Config) {
	check := c.Check
	f.note(c.Layer == balance.Connections, "Needs the stream module: load_module modules/ngx_stream_module.so;")
	f.note(c.Algorithm == pick.ResourceBased, "resource_based: nginx asks nobody how busy it is; least_conn stands in.")
	f.note(check.Interval > 0, "Active health checks (%q every %v, unhealthy after %d, healthy after %d) are in NGINX Plus only; failed requests (max_fails) stand in.",
		check.Path, check.Interval, check.UnhealthyAfter, check.HealthyAfter)
	f.note(c.Ejection.Failures > 0, "max_fails counts failures within fail_timeout, in a row or not, and only whole seconds of it.")
	f.note(c.Ejection.ServerErrors, "Answers of 500, 502 and 504 count as failures only if proxy_next_upstream has them, and would then be retried.")
	f.note(c.SlowStart > 0, "Slow start (%v) is in NGINX Plus only.", c.SlowStart)
	f.note(c.Sticky.Cookie != "", "Sticky sessions by the cookie %q are not in nginx 1.22; a hash of the client's address would come near.", c.Sticky.Cookie)
	f.note(c.Retries > 0, "A budget for retries (%v of all requests) does not exist.", c.Budget.Share)
	f.note(c.Layer == balance.Requests, "With no backend left it answers 502 as HTML, not 503 with Retry-After.")
	f.note(c.Layer == balance.Requests, "Backends cannot come and go while it runs, but by a reload.")
	f.line("")
}

// nginxHTTP writes a balancer of requests.
func nginxHTTP(f *file, c balance.Config, listen string) {
	f.line("http {")
	f.line("access_log off;")
	f.line("map $http_x_request_id $kept_request_id { default $http_x_request_id; '' $request_id; }")
	f.line("map $http_upgrade $hop { default upgrade; '' ''; }")
	address, forwarded, proto, host := "$remote_addr", "$remote_addr", "$scheme", "$http_host"
	if c.TrustForwarded {
		f.line("map $http_x_forwarded_for $client { default $remote_addr; '~^ *(?<first>[^, ]+)' $first; }")
		f.line("map $http_x_forwarded_proto $kept_proto { default $http_x_forwarded_proto; '' $scheme; }")
		f.line("map $http_x_forwarded_host $kept_host { default $http_x_forwarded_host; '' $http_host; }")
		address, forwarded, proto, host = "$client", "$proxy_add_x_forwarded_for", "$kept_proto", "$kept_host"
	}
	nginxUpstream(f, c, address)
	f.line("server {")
	f.line("listen %s;", listen)
	f.line("client_max_body_size 0;")
	f.line("location / {")
	f.line("proxy_pass http://backends;")
	f.line("proxy_http_version 1.1;")
	f.line("proxy_buffering off;")
	f.line("proxy_connect_timeout 2s;")
	f.line("proxy_read_timeout %s;", within(c.AnswerTimeout))
	if c.Retries > 0 {
		f.line("proxy_next_upstream error timeout; # idempotent requests, and what was not sent")
		f.line("proxy_next_upstream_tries %d;", c.Retries+1)
	} else {
		f.line("proxy_next_upstream off;")
	}
	f.line("proxy_set_header Host $http_host;")
	f.line("proxy_set_header Connection $hop;")
	f.line("proxy_set_header Upgrade $http_upgrade;")
	f.line("proxy_set_header Forwarded '';")
	f.line("proxy_set_header X-Forwarded-For %s;", forwarded)
	f.line("proxy_set_header X-Forwarded-Host %s;", host)
	f.line("proxy_set_header X-Forwarded-Proto %s;", proto)
	f.line("proxy_set_header X-Request-ID $kept_request_id;")
	f.line("proxy_hide_header X-Request-ID;")
	f.line("add_header X-Request-ID $kept_request_id always;")
	if header := c.Utilisation.Header; header != "" {
		f.line("proxy_hide_header %s;", header)
	}
	for range 3 {
		f.line("}")
	}
}

// nginxStream writes a balancer of connections.
func nginxStream(f *file, c balance.Config, listen string) {
	f.line("stream {")
	nginxUpstream(f, c, "$remote_addr")
	f.line("server {")
	f.line("listen %s;", listen)
	f.line("proxy_pass backends;")
	f.line("proxy_connect_timeout 2s;")
	f.line("proxy_timeout %s;", within(0))
	if c.Retries > 0 {
		f.line("proxy_next_upstream on;")
		f.line("proxy_next_upstream_tries %d;", c.Retries+1)
	} else {
		f.line("proxy_next_upstream off;")
	}
	f.line("}")
	f.line("}")
}

// nginxUpstream writes the backends. The zone makes all workers count together.
func nginxUpstream(f *file, c balance.Config, client string) {
	f.line("upstream backends {")
	f.line("zone backends 128k;")
	switch c.Algorithm {
	case pick.LeastConnections, pick.WeightedLeastConnections, pick.ResourceBased:
		f.line("least_conn;")
	case pick.IPHash:
		f.line("hash %s consistent;", client)
	case pick.TwoChoices:
		f.line("random two least_conn;")
	case pick.Random:
		f.line("random;")
	case pick.RoundRobin, pick.WeightedRoundRobin: // what it does unless told otherwise
	}
	for _, b := range c.Backends {
		words := []string{"server", b.Address}
		if c.Algorithm.Weighted() && b.Weight > 1 {
			words = append(words, "weight="+itoa(b.Weight))
		}
		words = append(words, "max_fails="+itoa(c.Ejection.Failures))
		if c.Ejection.Failures > 0 {
			words = append(words, "fail_timeout="+seconds(c.Ejection.For))
		}
		f.line("%s; # %s", strings.Join(words, " "), b.Name)
	}
	if c.Layer == balance.Requests {
		f.line("keepalive 256;")
	}
	f.line("}")
}
