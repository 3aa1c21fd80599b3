package health

import "testing"

// BenchmarkBeat is what the beat pays each second.
func BenchmarkBeat(b *testing.B) {
	m := New()
	b.ReportAllocs()
	for b.Loop() {
		m.Beat()
	}
}
