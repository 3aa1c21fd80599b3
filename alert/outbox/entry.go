package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// schema names the format. A reader of another one must not guess.
const schema = "floodmark.outbox/v1"

// The types of entries.
const (
	headEntry    = "head"
	noticeEntry  = "notice"
	sendingEntry = "sending" // a message is about to be tried for the first time
	doneEntry    = "done"
	deadEntry    = "dead"
	dropEntry    = "drop" // by the user
)

// An entry is one line of the file, without its checksum. Which fields it has depends
// on its type.
type entry struct {
	Type     string        `json:"type"`
	At       time.Time     `json:"at"`
	Schema   string        `json:"schema,omitempty"`
	Run      *alert.Run    `json:"run,omitempty"`
	Notice   *alert.Notice `json:"notice,omitempty"`
	Receiver string        `json:"receiver,omitempty"`
	Message  string        `json:"message,omitempty"` // ID
	Alerts   []listed      `json:"alerts,omitempty"`
	More     int           `json:"more,omitempty"`
	Notices  []string      `json:"notices,omitempty"` // IDs of all that the message stands for
	Outcome  alert.Outcome `json:"outcome,omitempty"`
	Status   int           `json:"status,omitempty"`
	Detail   string        `json:"detail,omitempty"` // for people: an answer, or a reason
}

// A listed is an alert.Told without the notice, which the file has already.
type listed struct {
	Notice    string `json:"notice"` // ID
	Changes   int    `json:"changes"`
	Coalesced bool   `json:"coalesced,omitempty"`
}

// A line is an entry with its checksum.
type line struct {
	Sum   string          `json:"crc32c"` // of the bytes of the entry as they stand here
	Entry json.RawMessage `json:"entry"`
}

// sum returns the checksum of an entry's bytes.
func sum(data []byte) uint32 { return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) }

// encode writes an entry as a line.
func encode(e entry) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"crc32c":"%08x","entry":%s}`+"\n", sum(data), data), nil
}

// errSum says that a line is not what was written.
var errSum = errors.New("wrong checksum")

// decode reads what encode wrote.
func decode(text []byte) (entry, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return entry{}, err
	}
	if want, err := strconv.ParseUint(l.Sum, 16, 32); err != nil || uint32(want) != sum(l.Entry) {
		return entry{}, errSum
	}
	var e entry
	if err := json.Unmarshal(l.Entry, &e); err != nil {
		return entry{}, err
	}
	return e, nil
}

// whole returns how many bytes of a file are whole lines: what follows was being
// written when the process ended.
func whole(data []byte) int { return bytes.LastIndexByte(data, '\n') + 1 }
