package receivers

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// The published example: standard-webhooks/standard-webhooks libraries/go/webhook_test.go
// at b2fa7b8719fb75d326b591077f5d1b385cfcdfae.
func TestStandardWebhooksVector(t *testing.T) {
	got := signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// While one secret replaces another, both sign.
func TestRotation(t *testing.T) {
	at, other := time.Unix(1614265330, 0), "whsec_"+strings.Repeat("QUJD", 8)
	got := signature(other+" "+signingSecret, "id", at, []byte("{}"))
	if want := signature(other, "id", at, []byte("{}")) + " " + signature(signingSecret, "id", at, []byte("{}")); got != want || strings.Count(got, "v1,") != 2 {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What arrives is signed as it arrives; the id stays over attempts, and the time is the
// attempt's.
func TestSignedAsReceived(t *testing.T) {
	s := serve(t, answering(500, ""))
	r := newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL, SigningSecret: signingSecret})
	before := time.Now().Unix()
	m := message(firing())
	m.Alerts[0].Sample = "<é💥&"
	for range 2 {
		if got := r.Send(t.Context(), m); got.Outcome != alert.Later {
			t.Fatalf("got %+v", got)
		}
	}
	for _, q := range s.all() {
		stamp, err := strconv.ParseInt(q.header.Get("webhook-timestamp"), 10, 64)
		if err != nil || stamp < before || stamp > time.Now().Unix() || q.header.Get("webhook-id") != "msg_1" {
			t.Fatalf("got headers %v", q.header)
		}
		if got, want := q.header.Get("webhook-signature"), signature(signingSecret, "msg_1", time.Unix(stamp, 0), []byte(q.body)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Without a secret there is an id and no signature.
func TestUnsigned(t *testing.T) {
	s := serve(t, answering(200, ""))
	newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL}).Send(t.Context(), message(firing()))
	if h := s.all()[0].header; h.Get("webhook-id") != "msg_1" || h.Get("webhook-signature") != "" || h.Get("User-Agent") != "floodmark" {
		t.Errorf("got %v", h)
	}
}
