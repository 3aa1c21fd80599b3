package document

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	// Masked stands in place of a secret.
	Masked = "***"
	// MinSecret is the length from which a value is Masked. Shorter ones are in every text by chance.
	MinSecret = 3
)

// LooksSecret reports whether the name of a variable, header or field says that its value is not for showing. It rather
// takes a monkey for a key than a key for a monkey. Short words must stand alone: a design is no sig.
func LooksSecret(name string) bool {
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

// Forms returns secrets in all the shapes they may appear in, Longest first: a secret may be a part of another.
func Forms(secrets []string) []string {
	var all []string
	for _, s := range secrets {
		quoted, _ := json.Marshal(s) // a string always encodes
		plain := string(AppendJSON(nil, s))
		all = append(all, s, url.QueryEscape(s), url.PathEscape(s), url.UserPassword("", s).String()[1:],
			base64.StdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)),
			string(quoted[1:len(quoted)-1]), plain[1:len(plain)-1])
	}
	return Longest(all)
}

// Longest drops what is too short and what is there twice, and sorts by length, falling.
func Longest(texts []string) []string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return len(s) < MinSecret || s == Masked })
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(texts)
}

// AppendJSON adds a text as JSON. It leaves < and > alone, which a browser's JSON escapes and a service's tests do not expect.
func AppendJSON(dst []byte, text string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return append(dst, `""`...) // a string always encodes
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}

// Redactor returns what replaces each secret by ***, in whatever shape it appears.
func Redactor(secrets []string) *strings.Replacer {
	var pairs []string
	for _, form := range Forms(secrets) {
		pairs = append(pairs, form, Masked)
	}
	return strings.NewReplacer(pairs...)
}
