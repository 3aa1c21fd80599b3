package capacity

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// The most that a machine may have: enough for any demonstration, and few enough that
// the memory for it is nothing.
const (
	maxSlots  = 1024
	maxPlaces = 100_000
)

// The slowest and the fastest machine, beside one of speed 1.
const (
	slowest = 0.01
	fastest = 100
)

// maxService bounds what a slow, contended machine makes of a service time: so long may
// every place of the longest queue take one after the other within a Duration.
const maxService = 24 * time.Hour

// A Config says what a machine is.
//
// Cores get in each other's way, which the Universal Scalability Law of N. Gunther puts
// in two numbers: busy ones wait for each other with a share Sigma of their work, and
// each pair of them costs Kappa to be kept coherent. Together c busy cores do as much as
// C(c) = c / (1 + Sigma·(c-1) + Kappa·c·(c-1)) lone ones. With Kappa there is a number of
// cores beyond which more of them do less.
type Config struct {
	Slots  int     // cores, 1 to 1024
	Places int     // requests that may wait, 0 to 100,000
	Speed  float64 // beside the machine that service times are meant for, 0.01 to 100; 0: 1
	Sigma  float64 // contention, 0 to 1
	Kappa  float64 // coherency, 0 to 1
}

// Validate says everything that is wrong with the values.
func (c Config) Validate() error {
	var faults []error
	if c.Slots < 1 || c.Slots > maxSlots {
		faults = append(faults, fmt.Errorf("a machine has 1 to %d slots, got %d", maxSlots, c.Slots))
	}
	if c.Places < 0 || c.Places > maxPlaces {
		faults = append(faults, fmt.Errorf("a machine has 0 to %d waiting places, got %d", maxPlaces, c.Places))
	}
	if c.Speed != 0 && !(c.Speed >= slowest && c.Speed <= fastest) {
		faults = append(faults, fmt.Errorf("a machine's speed is %v to %v, got %v", slowest, fastest, c.Speed))
	}
	if !(c.Sigma >= 0 && c.Sigma <= 1) {
		faults = append(faults, fmt.Errorf("contention (sigma) is 0 to 1, got %v", c.Sigma))
	}
	if !(c.Kappa >= 0 && c.Kappa <= 1) {
		faults = append(faults, fmt.Errorf("coherency (kappa) is 0 to 1, got %v", c.Kappa))
	}
	return errors.Join(faults...)
}

// Capacity returns how many lone cores of speed 1 a machine with all its slots busy is
// worth. Divided by the mean service time it is the machine's throughput at most.
func (c Config) Capacity() float64 {
	return float64(c.Slots) * c.speed() / c.stretch(c.Slots)
}

// stretch returns c/C(c): how many times as long a job takes beside busy-1 others.
func (c Config) stretch(busy int) float64 {
	others := float64(busy - 1)
	return 1 + c.Sigma*others + c.Kappa*float64(busy)*others
}

// speed returns the machine's speed.
func (c Config) speed() float64 {
	if c.Speed == 0 {
		return 1
	}
	return c.Speed
}

// Replay returns what the ideal queue of such a machine makes of a run: for each job the
// time from its arrival until it leaves, or Refused. Arrivals are in ascending order,
// services, for a lone core of speed 1, belong to them by index, and a surplus in one of
// the two is ignored.
//
// A measured run is compared with its own replay, which has no sampling noise left,
// rather than with a formula of queueing theory, which describes an endless one.
func (c Config) Replay(arrivals, services []time.Duration) []time.Duration {
	jobs := min(len(arrivals), len(services))
	responses := make([]time.Duration, 0, jobs)
	q := newQueue(c)
	for i, arrival := range arrivals[:jobs] {
		response := Refused
		if _, leave, ok := q.Admit(arrival, services[i]); ok {
			response = leave - arrival
		}
		responses = append(responses, response)
	}
	return responses
}

// Replay is Config.Replay for a machine of speed 1 whose cores are not in each other's way.
func Replay(arrivals, services []time.Duration, slots, queue int) []time.Duration {
	return Config{Slots: slots, Places: queue}.Replay(arrivals, services)
}

// bounded returns a factor of speed that a machine can have.
func bounded(factor float64) float64 {
	if math.IsNaN(factor) {
		return slowest
	}
	return min(max(factor, slowest), fastest)
}
