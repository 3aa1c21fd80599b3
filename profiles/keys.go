package profiles

// knownKeys returns the keys a section of a profile may hold, in the order they are written. The schema names sections and
// keys alike.
func knownKeys(section string) []string {
	switch section {
	case "profile":
		return []string{"version", "name", "seed", "target", "success", "scenarios", "load", "slos", "notify", "generator"}
	case "target":
		return []string{"base_url", "allow_hosts", "protocol", "client", "timeout", "connections", "tls", "headers", "redirects"}
	case "connections":
		return []string{
			"max", "reuse", "per_user", "idle_timeout", "max_requests_per_connection", "local_ips", "unix", "proxy",
			"connect_to", "resolve", "no_delay", "keep_alive", "dns",
		}
	case "dns":
		return []string{"ttl", "family"}
	case "tls":
		return []string{"verify", "ca", "cert", "key", "server_name", "min_version", "max_version", "resumption"}
	case "success":
		return []string{"status", "max_latency"}
	case "scenario":
		return []string{"weight", "steps"}
	case "step":
		return append(actions(), "name", "headers", "body", "json")
	case "load":
		return []string{
			"executor", "arrivals", "pacing", "rate", "vus", "duration", "warmup", "start", "stages",
			"requests", "max_in_flight", "drain",
		}
	case "stage":
		return []string{"name", "duration", "target", "warmup"}
	case "slo":
		return []string{"name", "objective", "also", "select", "verdict", "alerts"}
	case "alert":
		return []string{
			"name", "when", "burn_rate", "resolve", "for", "keep_firing_for", "min_events", "no_data", "severity",
			"during", "by", "mute", "notify", "action",
		}
	case "receiver":
		return []string{
			"type", "url", "url_file", "key", "key_file", "signing_secret", "signing_secret_file", "headers", "command",
			"path", "title", "body", "channel", "username", "timeout", "allow_http",
		}
	case "generator":
		return []string{"lag", "cpu", "sent_rate"}
	case "select":
		return []string{"scenario", "endpoint", "method", "stage"}
	}
	return nil
}

// actions returns the keys of which a step has exactly one.
func actions() []string { return []string{"get", "post", "put", "patch", "delete", "head", "think"} }

// laterKeys returns the keys of features that are not there yet: a profile that uses them must not run without them.
func laterKeys(section string) []string {
	switch section {
	case "profile":
		return []string{"data", "agents", "cookies", "checks", "report"}
	case "target":
		return []string{"auth", "cookies"}
	case "scenario":
		return []string{"data", "cookies", "checks", "capture", "stages", "load"}
	case "step":
		return []string{"checks", "capture", "cookies", "data", "timeout", "auth", "form", "file", "grpc", "websocket", "repeat", "if"}
	case "load":
		return []string{"max_rate", "schedule", "replay"}
	case "slo":
		return []string{"regression", "during", "windows"}
	}
	return nil
}

func executors() []string {
	return []string{string(ConstantArrivalRate), string(RampingArrivalRate), string(ConstantVUs), string(RampingVUs)}
}
