package faults

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// maxOrder bounds the body of a request to the admin API, in bytes.
const maxOrder = 4096

// An order is the body of POST /faults.
type order struct {
	Fault string `json:"fault"`
}

// A refusal is the body of every answer that is an error.
type refusal struct {
	Error string `json:"error"`
}

// A Board is where faults are switched: a Set, or whoever knows many of them. Any number of
// goroutines use it at once.
type Board interface {
	// Add switches a fault on, or says what is wrong with it.
	Add(spec Spec) (Active, error)
	// Remove switches one fault off and reports whether it was on.
	Remove(id int) bool
	// Clear switches all faults off and returns how many there were.
	Clear() int
	// List returns the faults that are on, oldest first.
	List() []Active
}

// Admin returns the HTTP API of a board, meant for a port of its own, so that it answers
// while the server misbehaves:
//
//	GET    /faults       the faults that are on
//	POST   /faults       {"fault": "errors=20% for=20s"} switches one on
//	DELETE /faults       switches all off
//	DELETE /faults/{id}  switches one off
//	GET    /stats        whatever stats returns, as JSON
//
// Pages of other origins are refused, or any web page could break the server of whoever
// looks at it.
func Admin(board Board, stats func() any) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, board.List())
	})
	mux.HandleFunc("POST /faults", post(board))
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]int{"removed": board.Clear()})
	})
	mux.HandleFunc("DELETE /faults/{id}", remove(board))
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, stats())
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// post switches a fault on.
func post(board Board) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var o order
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&o); err != nil {
			answer(w, http.StatusBadRequest, refusal{`want a body such as {"fault": "errors=20% for=20s"}: ` + err.Error()})
			return
		}
		spec, err := ParseLine(o.Fault)
		if err != nil {
			answer(w, http.StatusBadRequest, refusal{err.Error()})
			return
		}
		active, err := board.Add(spec)
		if err != nil {
			answer(w, http.StatusBadRequest, refusal{err.Error()})
			return
		}
		answer(w, http.StatusCreated, active)
	}
}

// remove switches one fault off.
func remove(board Board) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil || !board.Remove(id) {
			answer(w, http.StatusNotFound, refusal{"no fault has the id " + strconv.Quote(r.PathValue("id"))})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone is told nothing
}
