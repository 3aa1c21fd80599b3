package http1

import "encoding/binary"

// token reports whether a field's name may have the byte: RFC 9110, section 5.6.2.
// A bit stands for each of the bytes below 128.
func token(c byte) bool {
	const (
		digits  = (1<<10 - 1) << '0'
		letters = (1<<26-1)<<('a'-64) | (1<<26-1)<<('A'-64)
		low     = digits | 1<<'!' | 1<<'#' | 1<<'$' | 1<<'%' | 1<<'&' | 1<<'\'' | 1<<'*' | 1<<'+' | 1<<'-' | 1<<'.'
		high    = letters | 1<<('^'-64) | 1<<('_'-64) | 1<<('`'-64) | 1<<('|'-64) | 1<<('~'-64)
	)
	if c < 64 {
		return uint64(low)>>c&1 != 0
	}
	return uint64(high)>>(c-64)&1 != 0 // no bit is left from 128 on
}

// equal reports whether b is the text, which is in lower case, in any case.
func equal(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c != lower[i] && (c < 'A' || c > 'Z' || c|0x20 != lower[i]) {
			return false
		}
	}
	return true
}

// equalFold is equal for a text in any case.
func equalFold(b []byte, text string) bool {
	for i, c := range b {
		d := text[i]
		if c != d && (c|0x20 != d|0x20 || c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// clean reports whether b has no control character but tabs, as values must be:
// RFC 9110, section 5.5. Eight bytes are looked at together.
func clean(b []byte) bool {
	const ones = 0x0101010101010101
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		// The high bit of a byte is set by what is below 0x20, and by what is 0x7f
		// (Warren, Hacker's Delight, section 6-1). It may be set wrongly after one
		// that is; then a closer look is taken anyway.
		low := (w - ones*0x20) & ^w & (ones * 0x80)
		del := w ^ ones*0x7f
		del = (del - ones) & ^del & (ones * 0x80)
		if low|del != 0 && !cleanBytes(b[:8]) {
			return false
		}
		b = b[8:]
	}
	return cleanBytes(b)
}

func cleanBytes(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// trimLeft and trimRight take away the white space around a value.
func trimLeft(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
