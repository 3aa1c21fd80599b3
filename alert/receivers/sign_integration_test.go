//go:build integration

package receivers

import (
	"encoding/base64"
	"encoding/hex"
	"os/exec"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/alert"
)

// What arrives verifies with other people's HMACs: openssl's and Python's.
func TestSignatureElsewhere(t *testing.T) {
	s := serve(t, answering(200, ""))
	r := newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL, SigningSecret: signingSecret})
	m := message(firing(), resolved())
	m.Alerts[0].Sample = "é界💥 \"quoted\" <b>&"
	if got := r.Send(t.Context(), m); got.Outcome != alert.Delivered {
		t.Fatalf("got %+v", got)
	}
	q := s.all()[0]
	signed := q.header.Get("webhook-id") + "." + q.header.Get("webhook-timestamp") + "." + q.body
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(signingSecret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	const python = `import base64, hashlib, hmac, sys
print(base64.b64encode(hmac.new(base64.b64decode(sys.argv[1]), sys.stdin.buffer.read(), hashlib.sha256).digest()).decode())`
	openssl := output(t, signed, "openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:"+hex.EncodeToString(key), "-binary")
	for name, want := range map[string]string{
		"openssl": base64.StdEncoding.EncodeToString([]byte(openssl)),
		"python3": strings.TrimSpace(output(t, signed, "python3", "-c", python, base64.StdEncoding.EncodeToString(key))),
	} {
		if got := q.header.Get("webhook-signature"); got != "v1,"+want {
			t.Errorf("%s: got %s, want v1,%s", name, got, want)
		}
	}
}

// output runs a program with standard input and returns its standard output.
func output(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v; on Debian: apt-get install %s", name, err, name)
	}
	return string(out)
}
