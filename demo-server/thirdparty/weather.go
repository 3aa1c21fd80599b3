package thirdparty

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/sleeper"
)

// WeatherPart is the name of the weather service in a fault's part=.
const WeatherPart = "weather"

var (
	// ErrQuota says that the weather service was asked more often than it allows.
	ErrQuota = errors.New("the quota of requests is used up")
	// ErrNoForecast says that the weather service is out of order.
	ErrNoForecast = errors.New("the weather service is out of order")
)

const (
	maxCity = 64 // bytes

	defaultQuota = 60
	defaultPer   = time.Minute
)

// A Forecast is the weather of a city.
type Forecast struct {
	City       string    `json:"city"`
	Celsius    float64   `json:"celsius"`
	Sky        string    `json:"sky"` // clear, clouds, rain or snow
	ObservedAt time.Time `json:"observed_at"`
}

// A WeatherConfig says how a Weather is. Its zero value works: 60 requests a minute,
// answered at once.
type WeatherConfig struct {
	Latency time.Duration    // of every answer but a refusal
	Source  *capacity.Source // drawn on top of Latency; nil: nothing is
	Faults  *faults.Set      // asked about WeatherPart; nil: never an outage
	Sleeper *sleeper.Sleeper // nil: one of the runtime's timers

	Quota int           // requests in each period; 0: 60, negative: any number
	Per   time.Duration // the period; 0: a minute
	Seed  uint64        // the same seed has the same weather at the same time
}

// Weather is a weather service:
//
//	GET /weather/{city}  a Forecast
//	GET /healthz
//
// What is beyond its quota is answered 429 at once, with Retry-After in whole seconds.
// It is made by NewWeather and needs no end.
type Weather struct {
	config  WeatherConfig
	quota   quota
	failing faults.Spread

	mu    sync.Mutex
	stats WeatherStats
}

// NewWeather returns a weather service.
func NewWeather(config WeatherConfig) (*Weather, error) {
	if config.Latency < 0 || config.Per < 0 {
		return nil, fmt.Errorf("weather: latency %v and period %v, want 0s or more", config.Latency, config.Per)
	}
	if config.Sleeper == nil {
		config.Sleeper = new(sleeper.Sleeper)
	}
	w := &Weather{config: config}
	w.SetQuota(config.Quota, config.Per)
	return w, nil
}

// SetQuota changes the quota of the running service, as WeatherConfig has it.
func (s *Weather) SetQuota(requests int, per time.Duration) {
	if requests == 0 {
		requests = defaultQuota
	}
	if per <= 0 {
		per = defaultPer
	}
	s.quota.set(requests, per)
}

// Handler returns the service's HTTP API.
func (s *Weather) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /weather/{city}", s.counted(s.forecast))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("/", s.counted(func(w http.ResponseWriter, _ *http.Request) *uint64 {
		answer(w, http.StatusNotFound, refusal{"want GET /weather/{city}"})
		return &s.stats.Invalid
	}))
	return mux
}

// counted counts a request in the counter that its handler names.
func (s *Weather) counted(handle func(http.ResponseWriter, *http.Request) *uint64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.stats.InFlight++
		s.mu.Unlock()
		counter := &s.stats.Gone
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.stats.InFlight--
			*counter++
		}()
		counter = handle(w, r)
	}
}

// forecast answers GET /weather/{city}.
func (s *Weather) forecast(w http.ResponseWriter, r *http.Request) *uint64 {
	city := r.PathValue("city")
	if !isCity(city) {
		answer(w, http.StatusBadRequest, refusal{fmt.Sprintf("want a city of letters, at most %d bytes", maxCity)})
		return &s.stats.Invalid
	}
	left, retry, ok := s.quota.use()
	if !ok {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((retry+time.Second-1)/time.Second), 10))
		answer(w, http.StatusTooManyRequests, refusal{ErrQuota.Error()})
		return &s.stats.Limited
	}
	if left >= 0 {
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(left))
	}
	var outage faults.Share
	delay := s.config.Latency
	if s.config.Faults != nil {
		share, more := s.config.Faults.Part(WeatherPart)
		outage, delay = share, delay+more
	}
	err := pause(r.Context(), s.config.Sleeper, delay, s.config.Source)
	switch {
	case err != nil && r.Context().Err() != nil:
		return &s.stats.Gone
	case err != nil, s.failing.Hit(outage): // the sleeper's end is that of the server
		answer(w, http.StatusServiceUnavailable, refusal{ErrNoForecast.Error()})
		return &s.stats.Outages
	}
	answer(w, http.StatusOK, s.weather(city, time.Now()))
	return &s.stats.Answered
}

// isCity reports whether a name may be a city's.
func isCity(name string) bool {
	return name != "" && len(name) <= maxCity && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !strings.ContainsRune(" -'.", r)
	})
}

// weather makes it up: it follows from the seed, the city and the minute.
func (s *Weather) weather(city string, now time.Time) Forecast {
	minute := now.Truncate(time.Minute)
	name := fnv.New64a()
	_, _ = name.Write([]byte(strings.ToLower(city)))
	rng := rand.New(rand.NewPCG(s.config.Seed^name.Sum64(), uint64(minute.Unix())))
	celsius := float64(rng.IntN(450)-100) / 10
	skies := []string{"clear", "clouds", "rain"}
	if celsius < 0 {
		skies[2] = "snow"
	}
	return Forecast{City: city, Celsius: celsius, Sky: skies[rng.IntN(len(skies))], ObservedAt: minute.UTC()}
}

// WeatherStats is what a weather service says about itself. At every moment
//
//	Requests = InFlight + Answered + Limited + Outages + Invalid + Gone
//
// Requests for /healthz are not counted.
type WeatherStats struct {
	Requests uint64 `json:"requests"`
	InFlight uint64 `json:"in_flight"`
	Answered uint64 `json:"answered"`
	Limited  uint64 `json:"limited"` // 429: beyond the quota
	Outages  uint64 `json:"outages"` // 503
	Invalid  uint64 `json:"invalid"`
	Gone     uint64 `json:"gone"` // the client left before the answer
}

// Stats returns the service's counts since it was made.
func (s *Weather) Stats() WeatherStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Requests = stats.InFlight + stats.Answered + stats.Limited + stats.Outages + stats.Invalid + stats.Gone
	return stats
}
