package alert

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/slo"
)

// A burnRow is one line of a table of burn rates: it fires when the budget burns so many
// times as fast as it may, over the long window and still over the short one.
type burnRow struct {
	severity    string
	burn        float64
	long, short time.Duration
}

// googleRows is the table for a budget of 30 days, of the SRE workbook, chapter "Alerting
// on SLOs", with the row that sloth adds to it
// (slok/sloth, internal/alert/windows/google-30d.yaml). The windows of days that are
// longer than a day are left out.
func googleRows() []burnRow {
	return []burnRow{
		{"page", 14.4, time.Hour, 5 * time.Minute},
		{"page", 6, 6 * time.Hour, 30 * time.Minute},
		{"ticket", 3, 24 * time.Hour, 2 * time.Hour},
	}
}

// autoRows is the table for a run. A soak has the workbook's idea with the run for its
// period: a fast row for 2 % of the budget in a 120th of the run, and a slow one for 5 % in
// a 30th. In shorter runs those windows would hold a handful of requests: there the rows
// are as short as people want to be told, and as fast as chance allows.
func autoRows(measured time.Duration) []burnRow {
	const periods, least = 12, 10 * time.Second
	if measured > soak {
		fast, slow := (measured / 120).Round(time.Second), (measured / 30).Round(time.Second)
		return []burnRow{
			{"page", 2.4, fast, max(least, (fast / periods).Round(time.Second))},
			{"ticket", 1.5, slow, max(least, (slow / periods).Round(time.Second))},
		}
	}
	rows := []burnRow{{"page", 6, 30 * time.Second, least}}
	if measured > shortRun {
		rows = append(rows, burnRow{"ticket", 3, 2 * time.Minute, 30 * time.Second})
	}
	return rows
}

// BurnRates makes a rule of each row of a table, "auto" or "google", from one that has
// all but a condition. Windows are made longer where the rate asks for it, and rows that
// are longer than the run are left out; the warnings tell of these.
func (r *Rule) BurnRates(table string, c Circumstances) (rules []*Rule, warnings []string, err error) {
	rows := autoRows(c.Measured)
	if table == "google" {
		rows = googleRows()
	}
	for i, row := range rows {
		rule := *r
		rule.Name = fmt.Sprintf("%s %d", r.Name, i+1)
		if rule.Severity == "" {
			rule.Severity = row.severity
		}
		if rule.When, err = slo.ParseCondition(fmt.Sprintf("burn > %g", row.burn)); err != nil {
			return nil, nil, err
		}
		if rule.MinEvents == 0 {
			rule.MinEvents = rule.When.Enough(c.Aims, r.Target)
		}
		need := c.timeFor(rule.MinEvents)
		long, short := max(row.long, need), max(row.short, need)
		if c.Measured > 0 && long > c.Measured {
			warnings = append(warnings, fmt.Sprintf("alert %s is left out: its window of %s is longer than the run", rule.ID(), slo.Window{Length: long}))
			continue
		}
		rule.When.Over = []slo.Window{{Length: long}}
		if short < long {
			rule.When.Over = append(rule.When.Over, slo.Window{Length: short})
		}
		warnings = append(warnings, rule.Complete(c)...)
		rules = append(rules, &rule)
	}
	if len(rules) == 0 {
		return nil, nil, fmt.Errorf("burn_rate %s: none of its windows fits into the run, the shortest is %s", table, slo.Window{Length: rows[0].long})
	}
	return rules, warnings, nil
}
