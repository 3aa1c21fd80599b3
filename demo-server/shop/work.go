package shop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// The headers about work.
const (
	// ServiceTimeHeader tells the service time of a request, where that is switched on. In
	// a request it sets the time, such as 12.3ms, instead of a draw.
	ServiceTimeHeader = "X-Service-Time"
	// UtilisationHeader tells a load balancer how busy the machine is: the share of its
	// slots' time that was used in the last half second, 0 to 1.
	UtilisationHeader = "X-Utilisation"
)

// maxServiceTime bounds what a request may ask for.
const maxServiceTime = time.Minute

// work makes a request cost a worker and machine time before it is handled.
func (s *Shop) work(source *capacity.Source, next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.Workers != nil {
			if err := s.Workers.Take(r.Context()); err != nil {
				return &busyError{err}
			}
			defer s.Workers.Release()
		}
		if err := s.compute(w, r, source); err != nil {
			return err
		}
		return next(w, r)
	}
}

// compute occupies the machine.
func (s *Shop) compute(w http.ResponseWriter, r *http.Request, source *capacity.Source) error {
	service, err := s.serviceTime(r, source)
	if err != nil {
		return err
	}
	if s.AcceptServiceTime {
		w.Header().Set(ServiceTimeHeader, service.String())
	}
	if s.Machine == nil {
		return nil
	}
	queued, err := s.Machine.Do(r.Context(), service)
	if s.ReportUtilisation {
		w.Header().Set(UtilisationHeader, strconv.FormatFloat(s.load.of(s.Machine), 'f', 3, 64))
	}
	if err != nil {
		return err
	}
	observe.Note(r.Context(), "queued_seconds", queued)
	observe.Note(r.Context(), "work_seconds", service)
	return nil
}

// serviceTime returns how much work the request is.
func (s *Shop) serviceTime(r *http.Request, source *capacity.Source) (time.Duration, error) {
	asked := ""
	if s.AcceptServiceTime {
		asked = r.Header.Get(ServiceTimeHeader)
	}
	if asked == "" {
		if source == nil {
			return 0, nil
		}
		return source.Draw(), nil
	}
	service, err := time.ParseDuration(asked)
	if err != nil || service < 0 || service > maxServiceTime {
		return 0, invalid(fmt.Sprintf("%s: %q is not a time from 0s to %v", ServiceTimeHeader, asked, maxServiceTime))
	}
	return service, nil
}

// counted is answered, and counted in Stats.
func (s *Shop) counted(next handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.tally.Begin()
		outcome := failed // what a panic leaves behind
		defer func() { s.tally.End(outcome) }()
		outcome = s.conclude(w, r, next(w, r))
	})
}

// answered turns the error of a handler into an answer.
func (s *Shop) answered(next handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.conclude(w, r, next(w, r)) })
}

// conclude answers with a handler's error, if there is one, and returns the outcome.
func (s *Shop) conclude(w http.ResponseWriter, r *http.Request, err error) outcome {
	switch {
	case err == nil:
		return answeredWell
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return cancelled // nobody is left to answer
	}
	status, outcome := statusOf(err)
	message := err.Error()
	switch {
	case status == http.StatusInternalServerError:
		s.logger().ErrorContext(r.Context(), "internal error", "request_id", correlation.From(r.Context()).Request, "error", err)
		message = "internal error" // the reason is nobody else's business
	case errors.Is(err, errProvider):
		observe.Note(r.Context(), "provider_error", message)
		message = errProvider.Error()
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter(err))
	}
	_ = answer(w, status, refusal{message})
	return outcome
}

// retryAfter returns the whole seconds after which it may be worth to come again.
func retryAfter(err error) string {
	wait := time.Second
	if later, ok := errors.AsType[*laterError](err); ok {
		wait = max(wait, later.wait)
	}
	return strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
}
