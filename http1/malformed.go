package http1

// A MalformedError is an error that tells what of a response is not HTTP.
type MalformedError uint8

// What can be wrong.
const (
	_ MalformedError = iota
	ErrNotHTTP
	ErrBadVersion
	ErrBadStatus
	ErrBadReason
	ErrBadName
	ErrBadValue
	ErrBadFold
	ErrBadLength
	ErrTwoLengths
	ErrBadCoding
	ErrOldCoding
	ErrBadChunkSize
	ErrBadExtension
	ErrLongChunkLine
	ErrBadChunkEnd
	ErrBadTrailer
	ErrLongTrailers
	ErrLongHead
	ErrManyInterims
	ErrClosed
	ErrShort
)

// Error returns what is wrong, in words.
func (m MalformedError) Error() string {
	switch m {
	case ErrNotHTTP:
		return "malformed HTTP: it does not begin with a status line"
	case ErrBadVersion:
		return "malformed HTTP: the version is neither HTTP/1.1 nor HTTP/1.0"
	case ErrBadStatus:
		return "malformed HTTP: the status is not a number from 100 to 599"
	case ErrBadReason:
		return "malformed HTTP: a control character in the reason phrase"
	case ErrBadName:
		return "malformed HTTP: a header line without a valid name and a colon"
	case ErrBadValue:
		return "malformed HTTP: a control character in a header's value"
	case ErrBadFold:
		return "malformed HTTP: a header line is folded where it must not be"
	case ErrBadLength:
		return "malformed HTTP: Content-Length is not a number that can be"
	case ErrTwoLengths:
		return "malformed HTTP: two different Content-Lengths"
	case ErrBadCoding:
		return "malformed HTTP: a Transfer-Encoding other than chunked"
	case ErrOldCoding:
		return "malformed HTTP: Transfer-Encoding in a response of HTTP/1.0"
	case ErrBadChunkSize:
		return "malformed HTTP: a chunk's size is not a hexadecimal number that can be"
	case ErrBadExtension:
		return "malformed HTTP: a control character in a chunk's extension"
	case ErrLongChunkLine:
		return "malformed HTTP: a chunk's first line is longer than 4 KiB"
	case ErrBadChunkEnd:
		return "malformed HTTP: a chunk is longer than its size"
	case ErrBadTrailer:
		return "malformed HTTP: a trailer is not a header line"
	case ErrLongTrailers:
		return "malformed HTTP: the trailers are longer than 64 KiB"
	case ErrLongHead:
		return "the head is longer than 1 MiB"
	case ErrManyInterims:
		return "more than 16 interim answers"
	case ErrClosed:
		return "the connection was closed before the head had ended"
	case ErrShort:
		return "the connection was closed before the body had ended"
	}
	return "malformed HTTP"
}
