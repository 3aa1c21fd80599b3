package targets

import (
	"errors"
	"fmt"
	"strings"
)

// validateHeaders returns what is wrong with each of the headers, joined.
func validateHeaders(headers []Header) error {
	var faults []error
	hosts := 0
	for _, h := range headers {
		faults = append(faults, h.validate())
		if strings.EqualFold(h.Name, "Host") {
			hosts++
		}
	}
	if hosts > 1 {
		faults = append(faults, errors.New("header Host: a request has one only"))
	}
	return errors.Join(faults...)
}

// validate says why the header cannot be sent: its name is no token, its value
// would begin another line, or it tells the length of the body, which is
// rendered from the body alone so that two answers to that cannot exist.
func (h Header) validate() error {
	switch {
	case !validToken(h.Name):
		return fmt.Errorf("header name %q is not a token", h.Name)
	case strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return fmt.Errorf("header %s: the value %q has control characters", h.Name, h.Value)
	case strings.EqualFold(h.Name, "Content-Length"), strings.EqualFold(h.Name, "Transfer-Encoding"):
		return fmt.Errorf("header %s: it follows from the body and cannot be set", h.Name)
	}
	return nil
}

// validToken reports whether s is a token of RFC 9110, section 5.6.2: the letters
// of method and header names.
func validToken(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
