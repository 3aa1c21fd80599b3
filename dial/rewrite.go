package dial

import (
	"fmt"
	"strings"
)

// A Rewrite sends connections for one host and port to another, as curl's
// --connect-to does. The request still names the old host, and so do SNI and the
// certificate.
type Rewrite struct {
	FromHost, FromPort string // "" matches any
	ToHost, ToPort     string // "" leaves it as it is
}

// ParseRewrite reads HOST1:PORT1:HOST2:PORT2, any of them empty, IPv6 addresses in
// brackets.
func ParseRewrite(text string) (Rewrite, error) {
	const hint = "write HOST1:PORT1:HOST2:PORT2, such as shop.test:443:127.0.0.1:8443; empty parts match any or stay, IPv6 goes in brackets"
	parts := splitColons(text)
	if len(parts) != 4 {
		return Rewrite{}, &syntaxError{fmt.Sprintf("%q has not the four parts HOST1:PORT1:HOST2:PORT2", text), hint}
	}
	r := Rewrite{parts[0], parts[1], parts[2], parts[3]}
	if err := r.validate(); err != nil {
		return Rewrite{}, &syntaxError{err.Error(), hint}
	}
	return r, nil
}

func (r Rewrite) validate() error {
	for _, port := range []string{r.FromPort, r.ToPort} {
		if _, ok := parsePort(port); port != "" && !ok {
			return fmt.Errorf("%s: port %q is not within 1 and 65535", r, port)
		}
	}
	if r.ToHost == "" && r.ToPort == "" {
		return fmt.Errorf("%s changes neither host nor port", r)
	}
	return nil
}

// String returns the rewrite as it is parsed.
func (r Rewrite) String() string {
	return strings.Join([]string{bracket(r.FromHost), r.FromPort, bracket(r.ToHost), r.ToPort}, ":")
}

// apply returns where a connection for host and port goes, and whether the rule is
// about them.
func (r Rewrite) apply(host, port string) (toHost, toPort string, ok bool) {
	if r.FromHost != "" && !strings.EqualFold(r.FromHost, host) || r.FromPort != "" && r.FromPort != port {
		return host, port, false
	}
	if r.ToHost != "" {
		host = r.ToHost
	}
	if r.ToPort != "" {
		port = r.ToPort
	}
	return host, port, true
}

// bracket puts an IPv6 address into brackets.
func bracket(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
