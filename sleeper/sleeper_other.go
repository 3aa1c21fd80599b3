//go:build !linux

package sleeper

import (
	"context"
	"time"
)

// An alarm does not exist here: without a timerfd every Sleeper waits on the
// runtime's timers.
type alarm struct{}

func newAlarm() (*alarm, error) { return nil, nil }

func (*alarm) until(context.Context, time.Time) error { return nil }

func (*alarm) close() error { return nil }

// A solo does not exist here either.
type solo struct{}

func newSolo() (*solo, error) { return nil, nil }

func (*solo) wait(context.Context, time.Time) error { return nil }

func (*solo) close() error { return nil }
