package alert

import (
	"fmt"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// What 200 rules about 50 endpoints each cost in a second: 10 000 alerts, two windows each,
// and what people are told. A beat that takes 10 ms is 1 % of a core.
func BenchmarkBoard(b *testing.B) {
	const threshold = 300 * time.Millisecond
	var table []measure.Series
	for i := range 50 {
		table = append(table, measure.Series{Endpoint: fmt.Sprint("endpoint ", i)})
	}
	texts := []string{"success < 80%", "under(300ms) < 90%", "p99 > 500ms", "burn > 6"}
	lengths := []string{"10s and 5s", "30s and 10s", "2m and 30s"}
	var rules []*Rule
	for i := range 200 {
		r := &Rule{SLO: "slo", Name: fmt.Sprint(i), Target: 0.95, By: []string{"endpoint"}, When: condition(b, texts[i%4]+" over "+lengths[i%3])}
		r.Complete(Circumstances{})
		rules = append(rules, r)
	}
	recorded := slo.Recorded{Series: table, Under: []time.Duration{threshold}, Deadlines: []time.Duration{threshold}}
	recorder := measure.NewRecorder(table, recorded.Under, 1)
	recorder.Deadlines(recorded.Deadlines...)
	for i := range 1000 {
		recorder.Lane(0).Plan(i%50, 0)
		recorder.Lane(0).Record(&measure.Sample{Series: i % 50, Done: time.Duration(i*i) * time.Microsecond, Succeeded: i%10 > 0})
	}
	in := recorder.Cut(time.Second)
	board, desk := NewBoard(rules, recorded, nil), NewDesk(Run{}, table, 0, "")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		in.Start, in.End = time.Duration(i)*time.Second, time.Duration(i+1)*time.Second
		desk.Add(in.End, "", board.Add(&in))
	}
	b.ReportMetric(100*b.Elapsed().Seconds()/float64(b.N), "%core")
}
