package profiles

import (
	"errors"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

// holdTime is how long an alert must be clear before it resolves, unless a profile says otherwise.
const holdTime = 10 * time.Second

// decodeAlert reads one alert of an SLO.
func (d *decoder) decodeAlert(f document.Field) (a Alert, ok bool) {
	s, ok := d.section(f, "alert")
	if !ok {
		return Alert{}, false
	}
	a = Alert{KeepFiring: holdTime, NoData: "keep", Action: "none"}
	s.Text("name", &a.Name)
	s.Text("burn_rate", &a.BurnRate)
	s.condition("when", &a.When)
	s.condition("resolve", &a.Resolve)
	s.Duration("for", &a.For)
	s.Duration("keep_firing_for", &a.KeepFiring)
	s.Whole("min_events", &a.MinEvents)
	s.Text("no_data", &a.NoData)
	s.Text("severity", &a.Severity)
	s.words("by", &a.By)
	s.words("notify", &a.Notify)
	s.stages("during", &a.During)
	s.stages("mute", &a.Mute)
	s.Text("action", &a.Action)
	return a, true
}

// condition reads a condition and has its text checked.
func (s section) condition(key string, into *Expression) {
	if f, ok := s.Fields[key]; ok {
		*into = s.checked(f, s.opts.CheckCondition)
	}
}

// words reads one word or a list of them.
func (s section) words(key string, into *[]string) {
	f, ok := s.Fields[key]
	if !ok {
		return
	}
	for _, item := range s.oneOrMore(f) {
		if word, ok := s.Scalar(item); ok {
			*into = append(*into, word)
		}
	}
}

// stages reads names of stages, which may be written as in a condition: stage(steady).
func (s section) stages(key string, into *[]string) {
	s.words(key, into)
	for i, name := range *into {
		if inner, ok := strings.CutPrefix(name, "stage("); ok && strings.HasSuffix(inner, ")") {
			(*into)[i] = strings.TrimSpace(strings.TrimSuffix(inner, ")"))
		}
	}
}

// checked reads an expression and has its text judged; a nil check takes any.
func (d *decoder) checked(f document.Field, check func(string) error) Expression {
	text, ok := d.Scalar(f)
	x := Expression{strings.TrimSpace(text), f.At}
	if !ok || x.Text == "" || check == nil {
		return x
	}
	err := check(x.Text)
	if err == nil {
		return x
	}
	var placed interface{ Offset() int }
	if errors.As(err, &placed) {
		f.At = d.Inside(f.Node, placed.Offset())
	}
	d.Wrong(f, document.HintOf(err), "%s", err.Error())
	return x
}

// decodeNotify reads the receivers, by their names.
func (d *decoder) decodeNotify(s section) {
	f, ok := s.Fields["notify"]
	if !ok {
		return
	}
	entries, _ := d.Entries(f)
	for _, e := range entries {
		below, ok := d.section(d.Child(f.Path, e), "receiver")
		if !ok {
			continue
		}
		r := Receiver{Name: e.Key}
		below.receiver(&r)
		d.profile.Notify = append(d.profile.Notify, r)
	}
}

// receiver reads all keys of one receiver.
func (s section) receiver(r *Receiver) {
	s.Text("type", &r.Type)
	s.secret("url", &r.URL)
	s.secret("key", &r.Key)
	s.secret("signing_secret", &r.SigningSecret)
	s.words("command", &r.Command)
	s.file("path", &r.Path)
	s.Text("title", &r.Title)
	s.Text("body", &r.Body)
	s.Text("channel", &r.Channel)
	s.Text("username", &r.Username)
	s.Duration("timeout", &r.Timeout)
	s.Flag("allow_http", &r.AllowHTTP)
	f, ok := s.Fields["headers"]
	if !ok {
		return
	}
	entries, _ := s.Entries(f)
	for _, e := range entries {
		h := SecretHeader{Name: e.Key}
		if document.LooksSecret(e.Key) {
			s.secretIn(s.Child(f.Path, e), &h.Value)
		} else if value, ok := s.Scalar(s.Child(f.Path, e)); ok {
			h.Value = Secret{Value: value, Raw: e.Value.Raw}
		}
		r.Headers = append(r.Headers, h)
	}
}

// secret reads a secret from a variable, or the name of a file that holds it from the key with _file behind it.
func (s section) secret(key string, into *Secret) {
	if f, ok := s.Fields[key]; ok {
		s.secretIn(f, into)
	}
	f, ok := s.Fields[key+"_file"]
	if !ok {
		return
	}
	if !into.IsZero() {
		s.Wrong(f, "keep one of the two", "%s and %s_file stand here both", document.Quote(key), key)
		return
	}
	s.file(key+"_file", &into.File)
}

// secretIn reads a secret, which must be one variable and nothing else: whoever may change the profile could send a
// secret anywhere if it may stand inside an address.
func (d *decoder) secretIn(f document.Field, into *Secret) {
	text, ok := d.Scalar(f)
	if !ok {
		return
	}
	raw := f.Node.Raw
	switch {
	case !strings.HasPrefix(raw, "${") || strings.Index(raw, "}") != len(raw)-1:
		name := strings.ToUpper(document.LastKey(f.Path))
		d.Wrong(f, "write ${SOME_"+name+"}, and set the variable; or "+strings.ToLower(name)+"_file with the name of a file",
			"%s is a secret, and those are not written into profiles", d.Named(f.Path))
	case text == "":
		d.Wrong(f, "set the variable", "%s is empty", d.Named(f.Path))
	default:
		*into = Secret{Value: text, Raw: raw}
		d.profile.Secrets = append(d.profile.Secrets, text)
	}
}
