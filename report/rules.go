package report

import (
	"fmt"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// Rules say from where on a generator is not believed: the run is invalid when one
// of them does not hold. A limit of zero is a rule that is switched off, so that the
// zero value believes everything.
type Rules struct {
	LagQuantile float64       // of arrivals, such as 0.99: this part of them…
	Lag         time.Duration // …was begun less late than this
	CPU         float64       // less than this share of the processor time that may be used
	SentRate    float64       // at least this share of the asked arrivals was sent, in the time that was planned for them
}

// The rules as people write them, "off" for one that is switched off.
func (r Rules) lagText() string {
	if r.Lag == 0 {
		return "off"
	}
	return quantileName(r.LagQuantile) + " < " + r.Lag.String()
}

func (r Rules) cpuText() string { return ratioText("< ", r.CPU) }

func (r Rules) sentText() string { return ratioText(">= ", r.SentRate) }

// ratioText writes a limit in percent, with as many digits as it has.
func ratioText(op string, ratio float64) string {
	if ratio == 0 {
		return "off"
	}
	return op + strconv.FormatFloat(100*ratio, 'g', 10, 64) + "%"
}

// quantileName writes 0.99 as p99, and 1 as max.
func quantileName(q float64) string {
	if q >= 1 {
		return "max"
	}
	return fmt.Sprintf("p%.10g", 100*q)
}

// The JSON form of rules in the head of a saved run.
type rulesJSON struct {
	LagQuantile float64 `json:"lag_quantile,omitempty"`
	Lag         float64 `json:"lag_seconds,omitempty"`
	CPU         float64 `json:"cpu_ratio,omitempty"`
	SentRate    float64 `json:"sent_ratio,omitempty"`
}

func (r Rules) json() rulesJSON {
	return rulesJSON{finite(r.LagQuantile), r.Lag.Seconds(), finite(r.CPU), finite(r.SentRate)}
}

func (r rulesJSON) rules() Rules {
	return Rules{r.LagQuantile, measure.FromSeconds(r.Lag), r.CPU, r.SentRate}
}
