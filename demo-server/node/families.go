package node

import (
	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/demo-server/edge"
	"github.com/floodmark/floodmark/demo-server/guard"
	"github.com/floodmark/floodmark/demo-server/limit"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// detailFamilies returns what a room's Stats are as metrics, beside those of the requests
// that every node has.
func detailFamilies(node string, detail any) []*dto.MetricFamily {
	at := observe.Label("node", node)
	switch stats := detail.(type) {
	case balance.Stats:
		return balancerFamilies(at, stats)
	case limitedStats:
		return append(limitFamilies(at, stats.RateLimit), detailFamilies(node, stats.Behind)...)
	case gatewayStats:
		return append(limitFamilies(at, stats.RateLimit),
			outcomes("gateway_requests_total", "Requests by what the gateway did with them.", at, map[string]uint64{
				"malformed": stats.Gateway.Malformed, "unrouted": stats.Gateway.Unrouted, "unauthorised": stats.Gateway.Unauthorised,
				"forbidden": stats.Gateway.Forbidden, "unverifiable": stats.Gateway.Unverifiable, "limited": stats.Gateway.Limited,
				"cached": stats.Gateway.Cached, "forwarded": stats.Gateway.Forwarded,
			}))
	case webStats:
		return webFamilies(at, stats)
	case edge.Stats:
		return []*dto.MetricFamily{
			outcomes("edge_requests_total", "Requests by what the edge answered them with.", at, map[string]uint64{
				"hit": stats.Hits, "stale": stats.Stale, "revalidated": stats.Revalidated, "miss": stats.Misses,
				"collapsed": stats.Collapsed, "passed": stats.Passed, "failed": stats.Failed, "abandoned": stats.Abandoned,
			}),
			observe.Counter("edge_origin_bytes_total", "Bytes of bodies read from the origin.", float64(stats.FetchedBytes), at),
		}
	}
	return nil
}

// outcomes returns one counter for each outcome.
func outcomes(name, help string, at *dto.LabelPair, counts map[string]uint64) *dto.MetricFamily {
	f := observe.Family(name, help, dto.MetricType_COUNTER)
	for outcome, n := range counts {
		f.Metric = append(f.Metric, &dto.Metric{
			Label:   []*dto.LabelPair{at, observe.Label("outcome", outcome)},
			Counter: &dto.Counter{Value: new(float64(n))},
		})
	}
	return f
}

// balancerFamilies returns the metrics of each backend.
func balancerFamilies(at *dto.LabelPair, stats balance.Stats) []*dto.MetricFamily {
	families := []*dto.MetricFamily{
		observe.Counter("balancer_retries_total", "Attempts after the first.", float64(stats.Retries), at),
		observe.Counter("balancer_retries_denied_total", "Retries that the budget did not allow.", float64(stats.RetriesDenied), at),
		observe.Counter("balancer_unavailable_total", "Requests for which no backend was there.", float64(stats.Unavailable), at),
	}
	for _, b := range stats.Backends {
		backend := observe.Label("backend", b.Name)
		healthy := 0.0
		if b.State == balance.Healthy {
			healthy = 1
		}
		attempts := outcomes("backend_attempts_total", "Requests handed to a backend, by how that ended.", at, map[string]uint64{
			"answered": b.Answered, "broken": b.Broken, "failed": b.Failed, "cancelled": b.Cancelled,
		})
		for _, m := range attempts.Metric {
			m.Label = append(m.Label, backend)
		}
		families = append(families, attempts,
			observe.Gauge("backend_healthy", "1 while the backend gets requests.", healthy, at, backend),
			observe.Gauge("backend_in_flight", "Requests that the backend has now.", float64(b.InFlight), at, backend),
			observe.Gauge("backend_weight", "How much the backend gets beside the others.", float64(b.Weight), at, backend),
			observe.Counter("backend_ejections_total", "How often failures ejected the backend.", float64(b.Ejections), at, backend),
			observe.Counter("backend_failed_checks_total", "Health checks that failed.", float64(b.FailedChecks), at, backend))
	}
	return families
}

// limitFamilies returns the metrics of a rate limit; nil has none.
func limitFamilies(at *dto.LabelPair, stats *limit.Stats) []*dto.MetricFamily {
	if stats == nil {
		return nil
	}
	return []*dto.MetricFamily{
		outcomes("rate_limit_requests_total", "Requests by what the rate limit did with them.", at, map[string]uint64{
			"admitted": stats.Admitted, "refused": stats.Refused, "abandoned": stats.Abandoned,
			"unchecked": stats.Unchecked, "unavailable": stats.Unavailable,
		}),
		observe.Gauge("rate_limit_waiting_requests", "Requests that wait in the leaky bucket.", float64(stats.Waiting), at),
	}
}

// webFamilies returns the metrics of what a replica has beside the shop.
func webFamilies(at *dto.LabelPair, stats webStats) []*dto.MetricFamily {
	var families []*dto.MetricFamily
	if c := stats.Cache; c != nil {
		families = append(families, cacheFamilies(at, *c)...)
	}
	if p := stats.Pool; p != nil {
		families = append(families,
			observe.Gauge("pool_busy_connections", "Connections to the database in use.", float64(p.Busy), at),
			observe.Gauge("pool_connections", "Connections to the database that there may be.", float64(p.Max), at),
			observe.Counter("pool_waits_total", "Calls that waited for a connection.", float64(p.Waits), at),
			observe.Counter("pool_timeouts_total", "Calls that waited in vain.", float64(p.TimedOut), at))
	}
	for part, g := range stats.Guards {
		families = append(families, guardFamilies(at, observe.Label("part", part), g)...)
	}
	return families
}

func cacheFamilies(at *dto.LabelPair, c cache.Stats) []*dto.MetricFamily {
	return []*dto.MetricFamily{
		outcomes("cache_reads_total", "Reads by where the value came from.", at, map[string]uint64{
			"hit": c.Hits, "stale": c.Stale, "shared_hit": c.SharedHits, "early": c.Early, "miss": c.Misses,
		}),
		observe.Counter("cache_loads_total", "Values loaded from the database.", float64(c.Loads), at),
		observe.Counter("cache_evictions_total", "Entries that made room for others.", float64(c.Evictions), at),
		observe.Gauge("cache_entries", "Entries held now.", float64(c.Entries), at),
		observe.Gauge("cache_queued_writes", "Writes accepted and not made yet.", float64(c.Queued), at),
	}
}

func guardFamilies(at, part *dto.LabelPair, g guard.Stats) []*dto.MetricFamily {
	calls := outcomes("guarded_calls_total", "Calls of a third party by how they ended.", at, map[string]uint64{
		"succeeded": g.Succeeded, "failed": g.Failed, "timed_out": g.TimedOut, "short_circuited": g.ShortCircuited,
		"bulkhead_full": g.BulkheadFull, "cancelled": g.Cancelled,
	})
	for _, m := range calls.Metric {
		m.Label = append(m.Label, part)
	}
	return []*dto.MetricFamily{
		calls,
		observe.Gauge("breaker_state", "0 closed, 1 open, 2 half-open.", float64(g.State), at, part),
		observe.Counter("breaker_opened_total", "How often the breaker opened.", float64(g.Opened), at, part),
	}
}
