package limit

import (
	"testing"
	"time"
)

func TestPolicyValidate(t *testing.T) {
	tests := []struct {
		name   string
		policy Policy
		want   string
	}{
		{"the least", Policy{Limit: 1}, ""},
		{"all set", Policy{Name: "per-user_1", Algorithm: SlidingLog, Limit: 100_000, Window: 24 * time.Hour, Burst: -7}, ""},
		{"a leaky bucket without a queue", Policy{Algorithm: LeakyBucket, Limit: 1, Burst: -1}, ""},
		{"zero value", Policy{}, "limit is 0, want at least 1 request"},
		{"close to a word", Policy{Algorithm: "token-bucket", Limit: 1}, `unknown algorithm "token-bucket"; did you mean "token_bucket"?`},
		{
			"far from all words",
			Policy{Algorithm: "psychic", Limit: 1},
			`unknown algorithm "psychic"; there are token_bucket, leaky_bucket, fixed_window, sliding_log, sliding_counter`,
		},
		{"name", Policy{Name: `a"b`, Limit: 1}, `name "a\"b": want at most 64 letters, digits, - and _`},
		{"window too short", Policy{Limit: 1, Window: time.Microsecond}, "window is 1µs, want whole microseconds from 1ms to 24h0m0s"},
		{"window too fine", Policy{Limit: 1, Window: time.Second + 1}, "window is 1.000000001s, want whole microseconds from 1ms to 24h0m0s"},
		{"nothing would pass", Policy{Limit: 1, Burst: -1}, "burst is -1, want at least 1: nothing would pass"},
		{"log too long", Policy{Algorithm: SlidingLog, Limit: 100_001}, "limit is 100001, want at most 100000: a sliding log remembers each request"},
		{
			"not exact",
			Policy{Algorithm: FixedWindow, Limit: 1_000_000, Window: 24 * time.Hour},
			"1000000 requests in 24h0m0s are more than can be counted exactly; take a shorter window",
		},
		{
			"all at once",
			Policy{Name: " ", Limit: -1, Window: -time.Second, Burst: -1},
			"name \" \": want at most 64 letters, digits, - and _\nlimit is -1, want at least 1 request\n" +
				"window is -1s, want whole microseconds from 1ms to 24h0m0s\nburst is -1, want at least 1: nothing would pass",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := test.policy.Validate(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestPolicyTerms(t *testing.T) {
	tests := []struct {
		policy Policy
		want   terms
	}{
		{Policy{Limit: 7}, terms{7, 1_000_000, 7}},
		{Policy{Limit: 7, Burst: 3, Window: time.Minute}, terms{7, 60_000_000, 3}},
		{Policy{Limit: 7, Algorithm: LeakyBucket}, terms{7, 1_000_000, 8}},
		{Policy{Limit: 7, Algorithm: LeakyBucket, Burst: 3}, terms{7, 1_000_000, 4}},
		{Policy{Limit: 7, Algorithm: LeakyBucket, Burst: -3}, terms{7, 1_000_000, 1}},
	}
	for _, test := range tests {
		if got := test.policy.terms(); got != test.want {
			t.Errorf("%+v: got %+v, want %+v", test.policy, got, test.want)
		}
	}
}
