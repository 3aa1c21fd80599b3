package main

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// A reader is a peer's way to read its output, with output that the tool wrote and
// what a person reads in it.
type reader struct {
	peer string
	file string // below testdata
	read func([]byte) (reported, error)
	want reported
}

func readers() []reader {
	nan := math.NaN()
	return []reader{
		{"floodmark", "floodmark.json", readFloodmark, reported{
			requests: 1000, seconds: 2, p50: 109.567e-6, p99: 354.815e-6, lag50: 73.727e-6, lag99: 102.911e-6,
		}},
		{"wrk", "wrk.txt", readWrk, reported{requests: 103882, seconds: 2.1, p50: 31e-6, p99: 108e-6, lag50: nan, lag99: nan}},
		{"wrk2", "wrk2.txt", readWrk, reported{requests: 11996, seconds: 12, p50: 768e-6, p99: 1.46e-3, lag50: nan, lag99: nan}},
		{"h2load", "h2load.txt", readH2load, reported{requests: 84153, seconds: 2, p50: nan, p99: nan, lag50: nan, lag99: nan}},
		{"ab", "ab.txt", readAb, reported{requests: 108935, seconds: 2, p50: 1e-3, p99: 6e-3, lag50: nan, lag99: nan}},
		{"bombardier", "bombardier.json", readBombardier, reported{
			requests: 62399, seconds: 1.99951274, p50: 41e-6, p99: 165e-6, lag50: nan, lag99: nan,
		}},
		{"hey", "hey.txt", readHey, reported{requests: 36013, seconds: 2.0014, p50: 0.1e-3, p99: 0.4e-3, lag50: nan, lag99: nan}},
		{"vegeta", "vegeta.json", readVegeta, reported{
			requests: 28109, seconds: 1.999732925, p50: 98.877e-6, p99: 607.719e-6, lag50: nan, lag99: nan,
		}},
		{"k6", "k6.txt", readK6, reported{
			requests: 25457, seconds: 25457 / 12727.255866193684, p50: 90.381e-6, p99: 840.93416e-6, lag50: nan, lag99: nan,
		}},
	}
}

func TestReaders(t *testing.T) {
	for _, r := range readers() {
		t.Run(r.peer, func(t *testing.T) {
			got, err := r.read(sample(t, r.file))
			if err != nil {
				t.Fatal(err)
			}
			if got.requests != r.want.requests || got.invalid != r.want.invalid {
				t.Errorf("got %+v, want %+v", got, r.want)
			}
			for _, pair := range [][2]float64{
				{got.seconds, r.want.seconds},
				{got.p50, r.want.p50},
				{got.p99, r.want.p99},
				{got.lag50, r.want.lag50},
				{got.lag99, r.want.lag99},
			} {
				if !same(pair[0], pair[1]) {
					t.Errorf("got %v, want %v: all of it %+v", pair[0], pair[1], got)
				}
			}
		})
	}
}

// Every peer but those that share a reader has its own sample.
func TestEveryPeerHasASample(t *testing.T) {
	sampled := map[string]bool{"floodmark economical": true, "vegeta attack": true}
	for _, r := range readers() {
		sampled[r.peer] = true
	}
	for _, p := range allPeers(&options{}) {
		if !sampled[p.name] {
			t.Errorf("%s has no sample", p.name)
		}
	}
}

// Times of other lengths have other units.
func TestReadWrkUnits(t *testing.T) {
	got, err := readWrk([]byte("     50%    1.25ms\n     75%    1.50s\n     99%    1.02m\n  90 requests in 1.50m, 9.00KB read\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got.requests != 90 || !same(got.seconds, 90) || !same(got.p50, 1.25e-3) || !same(got.p99, 61.2) {
		t.Errorf("got %+v", got)
	}
}

// Output that is cut off, empty or somebody else's is an error.
func TestReadersRefuse(t *testing.T) {
	for _, r := range readers() {
		for _, out := range []string{"", "\n", "\x00\xff\xfe", "{", "{\n", "[]", "{\n]", "command not found", "requests", "50% 99%", "0 in 0"} {
			if got, err := r.read([]byte(out)); err == nil {
				t.Errorf("%s: %q: got %+v, want an error", r.peer, out, got)
			}
		}
	}
}

// What has nothing in it is an error, or has no requests, which is one for whoever
// measures.
func TestReadersFindNothing(t *testing.T) {
	for _, r := range readers() {
		for _, out := range []string{"{}", "null", "{\"result\":{}}", "{\"metrics\":{}}"} {
			if got, err := r.read([]byte(out)); err == nil && got.requests != 0 {
				t.Errorf("%s: %q: got %+v, want an error or no requests", r.peer, out, got)
			}
		}
	}
}

// Answers that are no successes are not counted.
func TestReadersCountSuccesses(t *testing.T) {
	for _, test := range []struct {
		name, out string
		read      func([]byte) (reported, error)
	}{
		{"wrk", "  1998 requests in 2.00s, 0.65MB read\n  Non-2xx or 3xx responses: 1998\n", readWrk},
		{"wrk without a server", "  0 requests in 1.00s, 0.00B read\n  Socket errors: connect 0, read 7, write 0, timeout 0\n", readWrk},
		{"ab", "Time taken for tests:   2.000 seconds\nComplete requests:      42443\nFailed requests:        0\nNon-2xx responses:      42443\n", readAb},
		{"k6", `{"metrics":{"http_reqs":{"count":11825,"rate":5912.5},"http_req_failed":{"passes":11825,"fails":0,"value":1}}}`, readK6},
		{"h2load", "finished in 1.00s, 0 req/s\nrequests: 43974 total, 43976 started, 43974 done, 0 succeeded, 43974 failed, 0 errored, 0 timeout\n", readH2load},
		{"bombardier", `{"result":{"timeTakenSeconds":0.99,"req2xx":0,"req5xx":31909,"latency":{"percentiles":{"50":43,"99":212}}}}`, readBombardier},
		{"hey", "  Total:\t1.0008 secs\n\nStatus code distribution:\n  [503]\t13959 responses\n", readHey},
		{"vegeta", `{"latencies":{"50th":132223,"99th":670009},"duration":999633332,"requests":10786,"success":0}`, readVegeta},
		{"vegeta, one of many", `{"latencies":{"50th":132223,"99th":670009},"duration":999633332,"requests":10786,"success":0.9999}`, readVegeta},
		{"floodmark", `{"duration_seconds":1,"counts":{"planned":46699,"succeeded":46698,"failed":1}}`, readFloodmark},
	} {
		if got, err := test.read([]byte(test.out)); err == nil && got.requests != 0 {
			t.Errorf("%s: got %+v, want an error or no requests", test.name, got)
		}
	}
}

// A run that floodmark does not trust is read as such, and null as not known.
func TestReadFloodmarkInvalid(t *testing.T) {
	got, err := readFloodmark([]byte(`{"duration_seconds":1,"counts":{"succeeded":7},"response":{"p50_seconds":null},"generator":{"valid":false}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !got.invalid || got.requests != 7 {
		t.Errorf("got %+v, want 7 requests and an invalid run", got)
	}
	for _, v := range []float64{got.p50, got.p99, got.lag50, got.lag99} {
		if !math.IsNaN(v) {
			t.Errorf("got %+v, want nothing known of times", got)
			break
		}
	}
}

// Whatever tools write, reading it ends.
func FuzzReaders(f *testing.F) {
	for _, r := range readers() {
		out, err := os.ReadFile(filepath.Join("testdata", r.file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(out)
		f.Add(out[:len(out)/2])
		f.Add(out[len(out)/2:])
	}
	f.Fuzz(func(_ *testing.T, out []byte) {
		for _, r := range readers() {
			_, _ = r.read(out)
		}
	})
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	out, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same compares numbers, of which NaN is one, to nine digits.
func same(got, want float64) bool {
	if math.IsNaN(want) {
		return math.IsNaN(got)
	}
	return got == want || math.Abs(got-want) <= 1e-9*math.Abs(want)
}
