package measure

import (
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// What is packed is what the library reads back, bucket for bucket, and a packer
// that was used before packs as a new one does.
func TestPackedHistogramsAreTheLibrarys(t *testing.T) {
	var used packer
	rapid.Check(t, func(t *rapid.T) {
		var h Histogram
		for _, d := range rapid.SliceOfN(durations(), 1, 50).Draw(t, "values") {
			for range rapid.SampledFrom([]int{1, 1, 2, 300}).Draw(t, "times") {
				h.Record(d)
			}
		}
		var fresh packer
		got := mustPack(t, &used, &h)
		if again := mustPack(t, &fresh, &h); again != got {
			t.Fatalf("a used packer wrote\n%s\na new one\n%s", got, again)
		}
		read, err := hdr.Decode([]byte(got))
		if err != nil {
			t.Fatal(err)
		}
		if want := dense(t, &h); !read.Equals(want) {
			t.Fatalf("got %v, want %v", read.Distribution(), want.Distribution())
		}
	})
}

// An empty histogram is packed, too: a second without an answer.
func TestPackNothing(t *testing.T) {
	var p packer
	read, err := hdr.Decode([]byte(mustPack(t, &p, &Histogram{})))
	if err != nil {
		t.Fatal(err)
	}
	if got := read.TotalCount(); got != 0 {
		t.Errorf("got %d values, want none", got)
	}
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func mustPack(t fataler, p *packer, h *Histogram) string {
	t.Helper()
	text, err := p.append(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dense returns the library's histogram of the same values.
func dense(t fataler, h *Histogram) *hdr.Histogram {
	t.Helper()
	out := hdr.New(int64(time.Microsecond), int64(MaxDuration), significantDigits)
	for high, n := range h.Buckets {
		if err := out.RecordValues(int64(min(high, MaxDuration)), n); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
