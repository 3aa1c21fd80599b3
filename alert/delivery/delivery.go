package delivery

import (
	"context"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// A Receiver takes messages to somebody. It makes one attempt, bounded in time, and is
// called from one goroutine at a time.
type Receiver interface {
	Send(ctx context.Context, m alert.Message) alert.Answer
}

// A Lane is a receiver and how it wants to be treated. It is plain data.
type Lane struct {
	Name     string // in the profile, and in the notices' Receivers; no other lane's
	Receiver Receiver
	Single   bool // one alert a message, and no waiting for others
	// Refresh is how often it must hear of what is firing, lest it forgets; 0 never. Such a
	// receiver is a program: no alert is left out of its messages.
	Refresh   time.Duration
	PerSecond float64 // messages that it takes for long; 0 any number
	Burst     int     // messages that it takes at once; less than 1 is 1
}

// A Delivery tells of one attempt to deliver a message, or of notices that were given
// up without any. It is plain data.
type Delivery struct {
	Receiver string
	Message  string   // ID; empty if there never was one
	Notices  []string // IDs of all that it stands for; none in a refresh
	Alerts   int      // listed in the message
	Refresh  bool     // it repeats what the receiver has been told, and is not tried again
	Attempt  int      // of this message by this process, from 1; 0 if there was none
	At       time.Time
	Took     time.Duration
	Outcome  alert.Outcome
	Status   int           // of HTTP; 0 without an answer
	Detail   string        // for people, without secrets
	Next     time.Duration // until it is tried again; 0 unless the outcome is alert.Later
	Disk     error         // why the outbox could not be written: a crash could now send it again or lose it
}
