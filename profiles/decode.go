package profiles

import "net/url"

// decodeProfile reads the whole file, section by section.
func (d *decoder) decodeProfile(root *node) {
	d.note(field{"", root.at, root})
	p := d.profile
	p.Version = 0
	s, ok := d.section(field{"", root.at, root}, "profile")
	if !ok {
		return
	}
	s.integer("version", &p.Version)
	s.text("name", &p.Name)
	if f, ok := s.fields["seed"]; ok {
		convert(d, f, &p.Seed, parseSeed)
	}
	s.open("target", "target", d.decodeTarget)
	s.open("success", "success", d.decodeSuccess)
	d.decodeScenarios(s)
	s.open("load", "load", d.decodeLoad)
	s.list("slos", d.decodeSLO)
	d.decodeNotify(s)
	s.open("generator", "generator", d.decodeGenerator)
}

func (d *decoder) decodeTarget(s section) {
	t := &d.profile.Target
	s.text("base_url", &t.BaseURL)
	s.list("allow_hosts", func(f field) {
		if host, ok := d.scalar(f); ok {
			t.AllowHosts = append(t.AllowHosts, host)
		}
	})
	if u, err := url.Parse(t.BaseURL); err == nil && u.Hostname() != "" && t.AllowHosts == nil {
		t.AllowHosts = []string{u.Hostname()}
	}
	s.text("protocol", &t.Protocol)
	s.text("client", &t.Client)
	s.duration("timeout", &t.Timeout)
	s.open("connections", "connections", d.decodeConnections)
	s.open("tls", "tls", d.decodeTLS)
	t.Headers = d.decodeHeaders(s)
	s.integer("redirects", &t.Redirects)
}

// decodeHeaders reads the mapping below the key headers, whose keys are free.
func (d *decoder) decodeHeaders(s section) []Header {
	f, ok := s.fields["headers"]
	if !ok {
		return nil
	}
	entries, _ := d.entries(f)
	var headers []Header
	for _, e := range entries {
		child := d.child(f.path, e)
		if e.value.kind == nothing {
			headers = append(headers, Header{Name: e.key})
			continue
		}
		if value, ok := d.scalar(child); ok {
			headers = append(headers, Header{e.key, value})
		}
	}
	return headers
}

// decodeSuccess reads a list of status codes; a single one needs no list.
func (d *decoder) decodeSuccess(s section) {
	success := &d.profile.Success
	s.duration("max_latency", &success.MaxLatency)
	f, ok := s.fields["status"]
	if !ok {
		return
	}
	items := []field{f}
	if f.node.kind != scalar {
		items = d.items(f)
	}
	success.Status = nil
	for _, item := range items {
		var r StatusRange
		convert(d, item, &r, parseStatus)
		success.Status = append(success.Status, r)
	}
}

func (d *decoder) decodeSLO(f field) {
	s, ok := d.section(f, "slo")
	if !ok {
		return
	}
	slo := SLO{Verdict: "confidence"}
	s.text("name", &slo.Name)
	if objective, ok := s.fields["objective"]; ok {
		slo.Objective = d.checked(objective, d.opts.CheckExpression)
	}
	s.list("also", func(f field) { slo.Also = append(slo.Also, d.checked(f, d.opts.CheckExpression)) })
	s.text("verdict", &slo.Verdict)
	s.open("select", "select", func(labels section) {
		for key, label := range labels.fields {
			if value, ok := d.scalar(label); ok {
				if slo.Select == nil {
					slo.Select = map[string]string{}
				}
				slo.Select[key] = value
			}
		}
	})
	s.list("alerts", func(f field) {
		if a, ok := d.decodeAlert(f); ok {
			slo.Alerts = append(slo.Alerts, a)
		}
	})
	if slo.Name == "" {
		slo.Name = slo.Objective.Text
	}
	d.profile.SLOs = append(d.profile.SLOs, slo)
}
