package journey

import (
	"fmt"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/cache"
)

// popular is what the load of the stage strategies asks for: some products, the n-th in
// proportion to 1/n, and one price in ten requests is changed.
func popular() string {
	const products = 20
	var b strings.Builder
	b.WriteString(profileHead + "scenarios:\n")
	harmonic := 0.0
	for n := 1; n <= products; n++ {
		harmonic += 1 / float64(n)
	}
	for n := 1; n <= products; n++ {
		share := 1 / float64(n) / harmonic
		fmt.Fprintf(&b, "  read %d: {weight: %.4f, steps: [{get: /api/products/%d, name: read}]}\n", n, 90*share, n)
		fmt.Fprintf(&b, "  write %d: {weight: %.4f, steps: [{put: /api/products/%d/price, name: write, headers: {Authorization: Bearer demo-token}, json: {price_cents: 1%03d}}]}\n", n, 10*share, n, n)
	}
	return b.String()
}

// stored returns a topology of one web server, which costs nothing, and a database that
// takes its time.
func stored(read time.Duration, more string) string {
	return fmt.Sprintf(`version: 1
name: cached
seed: 7
machines:
  web: {cores: 8, queue: 500}
  db: {cores: 200, queue: 1000}
web: {machine: web, cpu: 1us}
database: {machine: db, read: %s, write: %s, pool: {max: 400, max_wait: 2s}}
%s`, read, 2*work, more)
}

// strategiesShown are those of the stage strategies; empty: no cache.
func strategiesShown() []cache.Strategy {
	return []cache.Strategy{"", cache.CacheAside, cache.ReadThrough, cache.WriteThrough, cache.WriteBehind}
}

// strategies is the step to a cache before the database.
func strategies() Stage {
	stage := Stage{
		Name: "09a", Title: "Cache strategies", Changes: "cache.strategy, nine reads for each write",
		Lesson:   "A cache takes most reads off the database. What a write does to it decides how many, how old, and how long a write takes.",
		Together: true,
		Read:     readStrategies,
	}
	profile := popular() + openLoad
	for _, s := range strategiesShown() {
		c := Case{
			Name: words(string(s)), Changes: "cache.strategy: " + string(s),
			Topology: Topology{YAML: stored(2*work, fmt.Sprintf("cache: {strategy: %s, eviction: lru, capacity: 10, ttl: 30s}\n", s))},
			Loads:    []Load{{Name: "60/s", Profile: profile, Rate: 60, Lasts: 18 * time.Second, Drain: time.Second}},
		}
		if s == "" {
			c.Name, c.Changes, c.Topology.YAML = "no cache", "no cache", stored(2*work, "")
		}
		stage.Cases = append(stage.Cases, c)
	}
	return stage
}

func readStrategies(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	reads, writes, hits := make([]float64, len(seen)), make([]float64, len(seen)), make([]float64, len(seen))
	law, fewer := true, true
	for i, o := range seen {
		run := o.Runs[0]
		gets := run.delta("web", "cache", "gets")
		hits[i] = (gets - run.delta("web", "cache", "misses")) / max(gets, 1)
		// Each write looks up whose token it comes with, which no cache is for.
		reads[i] = run.delta("database", "reads") - float64(run.Result.Endpoint("write").Counts.Planned)
		writes[i] = run.Result.Endpoint("write").Response.P50
		expected := gets * (1 - hits[i])
		if gets == 0 {
			hits[i], expected = 0, reads[i]
		}
		law = law && reads[i] > 0.9*expected && reads[i] < 1.1*expected
		fewer = fewer && (i == 0 || reads[i] < 0.6*reads[0])
		all[i] = all[i].with(
			figure("hit ratio", hits[i], Ratio, 0, ""),
			figure("products read at the database", reads[i], Count, expected, byArithmetic),
			figure("stale answers", run.delta("web", "cache", "stale"), Count, 0, ""),
			figure("p50 of a write", writes[i], Seconds, 0, ""),
		)
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(fewer, "each strategy takes more than 40% of the reads off the database", fmt.Sprintf("%.0f without; %.0f, %.0f, %.0f, %.0f", reads[0], reads[1], reads[2], reads[3], reads[4]), all...),
			expect(law, "the database reads the 1 - h that the cache misses, within 10%", fmt.Sprintf("h is %s to %s", Ratio.write(hits[1]), Ratio.write(hits[3])), all...),
			expect(hits[3] > hits[1], "write through misses less than cache aside", fmt.Sprintf("%s and %s", Ratio.write(hits[3]), Ratio.write(hits[1])), all...),
			expect(writes[4] < 0.6*writes[3], "write behind answers a write in less than 60% of the time of write through", fmt.Sprintf("%s and %s", seconds(writes[4]), seconds(writes[3])), all...),
		},
		Sentence: fmt.Sprintf("Room for ten of twenty products takes %.0f%% of the reads off the database; writing behind, a write takes %s instead of %s.", 100*(1-reads[3]/reads[0]), seconds(writes[4]), seconds(writes[3])),
	}
}

// delta returns by how much a number in the details of a part grew during a run.
func (r Run) delta(part string, path ...string) float64 {
	return r.After.Sum(part, path...) - r.Before.Sum(part, path...)
}

// The time that loading a value takes in the stage stampede, and what counts as slow.
const loading = 100 * time.Millisecond

// A protected is a way to protect a cache, and what it showed in an earlier trial; 0 where
// there was none, or where more depends on how often each user asks.
type protected struct {
	protection  cache.Protection
	calls, peak float64
}

func protectionsShown() []protected {
	return []protected{
		{cache.None, 593, 100},
		{cache.Lock, 6, 1},
		{cache.Early, 0, 1},
		{cache.Probabilistic, 0, 0},
		{cache.Background, 10, 1},
	}
}

// stampede compares what keeps all readers of a key from loading it at once.
func stampede() Stage {
	stage := Stage{
		Name: "09c", Title: "Cache stampede", Changes: "cache.stampede_protection, 100 users of one key",
		Lesson: "When the time of a popular value is over, all its readers go to the database at once, unless somebody goes for them.",
		Read:   readStampede,
	}
	for _, p := range protectionsShown() {
		stage.Cases = append(stage.Cases, Case{
			Name: string(p.protection), Changes: "stampede_protection: " + string(p.protection),
			Topology: Topology{YAML: stored(loading, fmt.Sprintf("cache: {strategy: read_through, eviction: lru, capacity: 100, ttl: 500ms, stampede_protection: %s}\n", p.protection))},
			Loads: []Load{{
				Name: "100 users", Warmup: time.Second, Lasts: 4 * time.Second,
				Profile: profileHead + `scenarios:
  show: {steps: [{get: /api/products/7, name: show}, {think: 50ms..150ms}]}
` + fmt.Sprintf(closedLoad, 100) + `slos:
  - {name: fast, objective: under(50ms) >= 90%, verdict: point}
`,
			}},
		})
	}
	return stage
}

func readStampede(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	calls, peaks, slow := make([]float64, len(seen)), make([]float64, len(seen)), make([]float64, len(seen))
	for i, p := range protectionsShown() {
		run := seen[i].Runs[0]
		warmup, lasts := run.Load.times(run.Quick)
		calls[i] = run.delta("database", "reads") * 4 / (warmup + lasts).Seconds()
		peaks[i] = run.After.Sum("web", "cache", "peak_loads")
		slow[i] = max(1-run.Result.SLO("fast"), 0)
		all[i] = all[i].with(
			figure("database calls in 4 s", calls[i], Count, p.calls, byTrial),
			figure("at once", peaks[i], Count, p.peak, byTrial),
			figure("slow answers", slow[i], Ratio, 0, ""),
		)
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(peaks[0] > 30, "without protection dozens of readers load at once", fmt.Sprintf("%.0f", peaks[0]), all[0]),
			expect(peaks[1] == 1 && peaks[4] == 1, "behind a lock, or in the background, one loads at a time", fmt.Sprintf("%.0f and %.0f", peaks[1], peaks[4]), all[1], all[4]),
			expect(calls[3] < calls[0], "early loads by chance are fewer than a stampede's", fmt.Sprintf("%.0f and %.0f", calls[3], calls[0]), all[0], all[3]),
			expect(slow[4] < 0.005 && slow[0] > 0.01, "in the background nobody waits", fmt.Sprintf("%s slow, and %s without", Ratio.write(slow[4]), Ratio.write(slow[0])), all[0], all[4]),
		},
		Sentence: fmt.Sprintf("Without protection %.0f calls reached the database in four seconds, up to %.0f of them at once; in the background it was %.0f, and %s of the answers were slow instead of %s.",
			calls[0], peaks[0], calls[4], Ratio.write(slow[4]), Ratio.write(slow[0])),
	}
}
