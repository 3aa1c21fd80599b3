package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/cache"
)

// behind returns a write-behind cache whose database takes 10 ms for a write, one at a time.
func behind(t *testing.T, config cache.Behind) (*cache.Cache, *database) {
	t.Helper()
	db := newDatabase()
	db.write = 10 * time.Millisecond
	config.Workers = 1
	return start(t, cache.Config{Loader: db, Writer: db, Strategy: cache.WriteBehind, Behind: config}), db
}

// put writes a value and fails the test if it cannot.
func put(t *testing.T, c *cache.Cache, key, value string) {
	t.Helper()
	if err := c.Write(t.Context(), key, []byte(value)); err != nil {
		t.Errorf("write %s: %v", key, err)
	}
}

func TestWriteBehindFlushesOnClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, db := behind(t, cache.Behind{Delay: time.Hour})
		for i := range 20 {
			put(t, c, fmt.Sprint(i), "x")
		}
		if got := c.Stats(); got.Queued != 20 || got.Written != 0 {
			t.Errorf("got %+v, want 20 queued", got)
		}
		begun := time.Now()
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := time.Since(begun), 200*time.Millisecond; got != want {
			t.Errorf("Close took %v, want %v", got, want)
		}
		if got := c.Stats(); got.Written != 20 || got.Queued != 0 || db.writes != 20 {
			t.Errorf("got %+v and %d writes, want 20", got, db.writes)
		}
	})
}

func TestWriteBehindCloseInNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, db := behind(t, cache.Behind{})
		for i := range 20 {
			put(t, c, fmt.Sprint(i), "x")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 55*time.Millisecond)
		defer cancel()
		if err := c.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		// The sixth write was under way and cut off.
		if got := c.Stats(); got.Written != 5 || got.Lost != 15 || db.writes != 5 {
			t.Errorf("got %+v and %d writes, want 5 written and 15 lost", got, db.writes)
		}
	})
}

func TestWriteBehindCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, db := behind(t, cache.Behind{})
		for i := range 20 {
			put(t, c, fmt.Sprint(i), "x")
		}
		time.Sleep(35 * time.Millisecond)
		c.Crash()
		if got := c.Stats(); got.Written != 3 || got.Lost != 17 || got.Queued != 0 || got.Entries != 0 || db.writes != 3 {
			t.Errorf("got %+v and %d writes, want 3 written, 17 lost, no entries", got, db.writes)
		}
		if err := c.Write(t.Context(), "key", nil); !errors.Is(err, cache.ErrClosed) {
			t.Errorf("got %v, want %v", err, cache.ErrClosed)
		}
	})
}

// Of values of one key that wait the last is written, once.
func TestWriteBehindCoalesces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, db := behind(t, cache.Behind{Delay: time.Second})
		for i := range 10 {
			put(t, c, "key", fmt.Sprint(i))
		}
		want(t, c, "key", "9")
		time.Sleep(2 * time.Second)
		if got := c.Stats(); got.Coalesced != 9 || got.Written != 1 || db.get("key") != "9" {
			t.Errorf("got %+v and %q, want 9 coalesced, 1 written, 9", got, db.get("key"))
		}
	})
}

// A full queue slows writers down to the database's pace.
func TestWriteBehindFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := behind(t, cache.Behind{Queue: 3})
		begun := time.Now()
		for i := range 10 {
			put(t, c, fmt.Sprint(i), "x")
		}
		if got, want := time.Since(begun), 70*time.Millisecond; got != want {
			t.Errorf("ten writes took %v, want %v", got, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := c.Write(ctx, "late", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

// Who waits for a place when the cache ends is told.
func TestWriteBehindFullAndClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := behind(t, cache.Behind{Queue: 1})
		put(t, c, "a", "x")
		var group sync.WaitGroup
		group.Go(func() {
			if err := c.Write(t.Context(), "b", nil); !errors.Is(err, cache.ErrClosed) {
				t.Errorf("got %v, want %v", err, cache.ErrClosed)
			}
		})
		synctest.Wait()
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		group.Wait()
	})
}

// A value is read from the queue when it has been evicted before it was written.
func TestWriteBehindReadsItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		db.set("a", "old")
		c := start(t, cache.Config{Loader: db, Writer: db, Strategy: cache.WriteBehind, Capacity: 1, Behind: cache.Behind{Delay: time.Second}})
		put(t, c, "a", "new")
		put(t, c, "b", "other")
		want(t, c, "a", "new")
		if got := c.Stats(); got.Loads != 0 || got.Hits != 1 {
			t.Errorf("got %+v, want a hit and no load", got)
		}
	})
}

// A value that cannot be written is tried again, then given up, and then it is not
// served any more.
func TestWriteBehindGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, db := behind(t, cache.Behind{Pause: 100 * time.Millisecond})
		db.set("key", "old")
		db.fail(errors.New("the database is down"))
		put(t, c, "key", "new")
		time.Sleep(150 * time.Millisecond)
		want(t, c, "key", "new")
		time.Sleep(time.Second)
		db.fail(nil)
		want(t, c, "key", "old")
		if got := c.Stats(); got.WriteErrors != 1 || db.writes != 3 {
			t.Errorf("got %+v after %d attempts, want 1 error after 3", got, db.writes)
		}
	})
}
