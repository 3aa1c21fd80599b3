package profiles

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/profiles/document"
)

func TestRedact(t *testing.T) {
	p, err := Parse("rich.yaml", []byte(rich), Options{Lookup: richEnv()})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Bearer t0p: secret":           "***",
		"token t0p: secret!":           "token ***!",
		"t0p%3A+secret, t0p:%20secret": "***, ***",
		"user:hunter2":                 "***",
		"dXNlcjpodW50ZXIy":             "***",
		"http://user:hunter2@h/":       "http://***@h/",
		"querysecret session=abcdef":   "*** ***",
		`pw"d and pw\"d`:               "*** and ***",
		"nothing to see":               "nothing to see",
		"":                             "",
	} {
		if got := p.Redact(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	p.Target.Headers = append(p.Target.Headers, Header{"X-Api-Key", "later"}, Header{"Authorization", "Basic YWxhZGRpbjpzZXNhbWU="})
	if got := p.Redact("later sesame aladdin:sesame"); got != "*** *** ***" {
		t.Errorf("headers set later: got %q", got)
	}
}

// Short words are secret where they stand alone, long ones wherever they stand.
func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"pass": true, "PASS": true, "user_pass": true, "passOld": true, "db.pwd": true, "DB_PWD2": true, "passwd": true,
		"session": true, "sessionId": true, "X-Session-Id": true, "sessionid": true, "JSESSIONID": true, "PHPSESSID": true,
		"sid": true, "userSID": true, "SIDValue": true, "sig": true, "X-Goog-Signature": true, "request_sig": true,
		"jwt": true, "idJWT": true, "JWTHeader": true, "apikey": true, "monkey": true,
		"design": false, "passenger": false, "Passage": false, "obsession": false, "sessions": false, "inside": false, "resident": false,
		"compass": false, "bypass": false, "sigma": false, "BaSidel": false, "page": false, "": false, "-": false,
	} {
		if got := document.LooksSecret(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}

// A secret of a short name is found in URLs, headers, forms and JSON.
func TestShortNamesAreMasked(t *testing.T) {
	p := ForURL("http://127.0.0.1:1/?pass=PPp12345&pwd=QQq12345&session=SSs12345&sig=GGg12345&jwt=JJj12345&design=shown")
	p.Target.Headers = []Header{{"X-Session-Id", "HHh12345"}}
	p.Scenarios[0].Steps[0].Body = []byte(`{"userPwd": "BBb12345", "passenger": "shown"}`)
	written := string(p.YAML())
	for _, secret := range []string{"PPp12345", "QQq12345", "SSs12345", "GGg12345", "JJj12345", "HHh12345", "BBb12345"} {
		if strings.Contains(written, secret) {
			t.Errorf("%q is shown in\n%s", secret, written)
		}
	}
	if strings.Count(written, "shown") != 2 {
		t.Errorf("something else is masked:\n%s", written)
	}
}

func TestLongerSecretsFirst(t *testing.T) {
	p := &Profile{Secrets: []string{"abc", "abcdef", "ab"}}
	if got := p.Redact("abcdef abc ab"); got != "*** *** ab" {
		t.Errorf("got %q", got)
	}
	if got := (&Profile{}).Redact("as it is"); got != "as it is" {
		t.Errorf("without secrets: got %q", got)
	}
}

// TestYAMLRoundTrip reads, writes and reads again; what has no secrets must come out the same.
func TestYAMLRoundTrip(t *testing.T) {
	texts := map[string]string{"design": strings.ReplaceAll(strings.ReplaceAll(designExample, "Authorization", "Accept"), "Idempotency-Key", "X-B")}
	for _, executor := range []string{
		"{ executor: constant-vus, vus: 3, duration: 1m, warmup: 5s }",
		"{ executor: constant-arrival-rate, rate: 1000/m, duration: 1m, arrivals: poisson, requests: 7 }",
		"{ executor: ramping-vus, start: 1, stages: [ { duration: 1s, target: 5 }, { duration: 1s, target: 0, name: 'on $x' } ] }",
	} {
		texts[executor] = designExample[:strings.Index(designExample, "load:")] + "load: " + executor + "\n"
	}
	for name, text := range texts {
		want := mustParse(t, text)
		written := want.YAML()
		beforeReceivers, _, _ := bytes.Cut(written, []byte("\nnotify:"))
		if bytes.Contains(beforeReceivers, []byte("***")) && !bytes.Contains([]byte(text), []byte("Authorization")) {
			t.Errorf("%s: something is masked:\n%s", name, written)
		}
		got := mustParse(t, string(written))
		if again := got.YAML(); !bytes.Equal(again, written) {
			t.Errorf("%s: written again as\n%s\nfirst\n%s", name, again, written)
		}
		clearPositions(got)
		clearPositions(want)
		want.Secrets, got.Secrets = nil, nil
		if name == "design" && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got  %+v\nwant %+v", name, got, want)
		}
	}
}

func TestYAMLShowsNoSecret(t *testing.T) {
	p, err := Parse("rich.yaml", []byte(rich), Options{Lookup: richEnv()})
	if err != nil {
		t.Fatal(err)
	}
	written := p.YAML()
	for _, secret := range []string{"hunter2", "t0p", "querysecret", "abcdef", "pw"} {
		if bytes.Contains(written, []byte(secret)) {
			t.Errorf("%q is shown in\n%s", secret, written)
		}
	}
	if _, err := Parse("again.yaml", written, Options{}); err != nil {
		t.Errorf("masked, it does not parse: %v\n%s", err, written)
	}
}

// TestMaskedNamesStayApart hides what the names of scenarios, stages and SLOs are made of.
func TestMaskedNamesStayApart(t *testing.T) {
	p := mustParse(t, `
version: 1
target: { base_url: "http://host.example:80/a", allow_hosts: ["host.example:80", "::1"], headers: { X-Token: host.example, X-Key: one, Cookie: two, X-Secret: "::1" } }
scenarios: { one: { steps: [ { get: "/%20one" } ] }, two: { steps: [ { get: /two, name: one } ] } }
load: { executor: ramping-vus, stages: [ { duration: 1s, target: 1, name: one }, { duration: 1s, target: 1, name: two } ] }
slos:
  - { name: one, objective: a, select: { scenario: one, stage: two } }
  - { name: two, objective: b, select: { scenario: two, endpoint: one, method: GET } }
`)
	written := p.YAML()
	if _, err := Parse("again.yaml", written, Options{}); err != nil {
		t.Errorf("%v\n%s", err, written)
	}
	for _, secret := range []string{"one", "two", "host.example"} {
		if bytes.Contains(written, []byte(secret)) {
			t.Errorf("%q is shown in\n%s", secret, written)
		}
	}
}

func TestFaultsShowNoVariable(t *testing.T) {
	text := "version: 1\ntarget: { base_url: 'ftp://${MY_TOKEN}', timeout: '${MY_TOKEN}', protocol: '${MY_TOKEN}' }\nname: ${OTHER}\n"
	_, err := Parse("f.yaml", []byte(text), Options{Lookup: env(map[string]string{"MY_TOKEN": "s3cr3t", "OTHER": "a/b"})})
	if err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("got %v", err)
	}
}
