package supervise

import (
	"context"
	"fmt"
)

// What others ask of a host, while its Serve goes on.

// remove ends the host and waits until it has ended.
func (h *host) remove(ctx context.Context) error {
	h.quit()
	select {
	case <-h.ended:
	case <-ctx.Done():
		h.hurry()
		<-h.ended
	}
	return h.err
}

// present returns the present life, nil if there is none.
func (h *host) present() *life {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	return h.life
}

// kill kills the present life and waits until it has ended.
func (h *host) kill() error {
	h.s.mu.Lock()
	l := h.life
	if l == nil {
		defer h.s.mu.Unlock()
		return h.notUp()
	}
	l.killed = true
	h.s.mu.Unlock()
	l.Kill()
	<-l.over
	return nil
}

// freeze freezes the present life, or lets it go on. One at a time does, so that the
// state is what was done last.
func (h *host) freeze(frozen bool) error {
	h.freezing.Lock()
	defer h.freezing.Unlock()
	l, err := h.steady()
	if err != nil {
		return err
	}
	if err := l.Freeze(frozen); err != nil {
		return fmt.Errorf("freeze %s: %w", h.name, err)
	}
	h.frozen(l, frozen, WhyFrozen, WhyThawed)
	return nil
}

// look finds out whether somebody else froze the present life.
func (h *host) look() {
	h.freezing.Lock()
	defer h.freezing.Unlock()
	l, err := h.steady()
	if err != nil {
		return
	}
	if i, ok := l.Instance.(interface{ Frozen() bool }); ok {
		h.frozen(l, i.Frozen(), "it was frozen by somebody else", "it was let go on by somebody else")
	}
}

// frozen notes whether a life is frozen. freezing is held.
func (h *host) frozen(l *life, frozen bool, whyFrozen, whyThawed string) {
	if l.frozen == frozen {
		return
	}
	l.frozen = frozen
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	switch {
	case h.life != l || h.record.State == Stopping:
	case frozen:
		h.enter(Frozen, whyFrozen)
	default:
		h.enter(Up, whyThawed)
	}
}

// steady returns the present life, unless it is about to be stopped.
func (h *host) steady() (*life, error) {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	if h.life == nil || h.record.State == Stopping {
		return nil, h.notUp()
	}
	return h.life, nil
}

// notUp says what the host is doing instead. s.mu is held.
func (h *host) notUp() error {
	return fmt.Errorf("%s: %w, but %s", h.name, ErrNotUp, h.record.State)
}
