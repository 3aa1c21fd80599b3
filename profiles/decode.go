package profiles

import (
	"net/url"

	"github.com/floodmark/floodmark/profiles/document"
)

// decodeProfile reads the whole file, section by section.
func (d *decoder) decodeProfile(root *document.Node) {
	d.Note(document.Field{At: root.At, Node: root})
	p := d.profile
	p.Version = 0
	s, ok := d.section(document.Field{At: root.At, Node: root}, "profile")
	if !ok {
		return
	}
	s.Integer("version", &p.Version)
	s.Text("name", &p.Name)
	if f, ok := s.Fields["seed"]; ok {
		document.Convert(d.Decoder, f, &p.Seed, document.ParseSeed)
	}
	s.open("target", "target", d.decodeTarget)
	s.open("success", "success", d.decodeSuccess)
	d.decodeScenarios(s)
	s.open("load", "load", d.decodeLoad)
	s.List("slos", d.decodeSLO)
	d.decodeNotify(s)
	s.open("generator", "generator", d.decodeGenerator)
}

func (d *decoder) decodeTarget(s section) {
	t := &d.profile.Target
	s.Text("base_url", &t.BaseURL)
	s.List("allow_hosts", func(f document.Field) {
		if host, ok := d.Scalar(f); ok {
			t.AllowHosts = append(t.AllowHosts, host)
		}
	})
	if u, err := url.Parse(t.BaseURL); err == nil && u.Hostname() != "" && t.AllowHosts == nil {
		t.AllowHosts = []string{u.Hostname()}
	}
	s.Text("protocol", &t.Protocol)
	s.Text("client", &t.Client)
	s.Duration("timeout", &t.Timeout)
	s.open("connections", "connections", d.decodeConnections)
	s.open("tls", "tls", d.decodeTLS)
	t.Headers = d.decodeHeaders(s)
	s.Integer("redirects", &t.Redirects)
}

// decodeHeaders reads the mapping below the key headers, whose keys are free.
func (d *decoder) decodeHeaders(s section) []Header {
	f, ok := s.Fields["headers"]
	if !ok {
		return nil
	}
	entries, _ := d.Entries(f)
	var headers []Header
	for _, e := range entries {
		child := d.Child(f.Path, e)
		if e.Value.Kind == document.Nothing {
			headers = append(headers, Header{Name: e.Key})
			continue
		}
		if value, ok := d.Scalar(child); ok {
			headers = append(headers, Header{e.Key, value})
		}
	}
	return headers
}

// decodeSuccess reads a list of status codes; a single one needs no list.
func (d *decoder) decodeSuccess(s section) {
	success := &d.profile.Success
	s.Duration("max_latency", &success.MaxLatency)
	f, ok := s.Fields["status"]
	if !ok {
		return
	}
	items := []document.Field{f}
	if f.Node.Kind != document.Scalar {
		items = d.Items(f)
	}
	success.Status = nil
	for _, item := range items {
		var r StatusRange
		document.Convert(d.Decoder, item, &r, parseStatus)
		success.Status = append(success.Status, r)
	}
}

func (d *decoder) decodeSLO(f document.Field) {
	s, ok := d.section(f, "slo")
	if !ok {
		return
	}
	slo := SLO{Verdict: "confidence"}
	s.Text("name", &slo.Name)
	if objective, ok := s.Fields["objective"]; ok {
		slo.Objective = d.checked(objective, d.opts.CheckExpression)
	}
	s.List("also", func(f document.Field) { slo.Also = append(slo.Also, d.checked(f, d.opts.CheckExpression)) })
	s.Text("verdict", &slo.Verdict)
	s.open("select", "select", func(labels section) {
		for key, label := range labels.Fields {
			if value, ok := d.Scalar(label); ok {
				if slo.Select == nil {
					slo.Select = map[string]string{}
				}
				slo.Select[key] = value
			}
		}
	})
	s.List("alerts", func(f document.Field) {
		if a, ok := d.decodeAlert(f); ok {
			slo.Alerts = append(slo.Alerts, a)
		}
	})
	if slo.Name == "" {
		slo.Name = slo.Objective.Text
	}
	d.profile.SLOs = append(d.profile.SLOs, slo)
}
