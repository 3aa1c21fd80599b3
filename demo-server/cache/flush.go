package cache

import "time"

// run writes values, each when its delay is over.
func (b *behind) run() {
	for {
		select {
		case key := <-b.turns:
			b.flush(key)
		case <-b.life.Done():
			return
		}
	}
}

// flush writes the value of one key.
func (b *behind) flush(key string) {
	b.mu.Lock()
	c := b.pending[key]
	b.mu.Unlock()
	if c == nil || !b.wait(time.Until(c.due), b.hurry) {
		return // dropped meanwhile, and counted by whoever did
	}
	b.mu.Lock()
	if b.pending[key] != c {
		b.mu.Unlock()
		return
	}
	delete(b.pending, key)
	b.writing[key] = c
	b.mu.Unlock()
	err := b.write(key, c.value)
	b.done(key, err)
	if err != nil && b.life.Err() == nil {
		b.failed(key, err)
	}
	<-b.places
}

// write tries until the writer takes the value, or it is given up.
func (b *behind) write(key string, value []byte) (err error) {
	for attempt := range b.config.Attempts {
		if attempt > 0 && !b.wait(b.config.Pause, nil) {
			return err
		}
		if err = b.writer.Write(b.life, key, value); err == nil {
			return nil
		}
	}
	return err
}

// done counts a value and lets the next one of its key have its turn.
func (b *behind) done(key string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.writing, key)
	switch {
	case err == nil:
		b.counts.written++
	case b.life.Err() != nil:
		b.counts.lost++
	default:
		b.counts.errors++
	}
	if b.pending[key] != nil {
		b.turns <- key
	}
}

// wait reports whether d has passed, or need not, before the end.
func (b *behind) wait(d time.Duration, hurry <-chan struct{}) bool {
	if d <= 0 {
		return b.life.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurry:
	case <-b.life.Done():
		return false
	}
	return true
}
