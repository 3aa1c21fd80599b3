package profiles

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// Redact returns text with every secret of the profile replaced by ***, also where one appears escaped for a URL or JSON,
// or encoded as in HTTP's basic authentication. Headers and URLs set after parsing are document.Masked too.
func (p *Profile) Redact(text string) string { return p.Redactor().Replace(text) }

// Redactor returns what Redact replaces with. Finding the secrets reads every header and body of the profile: who has
// many texts asks once, after the last change to the profile. Any number of goroutines may use it at once.
func (p *Profile) Redactor() *strings.Replacer {
	var pairs []string
	for _, form := range document.Forms(p.secrets()) {
		pairs = append(pairs, form, document.Masked)
	}
	return strings.NewReplacer(pairs...)
}

// secrets returns those found while parsing, and those the profile shows by itself.
func (p *Profile) secrets() []string {
	found := slices.Clone(p.Secrets)
	found = append(found, inURL(p.Target.BaseURL)...)
	found = append(found, inURL(p.Target.Connections.Proxy)...)
	found = append(found, inHeaders(p.Target.Headers)...)
	for i := range p.Notify {
		found = append(found, p.Notify[i].found()...)
	}
	for _, s := range p.Scenarios {
		for _, step := range s.Steps {
			found = append(found, inURL(step.URL)...)
			found = append(found, inHeaders(step.Headers)...)
			found = append(found, inBody(step.Body)...)
		}
	}
	return document.Longest(found)
}

// inHeaders returns secret header values, and what follows a scheme such as Bearer: servers log that part alone.
func inHeaders(headers []Header) []string {
	var found []string
	for _, h := range headers {
		if !document.LooksSecret(h.Name) {
			continue
		}
		found = append(found, h.Value)
		scheme, credentials, ok := strings.Cut(h.Value, " ")
		if !ok {
			continue
		}
		found = append(found, strings.TrimSpace(credentials))
		if strings.EqualFold(scheme, "Basic") {
			found = append(found, inBasic(credentials)...)
		}
	}
	return found
}

// inBasic returns the user with the password, and the password, of basic credentials.
func inBasic(credentials string) []string {
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(credentials))
	if err != nil {
		return nil
	}
	_, password, _ := strings.Cut(string(pair), ":")
	return []string{string(pair), password}
}

// inURL returns the password of a URL, also with its user as basic authentication sends it, and secret query values.
func inURL(rawURL string) []string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil
	}
	var found []string
	if password, ok := u.User.Password(); ok {
		found = append(found, password, u.User.Username()+":"+password)
	}
	return append(found, inForm(u.Query())...)
}

// found returns a receiver's secrets, and the parts of its URL that a service or a proxy could quote.
func (r *Receiver) found() []string {
	var found []string
	for key, secret := range r.Secrets() {
		if name, ok := strings.CutPrefix(key, "headers."); ok {
			if document.LooksSecret(name) {
				found = append(found, inHeaders([]Header{{name, secret.Value}})...)
			}
			continue
		}
		found = append(found, secret.Value)
	}
	u, err := url.Parse(r.URL.Value)
	if err != nil {
		return found
	}
	const telling = 8 // characters; shorter parts are words such as hooks or v2
	found = append(found, u.User.String(), u.RawQuery)
	if len(u.RequestURI()) >= telling {
		found = append(found, u.RequestURI())
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if len(part) >= telling && strings.ContainsAny(part, "0123456789") { // a key, and not a word such as services
			found = append(found, part)
		}
	}
	for _, values := range u.Query() {
		for _, value := range values {
			if len(value) >= telling {
				found = append(found, value)
			}
		}
	}
	return found
}

func inForm(values url.Values) []string {
	var found []string
	for name, list := range values {
		if document.LooksSecret(name) {
			found = append(found, list...)
		}
	}
	return found
}

// inBody returns the values of secret fields of a JSON document or a form.
func inBody(body []byte) []string {
	var value any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	if numbers.Decode(&value) == nil {
		return inJSON("", value)
	}
	if values, err := url.ParseQuery(string(body)); err == nil {
		return inForm(values)
	}
	return nil
}

// inJSON returns texts and long numbers below a secret name. Masking every 7 or true would hide more than the secret.
func inJSON(name string, value any) []string {
	var found []string
	switch v := value.(type) {
	case string:
		if document.LooksSecret(name) {
			found = append(found, v)
		}
	case json.Number:
		if document.LooksSecret(name) && len(v) > document.MinSecret {
			found = append(found, v.String())
		}
	case []any:
		for _, item := range v {
			found = append(found, inJSON(name, item)...)
		}
	case map[string]any:
		for key, item := range v {
			if document.LooksSecret(name) {
				key = name
			}
			found = append(found, inJSON(key, item)...)
		}
	}
	return found
}
