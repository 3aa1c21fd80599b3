package control

import (
	"encoding/json"
	"time"
)

// Protocol is what both sides must speak.
const Protocol = "floodmark.control/v1"

// The limits of what one side takes from the other.
const (
	maxRequest     = 4 << 10 // bytes of a client's line
	maxLine        = 1 << 20 // bytes of a server's line
	maxWatchers    = 16
	maxConnections = 2 * maxWatchers // watchers included
	maxEvents      = 64              // that wait for one watcher
	maxReplies     = 16              // that wait for one client
)

// How long one side waits for the other.
const (
	greetingTime = 5 * time.Second  // for its first line
	idleTime     = time.Minute      // for the next request of a client that does not watch
	stuckTime    = 5 * time.Second  // for a watcher that does not read
	commandTime  = 10 * time.Second // for the run to take a command
	farewellTime = time.Second      // for everybody to read the rest when the run has ended
)

// watchCommand is the only command that the server knows itself.
const watchCommand = "watch"

// A Mode is what a connection may do.
type Mode string

// The modes.
const (
	ReadOnly Mode = "read-only"
	Steer    Mode = "steer"
)

// A Command is what somebody asks of a run.
type Command struct {
	Name string
	Args []string
}

// A Reply answers a command. Its zero value is a refusal without a reason.
type Reply struct {
	OK    bool   `json:"ok"`
	Text  string `json:"text,omitempty"`  // what was done
	Error string `json:"error,omitempty"` // why it was refused
	Hint  string `json:"hint,omitempty"`  // what to do about that
}

// refusal is the reply to what cannot be done.
func refusal(why, hint string) Reply { return Reply{Error: why, Hint: hint} }

// The types of a server's lines.
const (
	helloLine    = "hello"
	replyLine    = "reply"
	snapshotLine = "snapshot"
	eventLine    = "event"
	missedLine   = "missed"
	endLine      = "end"
)

// A hello is the server's first line.
type hello struct {
	Type     string `json:"type"`
	Protocol string `json:"protocol"`
	PID      int    `json:"pid"`
}

// A greeting is the client's first line.
type greeting struct {
	Protocol string `json:"protocol"`
	Mode     Mode   `json:"mode"`
}

// A request is each further line of the client.
type request struct {
	ID      int64    `json:"id"`
	Command string   `json:"command"`
	Args    []string `json:"args,omitempty"`
}

// A reply is a Reply with the request's ID. That of ID 0 is about the connection as a
// whole, which ends with it.
type reply struct {
	Type string `json:"type"`
	ID   int64  `json:"id,omitempty"`
	Reply
}

// A heard is any line of the server, as the client reads it.
type heard struct {
	Type     string          `json:"type"`
	Protocol string          `json:"protocol"`
	PID      int             `json:"pid"`
	ID       int64           `json:"id"`
	Snapshot json.RawMessage `json:"snapshot"`
	Event    json.RawMessage `json:"event"`
	Missed   int             `json:"missed"`
	Reply
}

// encode writes one of the messages above as a line.
func encode(message any) ([]byte, error) {
	line, err := json.Marshal(message)
	return append(line, '\n'), err
}
