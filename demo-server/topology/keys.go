package topology

// keys returns the keys that a section of a topology may hold, in the order they are
// written, and those of features that are not there yet: a topology that asks for one must
// not run without it.
func keys(section string) (known, later []string) {
	switch section {
	case "topology":
		return []string{
			"version", "name", "runtime", "clock", "seed", "machines", "web", "load_balancer", "gateway", "rate_limit",
			"circuit_breakers", "database", "cache", "cdn", "third_parties", "orchestrator", "observability", "faults",
		}, []string{"data_centers", "geo_dns", "discovery", "queue"}
	case "orchestrator":
		return []string{"restart"}, []string{"autoscale", "rolling_update"}
	case "database":
		return []string{"engine", "machine", "read", "write", "pool"},
			[]string{"replicas", "replication", "failover", "sharding", "dsn"}
	case "fault":
		return append([]string{"at", "do", "part", "link"}, faultWords()...), []string{"data_center"}
	}
	return partKeys(section), nil
}

// partKeys returns the keys of sections all of whose keys are known.
func partKeys(section string) []string {
	switch section {
	case "machine":
		return []string{"cores", "queue", "speed", "contention"}
	case "contention":
		return []string{"sigma", "kappa"}
	case "law":
		return []string{"distribution", "mean", "p99", "shape", "slow", "share"}
	case "web":
		return []string{"machine", "replicas", "state", "workers", "cpu", "endpoints", "overrides"}
	case "endpoint":
		return []string{"cpu", "calls"}
	case "override":
		return []string{"weight", "speed"}
	case "load_balancer":
		return []string{"layer", "algorithm", "health_check", "sticky_sessions", "slow_start", "retries", "retry_budget"}
	case "health_check":
		return []string{"path", "interval", "timeout", "unhealthy_after", "healthy_after", "passive", "eject_for"}
	case "sticky_sessions":
		return []string{"cookie", "ttl"}
	case "pool":
		return []string{"max", "max_wait"}
	case "cache":
		return []string{
			"engine", "addresses", "nodes", "machine", "work", "strategy", "eviction", "capacity", "ttl", "jitter",
			"stampede_protection", "single_flight",
		}
	}
	return doorKeys(section)
}

// doorKeys returns the keys of what stands before the shop, and beside it.
func doorKeys(section string) []string {
	switch section {
	case "gateway":
		return []string{"replicas", "auth", "public", "scopes", "cache", "transform", "access_log"}
	case "auth":
		return []string{"jwt", "api_keys"}
	case "jwt":
		return []string{"algorithm", "issuer", "audience", "secret"}
	case "transform":
		return []string{"set_headers", "remove_headers", "remove_fields"}
	case "rate_limit":
		return []string{"algorithm", "per", "rate", "burst", "store", "redis"}
	case "circuit_breakers", "third_parties":
		return []string{PaymentPart, WeatherPart}
	case "breaker":
		return []string{"failure_threshold", "success_threshold", "timeout", "call_timeout", "bulkhead", "fallback"}
	case "cdn":
		return []string{"edges", "ttl", "stale_if_error", "price_per_gb"}
	case "edge":
		return []string{"clients", "round_trip", "origin_round_trip"}
	case "payment":
		return []string{"latency", "declines", "capture"}
	case "weather":
		return []string{"latency", "quota", "fresh"}
	case "restart":
		return []string{"backoff"}
	case "observability":
		return []string{"logs", "metrics", "traces"}
	case "traces":
		return []string{"file", "sample"}
	}
	return nil
}

// faultWords returns the keys of a fault that are words of package faults.
func faultWords() []string {
	return []string{
		"for", "endpoint", "errors", "latency", "delay", "jitter", "loss", "reset", "malformed", "stall", "slowbody",
		"cut", "hang", "kill", "brownout", "brown_out",
	}
}

// laterWords returns the values of a key that are not there yet.
func laterWords(key string) []string {
	switch key {
	case "runtime":
		return []string{"external"}
	case "engine":
		return []string{"postgres", "nats"}
	}
	return nil
}
