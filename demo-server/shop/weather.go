package shop

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

// maxCity bounds the name of a city, in bytes.
const maxCity = 64

// A Forecaster knows the weather; thirdparty.WeatherClient is one.
type Forecaster interface {
	Report(ctx context.Context, city string) (thirdparty.Report, error)
}

// A report is the body of an answer about the weather.
type report struct {
	thirdparty.Report
	AgeSeconds float64 `json:"age_seconds"`
}

// showWeather answers GET /api/weather/{city}.
func (s *Shop) showWeather(w http.ResponseWriter, r *http.Request) error {
	if s.Weather == nil {
		return fmt.Errorf("weather: %w", goods.ErrNotFound)
	}
	city := r.PathValue("city")
	odd := func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(" -'.", r) }
	if len(city) > maxCity || strings.ContainsFunc(city, odd) {
		return invalid(fmt.Sprintf("want a city of letters, at most %d bytes", maxCity))
	}
	found, err := s.Weather.Report(r.Context(), city)
	if err != nil {
		return explain(err, s.WeatherGuard)
	}
	observe.Note(r.Context(), "weather", string(found.Origin))
	return answer(w, http.StatusOK, report{found, found.Age.Seconds()})
}
