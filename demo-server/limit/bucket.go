package limit

// A bucket is the state of both bucket algorithms, which are one meter and differ in
// what they do with the requests that it admits.
//
// Each admitted request pours its volume in, if there is room, and the bucket leaks at
// the limit. Seen as a token bucket the room is the tokens: what is admitted passes at
// once, so that after a rest Burst requests pass in no time. Seen as a leaky bucket the
// level is a queue: what is admitted leaves when all before it has leaked, so that
// requests pass at even distances however they came. (There is also a leaky bucket that
// is a meter only. It admits what a token bucket admits, so it would show nothing new;
// the one with a queue is nginx's, too.)
//
// Over any time t, at most Burst + t·Limit/Window requests pass a token bucket, and at
// most 1 + t·Limit/Window a leaky one, of whose queue at most Burst wait.
//
// The volume of a request is the window's microseconds and the leak is Limit for each
// microsecond: so everything is a whole number, and levels stay right when Limit changes.
// The leak changes with it at the next admission, or it would reach back.
type bucket struct {
	queues bool // a leaky bucket
	level  int64
	at     int64 // when the level was that: at the latest admission
	leak   int64 // a microsecond, since then
}

func (b *bucket) ask(now int64, t terms) Decision {
	before := b.leaked(now)
	admitted := before <= (t.capacity-1)*t.window
	if admitted {
		b.level, b.at, b.leak = before+t.window, now, t.limit
	}
	return bucketDecision(b.queues, admitted, before, b.leak, t)
}

func (b *bucket) idle(now int64, _ terms) bool { return b.leaked(now) == 0 }

// leaked returns the level now.
func (b *bucket) leaked(now int64) int64 {
	elapsed := now - b.at
	if b.level == 0 || elapsed > b.level/b.leak {
		return 0 // also where the product would overflow
	}
	return b.level - elapsed*b.leak
}

// bucketDecision words what was decided at a level, and the leak from then on.
func bucketDecision(queues, admitted bool, before, leak int64, t terms) Decision {
	d := Decision{Admitted: admitted}
	level := before
	if admitted {
		level += t.window
		if queues {
			d.Delay = micros(ceil(before, leak))
		}
	}
	room := max(t.capacity*t.window-level, 0) / t.window
	d.Remaining = int(room)
	d.Reset = micros(ceil(level-(t.capacity-room-1)*t.window, leak))
	return d
}
