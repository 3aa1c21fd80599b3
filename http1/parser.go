package http1

import "bytes"

// Limits of what a response may cost.
const (
	maxHead    = 1 << 20 // bytes of heads, interim ones included
	maxInterim = 16
)

// A Parser reads responses, one after another. Its zero value is ready. It is not
// safe for concurrent use.
type Parser struct {
	Status        int   // of the head that was read last, also if it is out of range
	ContentLength int64 // as announced; -1 if it was not
	Chunked       bool
	Encoded       bool // has a Content-Encoding other than identity

	// Close says that no other response can follow on the connection: the server
	// will close it, or only its closing ends the body, or the framing was odd.
	Close bool

	// Location is the field's value, nil if there is none. It is part of the bytes
	// that Head was given.
	Location []byte

	head     []byte // the one that was read last
	begun    bool   // the status line has been read
	next     int    // where the line begins that is to be read next
	searched int    // up to where it is known to have no end
	field    field  // what the line before was
	old      bool   // HTTP/1.0
	keep     bool   // Connection: keep-alive
	location [2]int // where Location is in the head
	heads    int    // bytes of heads before this one
	interims int

	body
}

// A field is one of those that matter here.
type field uint8

const (
	none field = iota
	other
	contentLength
	transferEncoding
	connection
	contentEncoding
	location
)

// Reset makes the parser ready for another response.
func (p *Parser) Reset() { *p = Parser{ContentLength: -1} }

// Interim reports whether the head that was read last was that of an interim
// response, so that another head follows. (101 is not: nothing that this package
// knows follows it.)
func (p *Parser) Interim() bool {
	return p.Status >= 100 && p.Status < 200 && p.Status != 101
}

// Head reads the head at the beginning of b, and returns its length with the empty
// line that ends it. It returns 0 when b does not hold all of it: then it wants to
// be called again with the same bytes and more behind them. toHead says that the
// request was a HEAD, whose response has no body.
func (p *Parser) Head(b []byte, toHead bool) (n int, err error) {
	if len(b) > 0 && p.begun && p.next == 0 { // after an interim response
		p.another()
	}
	for {
		end := bytes.IndexByte(b[p.searched:], '\n')
		if end < 0 {
			p.searched = len(b)
			switch {
			case !p.begun && !mayBegin(b):
				return 0, ErrNotHTTP
			case p.heads+len(b) >= maxHead:
				return 0, ErrLongHead
			}
			return 0, nil
		}
		end += p.searched
		line := b[p.next:end]
		if len(line) > 0 && line[len(line)-1] == '\r' {
			line = line[:len(line)-1]
		}
		at := p.next
		p.next, p.searched = end+1, end+1
		switch {
		case p.heads+p.next > maxHead:
			return 0, ErrLongHead
		case !p.begun:
			err = p.statusLine(line)
		case len(line) == 0:
			return p.ended(b, toHead)
		default:
			err = p.headerLine(line, at)
		}
		if err != nil {
			return 0, err
		}
	}
}

// mayBegin reports whether b could be the beginning of a status line: what speaks
// another protocol may never send a line's end.
func mayBegin(b []byte) bool {
	const start = "HTTP/"
	n := min(len(b), len(start))
	return string(b[:n]) == start[:n]
}

// another makes the parser ready for the head after an interim one.
func (p *Parser) another() {
	heads, interims := p.heads, p.interims
	p.Reset()
	p.heads, p.interims = heads, interims
}

// ended concludes from a whole head what follows it.
func (p *Parser) ended(b []byte, toHead bool) (n int, err error) {
	n = p.next
	p.head = b[:n]
	p.heads += n
	p.next, p.searched = 0, 0
	if p.location[1] > 0 {
		p.Location = b[p.location[0]:p.location[1]]
	}
	if p.Interim() {
		if p.interims++; p.interims > maxInterim {
			return 0, ErrManyInterims
		}
		return n, nil
	}
	p.Close = p.Close || p.old && !p.keep
	p.frame(toHead)
	return n, nil
}

// frame finds out how long the body is: RFC 9112, section 6.3.
func (p *Parser) frame(toHead bool) {
	switch {
	case p.Status == 101:
		p.Close, p.state = true, done
	case toHead, p.Status == 204, p.Status == 304:
		p.state = done
	case p.Chunked:
		// Both lengths are a sign of somebody who smuggles: the connection ends here.
		p.Close = p.Close || p.ContentLength >= 0
		p.state = chunkSize
	case p.ContentLength > 0:
		p.state, p.left = sized, p.ContentLength
	case p.ContentLength == 0:
		p.state = done
	default:
		p.Close, p.state = true, untilClose
	}
}

// statusLine reads HTTP/1.1 200 OK. The reason, and the space before it, may be
// missing.
func (p *Parser) statusLine(line []byte) error {
	const start = "HTTP/1.1 200"
	if len(line) < 5 || string(line[:5]) != start[:5] {
		return ErrNotHTTP
	}
	if len(line) < len(start) || line[8] != ' ' {
		return ErrNotHTTP
	}
	if line[5] != '1' || line[6] != '.' || line[7] != '1' && line[7] != '0' {
		return ErrBadVersion
	}
	code := 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return ErrBadStatus
		}
		code = code*10 + int(c-'0')
	}
	if len(line) > len(start) && line[len(start)] != ' ' {
		return ErrBadStatus
	}
	p.begun, p.Status, p.old = true, code, line[7] == '0'
	if code < 100 || code > 599 {
		return ErrBadStatus
	}
	if !clean(line[len(start):]) {
		return ErrBadReason
	}
	return nil
}

// headerLine reads a field, or the rest of one that is folded. At is where the line
// begins in the head.
func (p *Parser) headerLine(line []byte, at int) error {
	if line[0] == ' ' || line[0] == '\t' {
		// Folding is a thing of the past (RFC 9112, section 5.2) and means a space. It
		// does no harm where nobody looks.
		if p.field != other || !clean(line) {
			return ErrBadFold
		}
		return nil
	}
	colon := 0
	for colon < len(line) && token(line[colon]) {
		colon++
	}
	if colon == 0 || colon == len(line) || line[colon] != ':' {
		return ErrBadName
	}
	value := line[colon+1:]
	if !clean(value) {
		return ErrBadValue
	}
	p.field = known(line[:colon])
	if p.field == other {
		return nil
	}
	value = trimLeft(value)
	begin := at + len(line) - len(value)
	return p.note(trimRight(value), begin)
}

// known returns which of the fields that matter has a name.
func known(name []byte) field {
	switch len(name) {
	case len("location"):
		if equal(name, "location") {
			return location
		}
	case len("connection"):
		if equal(name, "connection") {
			return connection
		}
	case len("content-length"):
		if equal(name, "content-length") {
			return contentLength
		}
	case len("content-encoding"):
		if equal(name, "content-encoding") {
			return contentEncoding
		}
	case len("transfer-encoding"):
		if equal(name, "transfer-encoding") {
			return transferEncoding
		}
	}
	return other
}

// note takes in the value of a field that matters.
func (p *Parser) note(value []byte, begin int) error {
	switch p.field {
	case contentLength:
		return p.length(value)
	case transferEncoding:
		if p.old {
			return ErrOldCoding
		}
		if p.Chunked || !equal(value, "chunked") {
			return ErrBadCoding
		}
		p.Chunked = true
	case connection:
		p.options(value)
	case contentEncoding:
		p.Encoded = p.Encoded || len(value) > 0 && !equal(value, "identity")
	case location:
		p.location = [2]int{begin, begin + len(value)}
	case none, other:
	}
	return nil
}

// length reads a Content-Length. The same one may come twice (RFC 9112, section 6.3).
func (p *Parser) length(value []byte) error {
	const most = 1<<63 - 1
	n := int64(0)
	for _, c := range value {
		if c < '0' || c > '9' || n > (most-int64(c-'0'))/10 {
			return ErrBadLength
		}
		n = n*10 + int64(c-'0')
	}
	if len(value) == 0 {
		return ErrBadLength
	}
	if p.ContentLength >= 0 && p.ContentLength != n {
		return ErrTwoLengths
	}
	p.ContentLength = n
	return nil
}

// options reads what a Connection field lists.
func (p *Parser) options(value []byte) {
	for len(value) > 0 {
		option := value
		if comma := bytes.IndexByte(value, ','); comma >= 0 {
			option, value = value[:comma], value[comma+1:]
		} else {
			value = nil
		}
		option = trimRight(trimLeft(option))
		p.Close = p.Close || equal(option, "close")
		p.keep = p.keep || equal(option, "keep-alive")
	}
}

// Field returns the value of the first field of a name in the head that was read
// last, nil if there is none. The bytes that Head was given must still be there.
func (p *Parser) Field(name string) []byte {
	rest := p.head
	for len(rest) > 0 {
		line := rest
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			line, rest = rest[:end], rest[end+1:]
		} else {
			rest = nil
		}
		if len(line) > len(name) && line[len(name)] == ':' && equalFold(line[:len(name)], name) {
			return bytes.Trim(line[len(name)+1:], " \t\r")
		}
	}
	return nil
}
