package report_test

import (
	"io"
	"testing"

	"github.com/floodmark/floodmark/report"
)

func BenchmarkText(b *testing.B) {
	s := newScene("GET /api/products", "GET /api/products/{id}", "POST /api/checkout").minute().summary()
	b.ReportAllocs()
	for b.Loop() {
		if err := report.Text(io.Discard, s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBeatLine(b *testing.B) {
	beat := newBeat(fiveSeconds(), met("ratio", 1, 0.95))
	b.ReportAllocs()
	for b.Loop() {
		if beat.Line() == "" {
			b.Fatal("no line")
		}
	}
}
