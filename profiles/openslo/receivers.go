package openslo

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how many characters a receiver's name has at most.
const maxName = 80

// A receiver is whom alerts tell, as a profile has it.
type receiver struct {
	name     string
	means    string // what the file says it is
	kind     string // the type that stands for that here
	secret   string // the key of what the type needs
	variable string // where that comes from
}

// secretOf returns the key of the secret that a type of receivers needs, "" for what is no type here. Types that need
// a program or a file are not among them.
func secretOf(kind string) string {
	switch kind {
	case "webhook", "slack", "discord", "msteams", "mattermost", "googlechat", "alertmanager":
		return "url"
	case "pagerduty", "opsgenie":
		return "key"
	}
	return ""
}

// targets returns the notification targets of a policy.
func (im *importer) targets(p *object) []*object {
	var out []*object
	for _, item := range im.list(p.spec, "notificationTargets") {
		if t := im.inlineOrRef(item, "targetRef", kindTarget); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// receive makes a receiver of a notification target, unless there is one already.
func (im *importer) receive(t *object) {
	im.strangers(t.spec, "a notification target", "description", "target")
	means, _ := im.text(t.spec, "target")
	for _, r := range im.receivers {
		if r.name != t.name {
			continue
		}
		if r.means != means {
			im.file.Fault(t.at, "name one of them otherwise", "two notification targets are named %s, and one is %q and the other %q", t.name, r.means, means)
		}
		return
	}
	if strings.TrimSpace(t.name) == "" || utf8.RuneCountInString(t.name) > maxName {
		im.file.Fault(t.at, "", "a notification target needs a name of at most %d characters", maxName)
		return
	}
	r := receiver{name: t.name, means: means, kind: letters(means)}
	how := "becomes a receiver of type " + r.kind
	if r.secret = secretOf(r.kind); r.secret == "" {
		r.kind, r.secret = "webhook", secretOf("webhook")
		how = fmt.Sprintf("becomes a webhook, since %q is no type here", means)
	}
	r.variable = im.variable(r)
	im.note(t.at, "notification target %s %s, with its %s in ${%s}: look at both; docs/receivers.md lists the types", t.name, how, r.secret, r.variable)
	im.receivers = append(im.receivers, r)
}

// letters returns the letters of a word, as types are written: PagerDuty and google-chat are types, too.
func letters(word string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, word)
}

// variable returns the name of a variable for a receiver, which no other one has.
func (im *importer) variable(r receiver) string {
	name := strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return '_'
		}
		return unicode.ToUpper(c)
	}, r.name+"_"+r.secret)
	if unicode.IsDigit(rune(name[0])) {
		name = "_" + name
	}
	unique := name
	for n := 2; slices.ContainsFunc(im.receivers, func(other receiver) bool { return other.variable == unique }); n++ {
		unique = fmt.Sprintf("%s_%d", name, n)
	}
	return unique
}
