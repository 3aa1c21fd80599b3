package profiles

import (
	"path/filepath"

	"github.com/floodmark/floodmark/profiles/document"
)

// decodeConnections reads how connections are made and held.
func (d *decoder) decodeConnections(s section) {
	c := &d.profile.Target.Connections
	s.Integer("max", &c.Max)
	s.Flag("reuse", &c.Reuse)
	s.Flag("per_user", &c.PerUser)
	s.Duration("idle_timeout", &c.IdleTimeout)
	s.Whole("max_requests_per_connection", &c.MaxRequests)
	s.addresses("local_ips", &c.LocalIPs)
	s.file("unix", &c.Unix)
	s.Text("proxy", &c.Proxy)
	if f, ok := s.Fields["proxy"]; ok && c.Proxy != "" {
		d.checkAddress(f, "proxy", c.Proxy)
	}
	s.addresses("connect_to", &c.ConnectTo)
	s.addresses("resolve", &c.Resolve)
	s.Flag("no_delay", &c.NoDelay)
	s.Duration("keep_alive", &c.KeepAlive)
	s.open("dns", "dns", func(s section) {
		if f, ok := s.Fields["ttl"]; ok {
			document.Convert(d.Decoder, f, &c.DNS.TTL, ParseTTL)
		}
		s.Text("family", &c.DNS.Family)
	})
}

// decodeTLS reads how connections are secured.
func (d *decoder) decodeTLS(s section) {
	t := &d.profile.Target.TLS
	s.Flag("verify", &t.Verify)
	if f, ok := s.Fields["ca"]; ok {
		t.CA = nil
		for _, item := range s.oneOrMore(f) {
			if name, ok := s.Scalar(item); ok {
				t.CA = append(t.CA, d.beside(name))
			}
		}
	}
	s.file("cert", &t.Cert)
	s.file("key", &t.Key)
	s.Text("server_name", &t.ServerName)
	s.Text("min_version", &t.MinVersion)
	s.Text("max_version", &t.MaxVersion)
	s.Flag("resumption", &t.Resumption)
}

// oneOrMore returns the items of a list, or a single value as a list of one.
func (s section) oneOrMore(f document.Field) []document.Field {
	if f.Node.Kind == document.Scalar {
		return []document.Field{f}
	}
	return s.Items(f)
}

// addresses reads one address or a list of them, and has each checked.
func (s section) addresses(key string, into *[]string) {
	f, ok := s.Fields[key]
	if !ok {
		return
	}
	for _, item := range s.oneOrMore(f) {
		text, ok := s.Scalar(item)
		if !ok {
			continue
		}
		*into = append(*into, text)
		s.checkAddress(item, key, text)
	}
}

// checkAddress has an address checked by the caller of Parse.
func (d *decoder) checkAddress(f document.Field, key, text string) {
	if d.opts.CheckAddress == nil {
		return
	}
	if err := d.opts.CheckAddress(key, text); err != nil {
		d.Wrong(f, document.HintOf(err), "%s", err.Error())
	}
}

// file reads the name of a file.
func (s section) file(key string, into *string) {
	f, ok := s.Fields[key]
	if !ok {
		return
	}
	if name, ok := s.Scalar(f); ok {
		*into = s.beside(name)
	}
}

// beside makes a relative name of a file, which is meant from the profile's directory, relative to the working directory.
// Names that begin with @ are those of Linux's abstract unix sockets.
func (d *decoder) beside(name string) string {
	dir := filepath.Dir(d.File)
	if name == "" || name[0] == '@' || dir == "." || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
