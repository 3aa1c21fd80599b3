package outbox

import (
	"bytes"
	"fmt"

	"github.com/floodmark/floodmark/alert"
)

// An address is where a notice goes: its ID, and a receiver.
type address struct{ notice, receiver string }

// A history is what the lines of a file say, in order.
type history struct {
	run      alert.Run
	headed   bool
	items    []*Item
	at       map[address]*Item
	seen     map[string]*alert.Notice // by ID
	sendings []entry
	byID     map[string]entry // sendings
	ended    map[string]bool  // of the messages that are done, by ID
	known    map[string]map[string]bool
	problems []string
}

// replay reads a file. Lines that are damaged are problems, and the rest counts
// without them; what comes after the last whole line was never promised to anybody.
func replay(path string, data []byte) (*history, error) {
	h := &history{
		at: map[address]*Item{}, seen: map[string]*alert.Notice{},
		byID: map[string]entry{}, ended: map[string]bool{}, known: map[string]map[string]bool{},
	}
	n := 0
	for text := range bytes.Lines(data[:whole(data)]) {
		n++
		e, err := decode(text)
		if err != nil {
			h.problems = append(h.problems, fmt.Sprintf("%s:%d: %v", path, n, err))
			continue
		}
		if e.Type == headEntry && e.Schema != schema {
			return nil, fmt.Errorf("%s: written as %q, and this floodmark reads %q", path, e.Schema, schema)
		}
		h.apply(e)
	}
	if !h.headed && n > 0 {
		h.problems = append(h.problems, fmt.Sprintf("%s: no head: nothing is known about the run", path))
	}
	return h, nil
}

// apply follows one entry. Each may be there twice, as after a disk that took a line
// and failed to say so: the second changes nothing.
func (h *history) apply(e entry) {
	switch e.Type {
	case headEntry:
		if e.Run != nil && !h.headed {
			h.run, h.headed = *e.Run, true
		}
	case noticeEntry:
		h.add(e)
	case sendingEntry:
		h.send(e)
	case doneEntry:
		if sending, begun := h.byID[e.Message]; begun && !h.ended[e.Message] {
			h.ended[e.Message] = true
			h.end(sending.Notices, e, Sent)
			h.learn(sending)
		}
	case deadEntry:
		if e.Message != "" {
			e.Notices = h.byID[e.Message].Notices
		}
		h.end(e.Notices, e, Dead)
	case dropEntry:
		h.end(e.Notices, e, Dropped)
	}
}

// add makes an item for each receiver of a notice.
func (h *history) add(e entry) {
	if e.Notice == nil || h.seen[e.Notice.ID] != nil {
		return
	}
	h.seen[e.Notice.ID] = e.Notice
	for _, name := range receivers(e.Notice) {
		it := &Item{Receiver: name, Notice: e.Notice, State: Pending, At: e.At}
		h.items = append(h.items, it)
		h.at[address{e.Notice.ID, name}] = it
	}
}

// send makes notices part of a message, and no longer of the one before.
func (h *history) send(e entry) {
	if _, twice := h.byID[e.Message]; twice {
		return
	}
	h.byID[e.Message] = e
	h.sendings = append(h.sendings, e)
	for _, id := range e.Notices {
		if it := h.at[address{id, e.Receiver}]; it != nil && it.State == Pending {
			it.Message = e.Message
		}
	}
}

// end settles items that are pending, and part of the message if there is one.
func (h *history) end(ids []string, e entry, state State) {
	for _, id := range ids {
		it := h.at[address{id, e.Receiver}]
		if it == nil || it.State != Pending || e.Message != "" && it.Message != e.Message {
			continue
		}
		it.State, it.At, it.Detail = state, e.At, e.Detail
	}
}

// learn remembers what a receiver has been told.
func (h *history) learn(sending entry) {
	known := h.known[sending.Receiver]
	if known == nil {
		known = map[string]bool{}
		h.known[sending.Receiver] = known
	}
	for _, a := range sending.Alerts {
		if n := h.seen[a.Notice]; n != nil {
			known[n.Key] = !n.Ended()
		}
	}
}

// letter returns a message that had begun and not ended, nil if there is none of it
// left: it has ended, or another message has taken notices from it.
func (h *history) letter(e entry) *Letter {
	l := &Letter{ID: e.Message, Receiver: e.Receiver, More: e.More}
	for _, id := range e.Notices {
		it := h.at[address{id, e.Receiver}]
		if it == nil {
			continue // its line is damaged
		}
		if it.State != Pending || it.Message != e.Message {
			return nil
		}
		l.Notices = append(l.Notices, it.Notice)
	}
	for _, a := range e.Alerts {
		if n := h.seen[a.Notice]; n != nil {
			l.Alerts = append(l.Alerts, alert.Told{Notice: *n, Changes: a.Changes, Coalesced: a.Coalesced})
		}
	}
	if len(l.Alerts) == 0 {
		return nil
	}
	return l
}

// queues returns what is still to be done, by receiver.
func (h *history) queues() map[string]*queue {
	queues := map[string]*queue{}
	of := func(receiver string) *queue {
		if queues[receiver] == nil {
			queues[receiver] = newQueue()
		}
		return queues[receiver]
	}
	for receiver, known := range h.known {
		for key, firing := range known {
			if firing {
				of(receiver).known[key] = true
			}
		}
	}
	stands := map[string]bool{}
	for _, e := range h.sendings {
		if l := h.letter(e); l != nil {
			q := of(e.Receiver)
			q.letters = append(q.letters, l)
			stands[e.Message] = true
		}
	}
	for _, it := range h.items {
		if it.State == Pending && !stands[it.Message] {
			it.Message = ""
			of(it.Receiver).add(it.Notice)
		}
	}
	return queues
}

// count returns how it stands.
func (h *history) count() Count {
	var c Count
	for _, it := range h.items {
		switch it.State {
		case Pending:
			c.Pending++
		case Sent:
			c.Sent++
		case Dead:
			c.Dead++
		case Dropped:
			c.Dropped++
		}
	}
	return c
}
