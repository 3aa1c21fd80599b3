package topology

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/profiles/document"
)

// section is a mapping whose keys are known.
type section struct {
	*decoder
	document.Section
}

func (d *decoder) section(f document.Field, name string) (section, bool) {
	s, ok := d.Section(f, name)
	return section{d, s}, ok
}

// open calls read with the section below a key, if there is one.
func (s section) open(key, name string, read func(section)) {
	if f, ok := s.Fields[key]; ok {
		if below, ok := s.section(f, name); ok {
			read(below)
		}
	}
}

// has reports whether a key is there.
func (s section) has(key string) bool {
	_, ok := s.Fields[key]
	return ok
}

// named returns what stands below a key whose own keys are names.
func (s section) named(key string) []document.Field {
	f, ok := s.Fields[key]
	if !ok {
		return nil
	}
	entries, _ := s.Entries(f)
	var fields []document.Field
	for _, e := range entries {
		fields = append(fields, s.Child(f.Path, e))
	}
	return fields
}

// keyOf returns the name that a field of [section.named] has, which may hold dots.
func keyOf(f document.Field, parent string) string {
	return strings.TrimPrefix(f.Path, parent+".")
}

// words reads one word or a list of them.
func (s section) words(key string, into *[]string) {
	f, ok := s.Fields[key]
	if !ok {
		return
	}
	*into = s.wordsOf(f)
}

func (s section) wordsOf(f document.Field) []string {
	items := []document.Field{f}
	if f.Node.Kind != document.Scalar {
		items = s.Items(f)
	}
	var words []string
	for _, item := range items {
		if item.Node.Kind == document.Mapping {
			s.Wrong(item, `quote a text that holds a colon, such as "127.0.0.1:6379"`, "%s has a mapping in place of a text", s.Named(f.Path))
			continue
		}
		if word, ok := s.Scalar(item); ok {
			words = append(words, word)
		}
	}
	return words
}

// read reads the value of a key by a function, and leaves the target alone without one.
func read[T any](s section, key string, into *T, parse func(string) (T, error)) {
	if f, ok := s.Fields[key]; ok {
		document.Convert(s.Decoder, f, into, parse)
	}
}

// word reads one of several words.
func word[W ~string](s section, key string, into *W, words ...W) {
	read(s, key, into, func(text string) (W, error) {
		if slices.Contains(words, W(text)) {
			return W(text), nil
		}
		names := make([]string, len(words))
		for i, w := range words {
			names[i] = string(w)
		}
		if slices.Contains(laterWords(key), text) {
			return "", document.Unreadable(document.Quote(text)+" is not supported yet", "there are: "+strings.Join(names, ", "), "")
		}
		return "", document.Unreadable("unknown "+strings.ReplaceAll(key, "_", " ")+" "+document.Quote(text),
			document.DidYouMean(text, names), "one of "+strings.Join(names, ", "))
	})
}

// law reads a duration, which is what it always takes, or a mapping that says more.
func (s section) law(key string, into *capacity.Law) {
	f, ok := s.Fields[key]
	if !ok {
		return
	}
	if f.Node.Kind == document.Scalar {
		var fixed time.Duration
		document.Convert(s.Decoder, f, &fixed, document.ParseDuration)
		if !s.Broken[f.Path] {
			s.compose(f, "constant:"+fixed.String(), into)
		}
		return
	}
	below, ok := s.section(f, "law")
	if !ok {
		return
	}
	below.lawOf(f, into)
}

// lawOf reads the mapping of a law, whose text capacity then reads.
func (s section) lawOf(f document.Field, into *capacity.Law) {
	type name string
	kind, mean := name("constant"), time.Duration(0)
	word(s, "distribution", &kind, "constant", "exponential", "lognormal", "erlang", "bimodal")
	s.Duration("mean", &mean)
	if !s.has("mean") && !s.Broken[document.Join(f.Path, "mean")] {
		s.Wrong(f, "add mean: 10ms", "%s has no mean", s.Named(f.Path))
	}
	takes := map[name][]string{"lognormal": {"p99"}, "erlang": {"shape"}, "bimodal": {"slow", "share"}}[kind]
	words := []string{string(kind) + ":" + mean.String()}
	for _, key := range []string{"p99", "shape", "slow", "share"} {
		value := ""
		s.Text(key, &value)
		switch {
		case value == "":
		case slices.Contains(takes, key):
			words = append(words, strings.Replace(key, "shape", "k", 1)+"="+value)
		default:
			below := s.Fields[key]
			below.At = s.KeyPlaces[below.Path]
			s.Wrong(below, "remove it", "the distribution %s takes no %s", kind, key)
		}
	}
	for path := range s.Broken {
		if strings.HasPrefix(path, f.Path) {
			return
		}
	}
	s.compose(f, strings.Join(words, ","), into)
}

// compose has capacity read a law, and says at its place what is wrong.
func (s section) compose(f document.Field, text string, into *capacity.Law) {
	law, err := capacity.ParseLaw(text)
	if err == nil {
		*into = law
		return
	}
	message := err.Error()
	if _, why, ok := strings.Cut(message, ": "); ok { // without the text that nobody wrote
		message = why
	}
	s.Wrong(f, "", "%s", message)
}

// parseShare reads a share as 12.5% or 0.125.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		share /= 100
	}
	if err != nil || !document.IsDecimal(strings.TrimSpace(number)) || share > 1 {
		hint := "write 12.5% or 0.125"
		if err == nil && !percent && share > 1 && share <= 100 {
			hint = "did you mean " + text + "%?"
		}
		return 0, document.Unreadable(document.Quote(text)+" is not a share", hint, "a share such as 10%")
	}
	return share, nil
}

// A quota is a number of requests in a time.
type quota struct {
	requests int
	per      time.Duration
}

// parseQuota reads 100/s, 60/m, 1000/h or 5/500ms.
func parseQuota(text string) (quota, error) {
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if !known {
		per, _ = time.ParseDuration(unit)
	}
	if err != nil || n < 1 || per <= 0 {
		hint := "write requests and a time, such as 100/s or 60/m"
		if err == nil && n > 0 && unit == "" {
			hint = "write " + text + "/s"
		}
		return quota{}, document.Unreadable(document.Quote(text)+" is not a number of requests in a time", hint, "a rate such as 100/s")
	}
	return quota{n, per}, nil
}

// parseListen reads the address of a page. A port alone is one of this computer's own, that
// nobody else can reach.
func parseListen(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	number, errPort := strconv.Atoi(port)
	if err != nil || errPort != nil || number < 0 || number > 65535 {
		return "", document.Unreadable(document.Quote(text)+" is not an address", `write ":9464", or a host and a port`, "an address such as :9464")
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
