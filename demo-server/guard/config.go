package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// What a Config means by zero.
const (
	defaultFailures  = 5
	defaultSuccesses = 2
	defaultTimeout   = 5 * time.Second
)

// The most that a Config may ask for: a breaker remembers as many calls as its
// thresholds count, and a bulkhead has a place in memory for each call.
const (
	maxThreshold = 10_000
	maxPlaces    = 100_000
)

// A Fallback answers in place of a dependency. It gets the caller's context and why the
// call failed, and returns what the caller is to get: nil when it could help.
type Fallback func(ctx context.Context, cause error) error

// A Config says how to guard one dependency. Its zero value works, with a breaker alone.
type Config struct {
	Name string // of the dependency, for errors, changes and the log

	FailureThreshold int           // failures in a row that open the breaker; 0: 5
	SuccessThreshold int           // successes of probes that close it, and probes at once; 0: 2
	Timeout          time.Duration // it is open so long before it lets probes through; 0: 5 s

	CallTimeout time.Duration // of each call, whose context then ends; 0: none
	Bulkhead    int           // calls at once, the others are refused; 0: any number

	// Fallback answers when a call failed, timed out or was refused; nil: nobody does.
	Fallback Fallback
	// IsFailure says whether an error of a call is the dependency's fault. A declined
	// payment is not: the provider works. nil: every error is.
	IsFailure func(error) bool
	// OnChange is told each change of state, in order, one at a time, by the call that
	// caused it, or by one at the same time. It may use the guard; it must not block.
	OnChange func(Change)
	// Log gets a line for each change of state; nil discards.
	Log *slog.Logger
}

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	if c.FailureThreshold == 0 {
		c.FailureThreshold = defaultFailures
	}
	if c.SuccessThreshold == 0 {
		c.SuccessThreshold = defaultSuccesses
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate names all that is wrong with the configuration.
func (c Config) Validate() error {
	var faults []error
	number := func(what string, got, most int) {
		if got < 0 || got > most {
			faults = append(faults, fmt.Errorf("guard %q: %s is %d, want 0 to %d", c.Name, what, got, most))
		}
	}
	number("the failure threshold", c.FailureThreshold, maxThreshold)
	number("the success threshold", c.SuccessThreshold, maxThreshold)
	number("the bulkhead", c.Bulkhead, maxPlaces)
	for what, got := range map[string]time.Duration{"the timeout": c.Timeout, "the call timeout": c.CallTimeout} {
		if got < 0 {
			faults = append(faults, fmt.Errorf("guard %q: %s is %v, want 0s or more", c.Name, what, got))
		}
	}
	return errors.Join(faults...)
}
