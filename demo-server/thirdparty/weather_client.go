package thirdparty

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

const (
	defaultStale  = time.Hour
	defaultCities = 1000
	maxRetryAfter = time.Hour
)

// An Origin says where a report comes from.
type Origin string

// The origins of a report.
const (
	Fetched Origin = "fetched" // from the service, now
	Fresh   Origin = "fresh"   // from the client's cache, young enough not to ask
	Stale   Origin = "stale"   // from the client's cache, since the service did not answer
)

// A Report is a forecast with what a client knows about it.
type Report struct {
	Forecast
	Origin Origin        `json:"origin"`
	Age    time.Duration `json:"-"` // since it was fetched
}

// A WeatherClient asks a Weather service, and makes do with its last answer while there
// is none: stale if error. After a 429 it asks nobody until Retry-After is over. Any
// number of goroutines may use it at once; the exported fields are set before the first
// use, and the zero value with a BaseURL works.
type WeatherClient struct {
	BaseURL string       // such as http://127.0.0.1:9002
	HTTP    *http.Client // nil: http.DefaultClient. Its connections are its owner's to close

	Fresh  time.Duration // an answer this young is given again without asking; 0: none is
	Stale  time.Duration // an answer this old is given when there is no other; 0: an hour, negative: none is
	Cities int           // whose last answers are kept; 0: 1000

	mu    sync.Mutex
	last  map[string]kept
	quiet time.Time // when the service may be asked again
	stats WeatherClientStats
}

// A kept is an answer and when it came.
type kept struct {
	forecast Forecast
	at       time.Time
}

// Report returns the weather of a city: fresh, fetched, or stale. It fails with ErrQuota,
// ErrNoForecast or the reason there is no answer when nothing stale is left either, and
// with the context's error when the caller gave up.
func (c *WeatherClient) Report(ctx context.Context, city string) (Report, error) {
	old, known := c.look(city)
	if age := time.Since(old.at); known && age < c.Fresh {
		c.count(&c.stats.Fresh)
		return Report{old.forecast, Fresh, age}, nil
	}
	forecast, err := c.fetch(ctx, city)
	if err == nil {
		c.keep(city, forecast)
		return Report{forecast, Fetched, 0}, nil
	}
	age := time.Since(old.at) // now: it may have taken a while to get no answer
	if known && c.forgives(age) && !errors.Is(ctx.Err(), context.Canceled) {
		c.count(&c.stats.Stale)
		return Report{old.forecast, Stale, age}, nil
	}
	c.count(&c.stats.Failed)
	return Report{}, fmt.Errorf("weather: %w", err)
}

// forgives reports whether an answer of this age is better than none.
func (c *WeatherClient) forgives(age time.Duration) bool {
	most := c.Stale
	if most == 0 {
		most = defaultStale
	}
	return age <= most
}

// look returns the last answer for a city.
func (c *WeatherClient) look(city string) (kept, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, known := c.last[city]
	return k, known
}

func (c *WeatherClient) count(counter *uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*counter++
}

// keep remembers an answer. With as many cities as there may be, the oldest answer goes:
// a scan, but only for a city that is new to a full cache.
func (c *WeatherClient) keep(city string, f Forecast) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Fetched++
	if c.last == nil {
		c.last = make(map[string]kept)
	}
	most := c.Cities
	if most <= 0 {
		most = defaultCities
	}
	if _, known := c.last[city]; !known && len(c.last) >= most {
		oldest := ""
		for name, k := range c.last {
			if oldest == "" || k.at.Before(c.last[oldest].at) {
				oldest = name
			}
		}
		delete(c.last, oldest)
	}
	c.last[city] = kept{f, time.Now()}
}

// fetch asks the service, unless it does not want to be asked.
func (c *WeatherClient) fetch(ctx context.Context, city string) (Forecast, error) {
	c.mu.Lock()
	quiet := time.Until(c.quiet)
	c.mu.Unlock()
	if quiet > 0 {
		return Forecast{}, fmt.Errorf("%w, for another %v", ErrQuota, quiet.Round(time.Second))
	}
	target := strings.TrimSuffix(c.BaseURL, "/") + "/weather/" + url.PathEscape(city)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return Forecast{}, err
	}
	correlation.From(ctx).Write(r.Header)
	var f Forecast
	header, err := exchange(c.HTTP, r, &f)
	err = meaning(err, map[int]error{http.StatusTooManyRequests: ErrQuota, http.StatusInternalServerError: ErrNoForecast})
	if errors.Is(err, ErrQuota) {
		c.hush(header.Get("Retry-After"))
	}
	return f, err
}

// hush keeps the service from being asked for so many seconds.
func (c *WeatherClient) hush(retryAfter string) {
	seconds, err := strconv.Atoi(retryAfter)
	if err != nil || seconds < 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = time.Now().Add(min(time.Duration(min(seconds, 1<<20))*time.Second, maxRetryAfter))
}

// WeatherClientStats counts the reports of a client by where they came from.
//
//	Reports = Fetched + Fresh + Stale + Failed
type WeatherClientStats struct {
	Reports uint64 `json:"reports"`
	Fetched uint64 `json:"fetched"`
	Fresh   uint64 `json:"fresh"`
	Stale   uint64 `json:"stale"`
	Failed  uint64 `json:"failed"`
}

// Stats returns the client's counts since its first report.
func (c *WeatherClient) Stats() WeatherClientStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Reports = s.Fetched + s.Fresh + s.Stale + s.Failed
	return s
}
