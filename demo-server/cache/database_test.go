package cache_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errAbsent = errors.New("absent")

// A database keeps values, and takes its time.
type database struct {
	read, write time.Duration

	mu      sync.Mutex
	values  map[string]string
	failing error // what every call returns, if set
	reads   int
	writes  int
}

func newDatabase() *database { return &database{values: map[string]string{}} }

// Load returns what there was when it began.
func (d *database) Load(ctx context.Context, key string) ([]byte, error) {
	d.mu.Lock()
	d.reads++
	value, ok := d.values[key]
	err := d.failing
	d.mu.Unlock()
	if err := pause(ctx, d.read); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errAbsent
	}
	return []byte(value), nil
}

// Write has written when it returns, and not before.
func (d *database) Write(ctx context.Context, key string, value []byte) error {
	if err := pause(ctx, d.write); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes++
	if d.failing != nil {
		return d.failing
	}
	d.values[key] = string(value)
	return nil
}

func (d *database) set(key, value string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.values[key] = value
}

func (d *database) get(key string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.values[key]
}

func (d *database) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing = err
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
