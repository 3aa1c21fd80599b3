package balance

import (
	"errors"
	"io"
	"net"
	"sync"
)

// pump copies in both directions until both have ended. The end of one direction is handed
// on as that, and the other goes on: a client may stop sending and wait for the answer.
// An error ends both at once, with a reset, as it would be with nobody between.
func pump(client, backend net.Conn) outcome {
	var once sync.Once
	result := answered
	end := func(o outcome) {
		once.Do(func() {
			result = o
			reset(client)
			reset(backend)
		})
	}
	var up sync.WaitGroup
	up.Go(func() { stream(backend, client, end, broken, cancelled) })
	stream(client, backend, end, cancelled, broken)
	up.Wait()
	return result
}

// stream copies one direction and hands on its end. An error ends everything: with the
// outcome ofWriting if the receiver is to blame, else ofReading.
//
// It does not use io.Copy, which might splice within the kernel: that does not tell which
// end has failed, and gains nothing for answers of a few kilobytes.
func stream(to, from net.Conn, end func(outcome), ofWriting, ofReading outcome) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				end(ofWriting)
				return
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			if half, ok := to.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // whoever is gone will be noticed by the other direction
			} else {
				_ = to.Close()
			}
			return
		case errors.Is(err, net.ErrClosed):
			end(cancelled) // by shutdown, if not by end
			return
		default:
			end(ofReading)
			return
		}
	}
}

// reset closes a connection so that its other end knows that something went wrong.
func reset(conn net.Conn) {
	if plain, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = plain.SetLinger(0) // fails only on a connection that is gone already
	}
	_ = conn.Close()
}
