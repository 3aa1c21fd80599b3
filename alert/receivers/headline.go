package receivers

import (
	"fmt"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

// word is what a notice says in one word, or two.
func word(t *alert.Told) string {
	switch t.Kind {
	case alert.Resolved:
		return "RESOLVED"
	case alert.StillFiring:
		return "STILL FIRING"
	case alert.Flapping:
		return "FLAPPING"
	default:
		return "FIRING"
	}
}

// subject is what an alert is called: SLO, rule, and the labels that tell it from others.
func subject(t *alert.Told) string {
	if len(t.Labels) == 0 {
		return t.Name()
	}
	var labels []string
	for _, l := range t.Labels {
		labels = append(labels, l.Name+"="+l.Value)
	}
	return t.Name() + " {" + strings.Join(labels, ", ") + "}"
}

// headline is one alert in one line. dated writes dates beside times: the reader may not
// know which day is meant.
func headline(t *alert.Told, dated bool) string {
	line := word(t) + " " + subject(t)
	switch {
	case t.Ended() && t.Coalesced:
		return line + ": fired " + clock(t.StartsAt, dated) + ", resolved " + clock(t.EndsAt, dated) + " UTC while this channel could not be reached"
	case t.Ended():
		return line + " after " + lasted(t.Duration()) + because(t.Why) + ": " + toll(t)
	case t.Kind == alert.StillFiring:
		return line + " for " + lasted(t.Duration()) + ": " + reading(t)
	case t.Kind == alert.Flapping:
		return line + ": came back " + quantity.Plural(int64(t.Flaps), "time", "times") + "; " + reading(t)
	}
	return line + ": " + reading(t)
}

// because tells of an end that is no recovery.
func because(why alert.Reason) string {
	switch why {
	case alert.RunEnded:
		return ", as the run ended"
	case alert.RunAborted:
		return ", as the run was aborted"
	case alert.StageEnded:
		return ", as the stage ended"
	case alert.Silent:
		return ", as there was no more data"
	default:
		return ""
	}
}

// toll is what an alert that is over has cost.
func toll(t *alert.Told) string {
	text := "worst " + t.WorstText()
	if t.Bad >= 0 {
		text += ", " + quantity.Plural(t.Bad, "request", "requests") + " failed"
	}
	return text
}

// reading is the value beside its limit: "success 71.3% < 80% (30s)".
func reading(t *alert.Told) string {
	if t.Why == alert.Silent {
		return "no data" + over(t.Window)
	}
	text := t.Metric + " " + t.ValueText()
	if limit := limitText(t); limit != "" {
		text += " " + limit
	}
	if t.Window != "" {
		text += " (" + t.Window + ")"
	}
	return text
}

// over writes a window after what is counted in it.
func over(window string) string {
	if window == "" {
		return ""
	}
	return " over " + window
}

// limitText is the comparison as the rule has it, "< 80%"; "" if it cannot be told from
// the text of the rule.
func limitText(t *alert.Told) string {
	at := strings.LastIndex(t.When, t.Metric+" ") // a selector before it may have the same word
	if at < 0 {
		return ""
	}
	rest := t.When[at+len(t.Metric)+1:]
	if rest == "" || rest[0] != '<' && rest[0] != '>' {
		return ""
	}
	rest, _, _ = strings.Cut(rest, " over ")
	return rest
}

// lasted writes how long something took, to the second once it took several.
func lasted(d time.Duration) string {
	if d >= time.Second && d < time.Minute {
		if d = d.Round(time.Second); d < time.Minute {
			return fmt.Sprintf("%ds", d/time.Second)
		}
	}
	return quantity.Duration(d)
}

// clock writes a time of day in UTC, with the date if it is needed.
func clock(t time.Time, dated bool) string {
	if dated {
		return t.UTC().Format(time.DateTime)
	}
	return t.UTC().Format(time.TimeOnly)
}

// budgetText is the share of the budget, in whole percents once it is overdrawn; "" if it
// is unknown.
func budgetText(t *alert.Told) string {
	if t.Budget > 1 {
		return quantity.Count(int64(100*min(t.Budget, 1e6)+0.5)) + "%"
	}
	return t.BudgetText()
}
