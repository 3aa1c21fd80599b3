package profiles

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	masked = "***"
	// minSecret is the length from which a value is masked. Shorter ones are in every text by chance.
	minSecret = 3
)

// looksSecret reports whether the name of a variable, header or field says that its value is not for showing. It rather
// takes a monkey for a key than a key for a monkey. Short words must stand alone: a design is no sig.
func looksSecret(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc([]string{
		"token", "secret", "password", "passwd", "key", "auth", "credential", "webhook", "signature", "cookie",
	}, func(word string) bool { return strings.Contains(lower, word) }) ||
		slices.ContainsFunc(words(name), func(word string) bool {
			return slices.Contains([]string{
				"pass", "passphrase", "pwd", "session", "sessionid", "sessid", "jsessionid", "phpsessid", "sid", "sig", "jwt",
			}, word)
		})
}

// words splits a name such as X-Session-Id, user_pwd or userSID into its words, in small letters.
func words(name string) []string {
	var split []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		runes, from := []rune(part), 0
		for i := 1; i < len(runes); i++ {
			if beginsWord(runes, i) {
				split = append(split, strings.ToLower(string(runes[from:i])))
				from = i
			}
		}
		split = append(split, strings.ToLower(string(runes[from:])))
	}
	return split
}

// beginsWord reports whether a capital begins another word: after a small letter, or as the last one of several.
func beginsWord(runes []rune, i int) bool {
	if !unicode.IsUpper(runes[i]) {
		return false
	}
	return !unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// Redact returns text with every secret of the profile replaced by ***, also where one appears escaped for a URL or JSON,
// or encoded as in HTTP's basic authentication. Headers and URLs set after parsing are masked too.
func (p *Profile) Redact(text string) string { return p.Redactor().Replace(text) }

// Redactor returns what Redact replaces with. Finding the secrets reads every header and body of the profile: who has
// many texts asks once, after the last change to the profile. Any number of goroutines may use it at once.
func (p *Profile) Redactor() *strings.Replacer {
	var pairs []string
	for _, form := range forms(p.secrets()) {
		pairs = append(pairs, form, masked)
	}
	return strings.NewReplacer(pairs...)
}

// forms returns secrets in all the shapes they may appear in, longest first: a secret may be a part of another.
func forms(secrets []string) []string {
	var all []string
	for _, s := range secrets {
		quoted, _ := json.Marshal(s) // a string always encodes
		plain := string(appendJSONString(nil, s))
		all = append(all, s, url.QueryEscape(s), url.PathEscape(s), url.UserPassword("", s).String()[1:],
			base64.StdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)),
			string(quoted[1:len(quoted)-1]), plain[1:len(plain)-1])
	}
	return longest(all)
}

// longest drops what is too short and what is there twice, and sorts by length, falling.
func longest(texts []string) []string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return len(s) < minSecret || s == masked })
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(texts)
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
	return longest(found)
}

// inHeaders returns secret header values, and what follows a scheme such as Bearer: servers log that part alone.
func inHeaders(headers []Header) []string {
	var found []string
	for _, h := range headers {
		if !looksSecret(h.Name) {
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
			if looksSecret(name) {
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
		if looksSecret(name) {
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
		if looksSecret(name) {
			found = append(found, v)
		}
	case json.Number:
		if looksSecret(name) && len(v) > minSecret {
			found = append(found, v.String())
		}
	case []any:
		for _, item := range v {
			found = append(found, inJSON(name, item)...)
		}
	case map[string]any:
		for key, item := range v {
			if looksSecret(name) {
				key = name
			}
			found = append(found, inJSON(key, item)...)
		}
	}
	return found
}
