package slo

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSpansAreLimited(t *testing.T) {
	var s spans
	at := time.Duration(0)
	for i := range 100 { // one bad second each, then 2, 3, 4, … good ones
		s.addBad(Span{at, at + time.Second})
		for range i + 2 {
			s.addGood()
		}
		at += time.Duration(i+3) * time.Second
	}
	if len(s.all) != maxSpans {
		t.Errorf("got %d spans, want %d", len(s.all), maxSpans)
	}
	if want := 100 * time.Second; s.total != want {
		t.Errorf("bad for %v, want %v: joining does not make good time bad", s.total, want)
	}
	if got := s.all[0]; got.Start != 0 || got.Length() < 2*time.Second {
		t.Errorf("the first span is %v, want several of the closest joined", got)
	}
	if got, want := s.all[maxSpans-1].Length(), time.Second; got != want {
		t.Errorf("the last span is %v long, want %v", got, want)
	}
}

func TestSpansStayInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s spans
		steps := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 500).Draw(t, "steps")
		for i, step := range steps {
			start := time.Duration(i) * time.Second
			switch step {
			case 0:
				s.addBad(Span{start, start + time.Second})
			case 1:
				s.addStalled(start)
			default:
				s.addGood()
			}
		}
		if len(s.all) > maxSpans {
			t.Fatalf("got %d spans, want at most %d", len(s.all), maxSpans)
		}
		var last, sum time.Duration
		for _, span := range s.all {
			if span.Start < last || span.End <= span.Start {
				t.Fatalf("%v is out of order in %v", span, s.all)
			}
			last, sum = span.End, sum+span.Length()
		}
		if s.total > sum || len(s.all) < maxSpans && s.total != sum {
			t.Errorf("bad for %v, want the sum of the spans, %v", s.total, sum)
		}
	})
}
