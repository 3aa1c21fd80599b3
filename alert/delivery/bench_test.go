package delivery

import (
	"fmt"
	"testing"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// BenchmarkNotify is what the beat pays for what happens in one second, the disk
// included.
func BenchmarkNotify(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			chat := Lane{Name: "chat", Receiver: &desk{answer: func() alert.Answer { return later503 }}}
			o := opens(b, chat)
			all := make([]alert.Notice, n)
			for i := range all {
				all[i] = notice(fmt.Sprint("n", i), fmt.Sprint("key", i), alert.Fired, "chat")
			}
			b.ReportAllocs()
			for b.Loop() {
				o.notify(all...)
			}
			b.StopTimer()
			o.closes()
		})
	}
}

// BenchmarkCompose composes what has gathered into one message.
func BenchmarkCompose(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := make([]outbox.Group, n)
			for i := range all {
				one := notice(fmt.Sprint("n", i), fmt.Sprint("key", i), alert.Fired)
				all[i] = outbox.Group{Key: one.Key, Notices: []*alert.Notice{&one}}
			}
			b.ReportAllocs()
			for b.Loop() {
				compose(all, style{list: maxListed})
			}
		})
	}
}
