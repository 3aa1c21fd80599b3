package profiles

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

// Generator says from where on the generator itself is not believed: a run in which one of these rules does not hold is
// invalid, whatever its objectives say. A rule is off when its limit is 0.
type Generator struct {
	Lag LagRule // how late arrivals may be; by default p99 < 5ms
	// CPU is the share of the processor time it may use that must not be reached. AutoCPU, the default, is 85% in the open
	// model and off in the closed one, whose users go as fast as they can.
	CPU      float64
	SentRate float64 // the share of the asked arrivals that must be sent; by default 99%
}

// LagRule wants a share of the arrivals to be begun less late than Limit.
type LagRule struct {
	Quantile float64 // 0.99 is p99, 1 is max
	Limit    time.Duration
}

// AutoCPU stands for the default of the load's model.
const AutoCPU = -1

const (
	defaultCPU = 0.85
	ruleDigits = 3 // after the point of a percentage
)

func defaultGenerator() Generator {
	return Generator{Lag: LagRule{Quantile: 0.99, Limit: 5 * time.Millisecond}, CPU: AutoCPU, SentRate: 0.99}
}

// CPULimit returns the limit of the CPU that holds for an executor, 0 if none does.
func (g Generator) CPULimit(e Executor) float64 {
	switch {
	case g.CPU != AutoCPU:
		return g.CPU
	case e.Open():
		return defaultCPU
	}
	return 0
}

// Set changes one rule as a flag does: the rule's key, and what a profile has below it, such as "lag p99 < 20ms" or
// "cpu off"; also written as a profile has it, with a colon and quotes. The Hint() of its error says how to write it.
func (g *Generator) Set(text string) error {
	key, rule := splitRule(strings.TrimSpace(text))
	var err error
	switch key {
	case "lag":
		err = set(&g.Lag, rule, parseLagRule)
	case "cpu":
		err = set(&g.CPU, rule, parseCPURule)
	case "sent_rate":
		err = set(&g.SentRate, rule, parseSentRule)
	default:
		return document.Unreadable("unknown rule "+document.Quote(key), document.DidYouMean(key, knownKeys("generator")), wantRule)
	}
	return err
}

// splitRule returns a rule's key, and the rule without the quotes that YAML needs.
func splitRule(text string) (key, rule string) {
	key, rule = text, ""
	if i := strings.IndexAny(text, " :"); i >= 0 {
		key, rule = text[:i], strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(text[i:], " "), ":"))
	}
	if n := len(rule); n >= 2 && (rule[0] == '"' || rule[0] == '\'') && rule[n-1] == rule[0] {
		rule = strings.TrimSpace(rule[1 : n-1])
	}
	return key, rule
}

// set changes a value unless its text cannot be read.
func set[T any](into *T, text string, read func(string) (T, error)) error {
	value, err := read(text)
	if err == nil {
		*into = value
	}
	return err
}

func (d *decoder) decodeGenerator(s section) {
	g := &d.profile.Generator
	if f, ok := s.Fields["lag"]; ok {
		document.Convert(d.Decoder, f, &g.Lag, parseLagRule)
	}
	if f, ok := s.Fields["cpu"]; ok {
		document.Convert(d.Decoder, f, &g.CPU, parseCPURule)
	}
	if f, ok := s.Fields["sent_rate"]; ok {
		document.Convert(d.Decoder, f, &g.SentRate, parseSentRule)
	}
}

// parseLagRule reads p99 < 5ms, max < 50ms or off.
func parseLagRule(text string) (LagRule, error) {
	if text == "off" {
		return LagRule{}, nil
	}
	const hint = "write p99 < 5ms, or off"
	wrong := document.Unreadable(document.Quote(text)+" is not a rule for the lag", hint, wantRule)
	name, limit, ok := strings.Cut(text, "<")
	name, limit = strings.TrimSpace(name), strings.TrimSpace(limit)
	q, known := parseQuantile(name)
	if !ok || !known || strings.HasPrefix(limit, "=") {
		return LagRule{}, wrong
	}
	d, err := document.ParseDuration(limit)
	switch {
	case err != nil:
		return LagRule{}, err
	case d == 0 || d > maxTimeout:
		return LagRule{}, document.Unreadable("the lag's limit must be more than 0s and at most "+FormatDuration(maxTimeout), hint, wantRule)
	}
	return LagRule{q, d}, nil
}

// parseQuantile reads p50, p99.9 or max.
func parseQuantile(name string) (float64, bool) {
	if name == "max" {
		return 1, true
	}
	digits, ok := strings.CutPrefix(name, "p")
	q, known := parsePercent(digits)
	return q, ok && known && q < 1
}

// parseCPURule reads < 85%, auto or off.
func parseCPURule(text string) (float64, error) {
	if text == "auto" {
		return AutoCPU, nil
	}
	return parseRatioRule(text, "<", "write \"< 85%\", auto or off")
}

// parseSentRule reads >= 99% or off.
func parseSentRule(text string) (float64, error) {
	return parseRatioRule(text, ">=", "write \">= 99%\", or off")
}

// parseRatioRule reads a comparison with a percentage, or off.
func parseRatioRule(text, compare, hint string) (float64, error) {
	if text == "off" {
		return 0, nil
	}
	rest, ok := strings.CutPrefix(text, compare)
	digits, percent := strings.CutSuffix(strings.TrimSpace(rest), "%")
	ratio, known := parsePercent(digits)
	if !ok || !percent || !known {
		return 0, document.Unreadable(document.Quote(text)+" is not a rule of the form "+compare+" N%, N up to 100", hint, wantRule)
	}
	return ratio, nil
}

// parsePercent reads a percentage of more than 0 and at most 100, with few digits so that it can be written down again.
func parsePercent(digits string) (float64, bool) {
	_, fraction, _ := strings.Cut(digits, ".")
	if !document.IsDecimal(digits) || len(fraction) > ruleDigits {
		return 0, false
	}
	ratio, err := strconv.ParseFloat(digits+"e-2", 64)
	return ratio, err == nil && ratio > 0 && ratio <= 1
}

// formatPercent is the inverse of parsePercent.
func formatPercent(ratio float64) string {
	scale := math.Pow10(ruleDigits)
	return document.Decimal(math.Round(100*ratio*scale) / scale)
}

func (r LagRule) String() string {
	switch {
	case r.Limit == 0:
		return "off"
	case r.Quantile == 1:
		return "max < " + FormatDuration(r.Limit)
	}
	return "p" + formatPercent(r.Quantile) + " < " + FormatDuration(r.Limit)
}

func formatRatioRule(compare string, ratio float64) string {
	switch ratio {
	case 0:
		return "off"
	case AutoCPU:
		return "auto"
	}
	return compare + " " + formatPercent(ratio) + "%"
}

// check judges what nobody can have written, but code may have set.
func (g Generator) check(ps *document.Problems) {
	if g.Lag.Limit < 0 || g.Lag.Limit > 0 && !isShare(g.Lag.Quantile) {
		ps.Add("generator.lag", "write p99 < 5ms, or off", "the lag's rule makes no sense")
	}
	if g.CPU != AutoCPU && g.CPU != 0 && !isShare(g.CPU) {
		ps.Add("generator.cpu", `write "< 85%", auto or off`, "the CPU's limit is no share")
	}
	if g.SentRate != 0 && !isShare(g.SentRate) {
		ps.Add("generator.sent_rate", `write ">= 99%", or off`, "the sent rate's limit is no share")
	}
}

// isShare reports whether v is a part of something, or all of it. NaN is none.
func isShare(v float64) bool { return v > 0 && v <= 1 }
