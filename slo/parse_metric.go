package slo

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/nearest"
)

// metric reads what is measured.
func (p *parser) metric(e *Expression) {
	p.space()
	start := p.at
	name := p.while(func(r rune) bool { return isWord(r) && !unicode.IsDigit(r) })
	switch Metric(name) {
	case metricSuccess, metricErrors, metricMax, metricMean, metricRate, metricAchieved,
		metricCount, metricBudget, metricBurn:
		e.Metric = Metric(name)
	case metricUnder:
		e.Metric = metricUnder
		e.Threshold = p.threshold()
	case "p", "service_p", "lag_p":
		e.Metric = metricQuantile
		e.Clock = clockOf(name)
		e.Quantile = p.quantile(name)
	case "check", "checks":
		p.fail(start, "judge success instead", "checks are not supported yet")
	case "":
		p.fail(start, "write for example success >= 95%", "expected a metric, got %q", shorten(p.rest()))
	default:
		name += p.while(isWord)
		p.fail(start, metricAdvice(name), "unknown metric %q", name)
		return
	}
	if extra := p.at; p.fault == nil && p.while(isWord) != "" {
		name = p.text[start:p.at]
		p.at = extra
		p.fail(start, metricAdvice(name), "unknown metric %q", name)
	}
}

// clockOf returns the clock that a percentile's name begins with.
func clockOf(name string) measure.Clock {
	switch name {
	case "service_p":
		return measure.Service
	case "lag_p":
		return measure.Lag
	}
	return measure.Response
}

// quantile reads the percentage after p, with or without parentheses.
func (p *parser) quantile(name string) float64 {
	start := p.at
	inside := p.take("(")
	p.space()
	at := p.at
	digits := p.while(isDigitOrDot)
	p.space()
	if inside && !p.take(")") {
		p.fail(p.at, "write "+name+"(95)", "the percentile is not closed")
	}
	if !inside {
		p.at = at + len(digits)
	}
	if digits == "" {
		p.fail(start, "write for example "+name+"95", "which percentile?")
		return 0
	}
	ratio, ok := number(digits, "e-2")
	switch {
	case !ok:
		p.fail(at, "write for example "+name+"99.9", "%q is not a number", digits)
	case digits == "100":
		p.fail(at, "use max", "percentiles lie between 0 and 100")
	case ratio <= 0 || ratio >= 1:
		p.fail(at, percentileAdvice(name, digits), "percentiles lie between 0 and 100")
	}
	return ratio
}

// percentileAdvice guesses that p999 means p99.9.
func percentileAdvice(name, digits string) string {
	if len(digits) > 2 && strings.Trim(digits, "0123456789") == "" && digits[0] != '0' {
		return "did you mean " + name + digits[:2] + "." + digits[2:] + "?"
	}
	return "write for example " + name + "95"
}

// number reads plain decimal digits with at most one point. The exponent is put
// behind them before rounding, so that 99.9 with "e-2" is the float of 0.999.
func number(digits, exponent string) (float64, bool) {
	if strings.Trim(digits, "0123456789.") != "" || strings.Trim(digits, ".") == "" {
		return 0, false
	}
	value, err := strconv.ParseFloat(digits+exponent, 64)
	return value, err == nil
}

// isDigitOrDot reports whether a character may stand in a number.
func isDigitOrDot(r rune) bool { return r >= '0' && r <= '9' || r == '.' }

// metricAdvice names the metric that was meant: under another tool's name, by a
// slip of the finger, or else all there are.
func metricAdvice(name string) string {
	switch strings.ToLower(name) {
	case "rate", "availability", "ok":
		return "did you mean success?"
	case "http_req_failed", "failed", "failures", "error_rate", "failure_rate":
		return "did you mean errors?"
	case "http_req_duration", "latency", "response", "response_time", "duration":
		return "did you mean p95?"
	case "avg", "average":
		return "did you mean mean?"
	case "med", "median":
		return "did you mean p50?"
	case "qps", "tps", "throughput", "http_reqs":
		return "did you mean rps?"
	}
	all := []string{
		"success", "errors", "under", "p50", "p90", "p95", "p99", "max", "mean", "rps", "achieved", "count",
		"budget_used", "burn", "lag_p99", "service_p99",
	}
	if near := nearest.Word(name, all); near != "" {
		return "did you mean " + near + "?"
	}
	return "metrics are success, errors, under(300ms), p99, service_p99, lag_p99, max, mean, rps, achieved, count, budget_used, burn"
}
