package http1

import "fmt"

// Limits of what surrounds chunks.
const (
	maxChunkLine = 4 << 10
	maxTrailers  = 64 << 10
)

// A state says what of a response comes next, once its head is over.
type state uint8

const (
	inHead       state = iota // the head is not over
	sized                     // left bytes
	untilClose                // whatever comes
	chunkSize                 // hexadecimal digits
	chunkSpace                // after them
	chunkExtra                // an extension, which nobody reads
	chunkLine                 // LF after the chunk's first line
	chunkData                 // left bytes
	chunkEnd                  // CR after them
	chunkEndLine              // LF after that
	trailer                   // the beginning of a trailer, or CR
	trailerName
	trailerValue
	trailerLine // LF after a trailer
	trailersEnd // LF after all trailers
	done
)

// A body is where in a body the parser is.
type body struct {
	state state
	left  int64 // of the body or the chunk
	line  int   // bytes of the chunk's first line, or of the trailers
	digit bool  // the chunk's size has one
}

// Done reports whether the response is complete.
func (b *body) Done() bool { return b.state == done }

// End is told that the peer closes the connection. It returns nil if that
// completes the response, else what is missing.
func (b *body) End() error {
	switch b.state {
	case untilClose, done:
		b.state = done
		return nil
	case inHead:
		return ErrClosed
	default:
		return ErrShort
	}
}

// UntilClose reports whether the body ends when the peer closes the connection.
func (b *body) UntilClose() bool { return b.state == untilClose }

// Missing tells, after the error [ErrShort], what of the body is not there, in words
// such as "after 2 of 9 bytes".
func (p *Parser) Missing() string {
	switch p.state {
	case sized:
		return fmt.Sprintf("after %d of %d bytes", p.ContentLength-p.left, p.ContentLength)
	case chunkData:
		return fmt.Sprintf("%d bytes before the end of a chunk", p.left)
	case chunkSize, chunkSpace, chunkExtra, chunkLine, chunkEnd, chunkEndLine:
		return "before the last chunk"
	default:
		return "within the trailers"
	}
}

// Body takes the next of the body from the bytes in. Content is what is content of
// it, and n how many bytes were used, those around chunks included. It wants to be
// called with what is left until n is 0 or the response is done.
func (b *body) Body(in []byte) (content []byte, n int, err error) {
	for n < len(in) {
		switch b.state {
		case inHead, done:
			return nil, n, nil
		case untilClose:
			return in[n:], len(in), nil
		case sized, chunkData:
			content = in[n:]
			if int64(len(content)) > b.left {
				content = content[:b.left]
			}
			b.left -= int64(len(content))
			if b.left == 0 {
				b.state = after(b.state)
			}
			return content, n + len(content), nil
		default:
			if err := b.step(in[n]); err != nil {
				return nil, n, err
			}
			n++
		}
	}
	return nil, n, nil
}

// after returns what follows a body or a chunk.
func after(s state) state {
	if s == sized {
		return done
	}
	return chunkEnd
}

// step takes one byte of what surrounds chunks.
func (b *body) step(c byte) error {
	switch b.state {
	case chunkSize, chunkSpace, chunkExtra, chunkLine:
		return b.stepSize(c)
	case chunkEnd:
		b.state = chunkEndLine
		return expect(c, '\r', ErrBadChunkEnd)
	case chunkEndLine:
		b.state, b.line, b.digit = chunkSize, 0, false
		return expect(c, '\n', ErrBadChunkEnd)
	default:
		return b.stepTrailer(c)
	}
}

func expect(c, want byte, err MalformedError) error {
	if c != want {
		return err
	}
	return nil
}

// stepSize takes one byte of a chunk's first line. It ends with CR and LF: a
// bare LF is one of the ways to smuggle.
func (b *body) stepSize(c byte) error {
	if b.line++; b.line > maxChunkLine {
		return ErrLongChunkLine
	}
	switch {
	case b.state == chunkLine:
		b.state = chunkData
		if b.left == 0 {
			b.state, b.line = trailer, 0
		}
		return expect(c, '\n', ErrBadChunkSize)
	case c == '\r' && b.digit:
		b.state = chunkLine
		return nil
	case b.state == chunkExtra:
		if c < ' ' && c != '\t' || c == 0x7f {
			return ErrBadExtension
		}
		return nil
	case c == ';' && b.digit:
		b.state = chunkExtra
		return nil
	case (c == ' ' || c == '\t') && b.digit:
		b.state = chunkSpace
		return nil
	}
	v, ok := hex(c)
	if !ok || b.state == chunkSpace || b.left>>59 != 0 {
		return ErrBadChunkSize
	}
	b.left, b.digit = b.left<<4|v, true
	return nil
}

// hex returns the value of a hexadecimal digit.
func hex(c byte) (v int64, ok bool) {
	switch {
	case c >= '0' && c <= '9':
		return int64(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int64(c|0x20-'a') + 10, true
	}
	return 0, false
}

// stepTrailer takes one byte of the trailers.
func (b *body) stepTrailer(c byte) error {
	if b.line++; b.line > maxTrailers {
		return ErrLongTrailers
	}
	switch b.state {
	case trailer:
		if c == '\r' {
			b.state = trailersEnd
			return nil
		}
		b.state = trailerName
		return name(c)
	case trailerName:
		if c == ':' {
			b.state = trailerValue
			return nil
		}
		return name(c)
	case trailerValue:
		if c == '\r' {
			b.state = trailerLine
			return nil
		}
		if c < ' ' && c != '\t' || c == 0x7f {
			return ErrBadTrailer
		}
		return nil
	case trailerLine:
		b.state = trailer
	default:
		b.state = done
	}
	return expect(c, '\n', ErrBadTrailer)
}

// name complains about a byte that is in no field's name.
func name(c byte) error {
	if !token(c) {
		return ErrBadTrailer
	}
	return nil
}
