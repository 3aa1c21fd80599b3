package targets

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// Frame kinds and flags of HTTP/2 that only servers of these tests write.
const (
	kindData, kindReset, kindPing = 0x0, 0x3, 0x6
	flagEndStream, flagEndHeaders = 0x1, 0x4
)

// frame returns a frame of HTTP/2.
func frame(kind, flags byte, stream uint32, payload string) string {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
	head = append(head, flags)
	head = binary.BigEndian.AppendUint32(head, stream)
	return string(head) + payload
}

// number returns four bytes, as error codes and stream numbers are.
func number(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

// field returns a header field as HPACK writes it without its tables.
func field(name, value string) string {
	return "\x00" + string(rune(len(name))) + name + string(rune(len(value))) + value
}

// maxStreams returns the payload of SETTINGS that allow so many streams.
func maxStreams(n uint32) string {
	return string(binary.BigEndian.AppendUint16(nil, 3)) + number(n)
}

// serveFrames starts a server of HTTP/2 without TLS whose answers a script writes. It
// is called after each HEADERS frame, and closes the connection by returning false.
func serveFrames(tb testing.TB, settings string, script func(conn net.Conn, stream uint32) bool) *scripted {
	tb.Helper()
	return serveRaw(tb, func(s *scripted, conn net.Conn) {
		if _, err := io.ReadFull(conn, make([]byte, framePreface)); err != nil {
			return
		}
		io.WriteString(conn, frame(frameSettings, 0, 0, settings))
		for {
			got, err := readFrame(conn)
			if err != nil {
				return
			}
			switch {
			case got.kind == frameSettings && got.flags&frameAck == 0:
				io.WriteString(conn, frame(frameSettings, frameAck, 0, ""))
			case got.kind == kindPing && got.flags&frameAck == 0:
				io.WriteString(conn, frame(kindPing, frameAck, 0, "12345678"))
			case got.kind == frameHeaders:
				s.asked.Add(1)
				if !script(conn, got.stream) {
					return
				}
			}
		}
	})
}

// A gotFrame is what a server looks at of a frame.
type gotFrame struct {
	kind, flags byte
	stream      uint32
}

// readFrame reads a frame and throws its payload away.
func readFrame(r io.Reader) (gotFrame, error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return gotFrame{}, err
	}
	length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
	_, err := io.CopyN(io.Discard, r, length)
	return gotFrame{head[3], head[4], binary.BigEndian.Uint32(head[5:])}, err
}

// The tallies are right however the bytes are cut into pieces.
func TestFramesAreCountedByStream(t *testing.T) {
	up := "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(frameSettings, 0, 0, maxStreams(1)) +
		frame(frameSettings, frameAck, 0, "") + frame(frameHeaders, flagEndHeaders, 1, "abc") + frame(kindData, 0, 1, "")
	more := frame(frameHeaders, flagEndHeaders, 3, "abcd") + frame(kindData, flagEndStream, 1, "hello")
	down := frame(frameSettings, 0, 0, "") + frame(frameHeaders, 0, 3, "xy") + frame(kindData, 0, 1, "123") +
		frame(kindData, 0, 5, "nobody's") + frame(frameGoAway, 0, 0, number(3)+number(0))
	for size := 1; size < 40; size++ {
		f := newFrames()
		cut := func(text string, see func([]byte)) {
			for len(text) > 0 {
				n := min(size, len(text))
				see([]byte(text[:n]))
				text = text[n:]
			}
		}
		var first, second tally
		f.open(&first)
		cut(up, f.writes)
		select {
		case <-f.settled:
		default:
			t.Fatalf("pieces of %d: the settings are not acknowledged", size)
		}
		f.open(&second)
		cut(more, f.writes)
		cut(down, f.read)
		got := [4]int64{first.out.Load(), first.in.Load(), second.out.Load(), second.in.Load()}
		if want := [4]int64{9 + 3 + 9 + 9 + 5, 9 + 3, 9 + 4, 9 + 2}; got != want || !f.goAway.Load() {
			t.Errorf("pieces of %d: got %v, want %v; GOAWAY seen: %v", size, got, want, f.goAway.Load())
		}
		f.forget(&first)
		if f.forget(&second); len(f.streams) > 0 {
			t.Errorf("%d streams are kept", len(f.streams))
		}
	}
}
