package thirdparty_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/sleeper"
)

func weather(t *testing.T, config thirdparty.WeatherConfig) *thirdparty.Weather {
	t.Helper()
	w, err := thirdparty.NewWeather(config)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func wantWeatherSum(t *testing.T, s thirdparty.WeatherStats) {
	t.Helper()
	if s.Requests != s.InFlight+s.Answered+s.Limited+s.Outages+s.Invalid+s.Gone {
		t.Errorf("the counters do not add up: %+v", s)
	}
}

// A wire is a transport to a handler in the same process, for tests with fake time.
type wire struct{ http.Handler }

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}

func ExampleWeatherClient() {
	set := &faults.Set{Parts: []string{thirdparty.WeatherPart}}
	service, err := thirdparty.NewWeather(thirdparty.WeatherConfig{Faults: set})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(service.Handler())
	defer server.Close()
	client := thirdparty.WeatherClient{BaseURL: server.URL, HTTP: server.Client()}
	report, err := client.Report(context.Background(), "Bergen")
	fmt.Println(report.City, report.Origin, err)
	if _, err := set.Add(faults.Spec{Part: thirdparty.WeatherPart, Errors: faults.All}); err != nil {
		fmt.Println(err)
	}
	report, err = client.Report(context.Background(), "Bergen")
	fmt.Println(report.City, report.Origin, err)
	_, err = client.Report(context.Background(), "Oslo")
	fmt.Println(err)
	// Output:
	// Bergen fetched <nil>
	// Bergen stale <nil>
	// weather: the weather service is out of order (503)
}

func TestWeatherAnswers(t *testing.T) {
	h := weather(t, thirdparty.WeatherConfig{Seed: 7}).Handler()
	for _, tt := range []struct {
		path   string
		status int
		want   string
	}{
		{"/weather/Oslo", 200, `{"city":"Oslo","celsius":`},
		{"/weather/S%C3%A3o%20Paulo", 200, `{"city":"São Paulo",`},
		{"/weather/17", 400, "want a city of letters"},
		{"/weather/" + strings.Repeat("x", 65), 400, "at most 64 bytes"},
		{"/weather/a%2fb", 400, "want a city of letters"},
		{"/weather/", 404, "want GET /weather/{city}"},
		{"/healthz", 200, "ok"},
	} {
		got := ask(h, "GET", tt.path, "", "")
		if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.want) {
			t.Errorf("%s: got %d %s, want %d …%s…", tt.path, got.Code, got.Body, tt.status, tt.want)
		}
	}
}

func TestWeatherFollowsFromItsSeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := func(seed uint64, city string) (f thirdparty.Forecast) {
			h := weather(t, thirdparty.WeatherConfig{Seed: seed}).Handler()
			if err := json.Unmarshal(ask(h, "GET", "/weather/"+city, "", "").Body.Bytes(), &f); err != nil {
				t.Fatal(err)
			}
			return f
		}
		first := look(1, "Oslo")
		if again := look(1, "Oslo"); again != first {
			t.Errorf("got %+v, want %+v again", again, first)
		}
		if other := look(2, "Oslo"); other == first {
			t.Errorf("another seed: got the same %+v", other)
		}
		time.Sleep(time.Minute)
		if later := look(1, "Oslo"); later.Celsius == first.Celsius || later.ObservedAt.Sub(first.ObservedAt) != time.Minute {
			t.Errorf("a minute later: got %+v after %+v", later, first)
		}
	})
}

// 60 in a minute, then 429 with the seconds until the next minute; honouring it helps.
func TestQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := weather(t, thirdparty.WeatherConfig{})
		h := service.Handler()
		for i := range 60 {
			got := ask(h, "GET", "/weather/Oslo", "", "")
			if left := got.Header().Get("X-RateLimit-Remaining"); got.Code != http.StatusOK || left != strconv.Itoa(59-i) {
				t.Fatalf("request %d: got %d with %s left", i, got.Code, left)
			}
		}
		time.Sleep(20*time.Second + time.Millisecond)
		got := ask(h, "GET", "/weather/Oslo", "", "")
		if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "40" {
			t.Errorf("got %d, Retry-After %q, want 429, 40", got.Code, got.Header().Get("Retry-After"))
		}
		time.Sleep(40 * time.Second)
		if got := ask(h, "GET", "/weather/Oslo", "", "").Code; got != http.StatusOK {
			t.Errorf("after Retry-After: got %d, want 200", got)
		}
		service.SetQuota(1, time.Hour)
		if got := ask(h, "GET", "/weather/Oslo", "", "").Code; got != http.StatusTooManyRequests {
			t.Errorf("with a smaller quota: got %d, want 429", got)
		}
		service.SetQuota(-1, 0)
		got = ask(h, "GET", "/weather/Oslo", "", "")
		if got.Code != http.StatusOK || got.Header().Get("X-RateLimit-Remaining") != "" {
			t.Errorf("without a quota: got %d, %v, want 200", got.Code, got.Header())
		}
		wantWeatherSum(t, service.Stats())
		if got := service.Stats(); got.Answered != 62 || got.Limited != 2 {
			t.Errorf("got %+v, want 62 answered, 2 limited", got)
		}
	})
}

// However requests come, no period has more answers than the quota, and who comes back
// after Retry-After gets one.
func TestQuotaHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		pauses := rapid.SliceOfN(rapid.IntRange(0, 3000), 5, 60).Draw(rt, "pauses ms")
		synctest.Test(t, func(t *testing.T) {
			h := weather(t, thirdparty.WeatherConfig{Quota: limit, Per: 10 * time.Second}).Handler()
			var begun time.Time
			used := 0
			for _, pause := range pauses {
				time.Sleep(time.Duration(pause) * time.Millisecond)
				if begun.IsZero() || time.Since(begun) >= 10*time.Second {
					begun, used = time.Now(), 0
				}
				got := ask(h, "GET", "/weather/Oslo", "", "")
				want := http.StatusTooManyRequests
				if used < limit {
					want = http.StatusOK
					used++
				}
				if got.Code != want {
					t.Fatalf("got %d, want %d after %d of %d", got.Code, want, used, limit)
				}
				if want == http.StatusTooManyRequests {
					seconds, err := strconv.Atoi(got.Header().Get("Retry-After"))
					if left := time.Until(begun.Add(10 * time.Second)); err != nil || time.Duration(seconds)*time.Second < left || seconds > 10 {
						t.Fatalf("Retry-After %d, %v with %v left", seconds, err, left)
					}
				}
			}
		})
	})
}

func TestWeatherIsSlowAndFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := &faults.Set{Parts: []string{thirdparty.WeatherPart}}
		service := weather(t, thirdparty.WeatherConfig{Latency: 30 * time.Millisecond, Faults: set, Quota: -1})
		h := service.Handler()
		begun := time.Now()
		ask(h, "GET", "/weather/Oslo", "", "")
		if got := time.Since(begun); got != 30*time.Millisecond {
			t.Errorf("took %v, want 30ms", got)
		}
		if _, err := set.Add(faults.Spec{Part: thirdparty.WeatherPart, Errors: faults.All / 4, Delay: time.Second}); err != nil {
			t.Fatal(err)
		}
		begun, failed := time.Now(), 0
		for range 40 {
			if ask(h, "GET", "/weather/Oslo", "", "").Code == http.StatusServiceUnavailable {
				failed++
			}
		}
		if took := time.Since(begun); failed != 10 || took != 40*1030*time.Millisecond {
			t.Errorf("got %d failed in %v, want 10 in 41.2s", failed, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/weather/Oslo", nil))
		wantWeatherSum(t, service.Stats())
		if got := service.Stats(); got.Gone != 1 || got.Outages != 10 || got.Answered != 31 {
			t.Errorf("got %+v, want 1 gone, 10 outages, 31 answered", got)
		}
	})
}

func TestSleepersEndIsAnOutage(t *testing.T) {
	s := new(sleeper.Sleeper)
	h := weather(t, thirdparty.WeatherConfig{Latency: time.Hour, Sleeper: s}).Handler()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ask(h, "GET", "/weather/Oslo", "", "").Code; got != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", got)
	}
}

func TestWeatherClientMakesDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := &faults.Set{Parts: []string{thirdparty.WeatherPart}}
		service := weather(t, thirdparty.WeatherConfig{Faults: set, Quota: 2})
		client := &thirdparty.WeatherClient{
			BaseURL: "http://weather", HTTP: &http.Client{Transport: wire{service.Handler()}},
			Fresh: 10 * time.Second, Stale: 2 * time.Minute,
		}
		look := func(want thirdparty.Origin, age time.Duration, asked uint64) {
			t.Helper()
			got, err := client.Report(t.Context(), "Oslo")
			if err != nil || got.Origin != want || got.Age != age || got.City != "Oslo" {
				t.Errorf("got %+v, %v, want %s of %v", got, err, want, age)
			}
			if got := service.Stats().Requests; got != asked {
				t.Errorf("the service was asked %d times, want %d", got, asked)
			}
		}
		look(thirdparty.Fetched, 0, 1)
		time.Sleep(9 * time.Second)
		look(thirdparty.Fresh, 9*time.Second, 1)
		time.Sleep(time.Second)
		look(thirdparty.Fetched, 0, 2)
		time.Sleep(20 * time.Second)
		look(thirdparty.Stale, 20*time.Second, 3) // the quota is used up…
		time.Sleep(20 * time.Second)
		look(thirdparty.Stale, 40*time.Second, 3) // …and the client does not ask until…
		time.Sleep(10 * time.Second)
		look(thirdparty.Fetched, 0, 4) // …it is over
		if _, err := set.Add(faults.Spec{Part: thirdparty.WeatherPart, Errors: faults.All}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		look(thirdparty.Stale, 2*time.Minute, 5)
		time.Sleep(time.Second)
		if _, err := client.Report(t.Context(), "Oslo"); !errors.Is(err, thirdparty.ErrNoForecast) {
			t.Errorf("too old: got %v, want %v", err, thirdparty.ErrNoForecast)
		}
		if _, err := client.Report(t.Context(), "Bergen"); !errors.Is(err, thirdparty.ErrQuota) {
			t.Errorf("nothing to make do with: got %v, want %v", err, thirdparty.ErrQuota)
		}
		s := client.Stats()
		if s.Reports != s.Fetched+s.Fresh+s.Stale+s.Failed || s.Fetched != 3 || s.Fresh != 1 || s.Stale != 3 || s.Failed != 2 {
			t.Errorf("got %+v", s)
		}
	})
}

// A slow service costs the caller its deadline, and then it gets the old answer; who
// gave up gets none.
func TestWeatherClientAndContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := &faults.Set{Parts: []string{thirdparty.WeatherPart}}
		service := weather(t, thirdparty.WeatherConfig{Faults: set, Quota: -1})
		client := &thirdparty.WeatherClient{BaseURL: "http://weather", HTTP: &http.Client{Transport: wire{service.Handler()}}}
		if _, err := client.Report(t.Context(), "Oslo"); err != nil {
			t.Fatal(err)
		}
		if _, err := set.Add(faults.Spec{Part: thirdparty.WeatherPart, Delay: time.Minute}); err != nil {
			t.Fatal(err)
		}
		late, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if got, err := client.Report(late, "Oslo"); err != nil || got.Origin != thirdparty.Stale || got.Age != time.Second {
			t.Errorf("got %+v, %v, want stale of a second", got, err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := client.Report(gone, "Oslo"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
}

func TestWeatherClientKeepsSoManyCities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := &faults.Set{Parts: []string{thirdparty.WeatherPart}}
		service := weather(t, thirdparty.WeatherConfig{Faults: set, Quota: -1})
		client := &thirdparty.WeatherClient{BaseURL: "http://weather", HTTP: &http.Client{Transport: wire{service.Handler()}}, Cities: 2}
		for _, city := range []string{"Oslo", "Bergen", "Oslo", "Tromsø"} { // Bergen is the oldest
			time.Sleep(time.Second)
			if _, err := client.Report(t.Context(), city); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := set.Add(faults.Spec{Part: thirdparty.WeatherPart, Errors: faults.All}); err != nil {
			t.Fatal(err)
		}
		for city, want := range map[string]bool{"Oslo": true, "Bergen": false, "Tromsø": true} {
			if _, err := client.Report(t.Context(), city); (err == nil) != want {
				t.Errorf("%s: got %v, want an old answer: %v", city, err, want)
			}
		}
	})
}

func TestWeatherClientAtOnce(t *testing.T) {
	service := weather(t, thirdparty.WeatherConfig{Quota: -1})
	url, http := serve(t, service.Handler())
	client := &thirdparty.WeatherClient{BaseURL: url, HTTP: http, Fresh: time.Millisecond}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if _, err := client.Report(t.Context(), "Oslo"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if s := client.Stats(); s.Reports != 400 || s.Fetched+s.Fresh != 400 {
		t.Errorf("got %+v, want 400 reports", s)
	}
}

func TestNewWeatherRefuses(t *testing.T) {
	if _, err := thirdparty.NewWeather(thirdparty.WeatherConfig{Latency: -1}); err == nil || !strings.Contains(err.Error(), "latency -1ns") {
		t.Errorf("got %v", err)
	}
}
