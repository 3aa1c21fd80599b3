//go:build !unix

package targets

// init leaves the connection's own calls to do the work.
func (s *socket) init() {}

func (s *socket) receiveByHand() {}
