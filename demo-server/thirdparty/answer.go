package thirdparty

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody bounds what is read of a request or an answer, in bytes.
const maxBody = 64 << 10

// A refusal is the body of every answer that is an error.
type refusal struct {
	Error string `json:"error"`
}

// answer writes a JSON body; a client that is gone is told nothing.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// exchange makes a request, and reads a JSON answer of the status that is good into
// result. Of another status it returns the number and what the answer says.
func exchange(client *http.Client, r *http.Request, result any) (header http.Header, err error) {
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // it was read as far as it is wanted
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return response.Header, err
	}
	if response.StatusCode/100 != 2 {
		return response.Header, &statusError{response.StatusCode, said(body)}
	}
	if err := json.Unmarshal(body, result); err != nil {
		return response.Header, fmt.Errorf("an answer that cannot be read: %w", err)
	}
	return response.Header, nil
}

// said returns the error in the body of an answer.
func said(body []byte) string {
	var r refusal
	if json.Unmarshal(body, &r) == nil && r.Error != "" {
		return r.Error
	}
	return strings.ToValidUTF8(string(body[:min(len(body), 200)]), "")
}

// A statusError is an answer that is none.
type statusError struct {
	status int
	said   string
}

// Error returns the status and what was said with it.
func (e *statusError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, http.StatusText(e.status), e.said)
}

// meaning returns err with the sentinel for its status, if there is one; that for 500 is
// for all above, too.
func meaning(err error, sentinels map[int]error) error {
	status, ok := errors.AsType[*statusError](err)
	if !ok {
		return err
	}
	sentinel, known := sentinels[status.status]
	if !known && status.status >= http.StatusInternalServerError {
		sentinel, known = sentinels[http.StatusInternalServerError], true
	}
	if !known {
		return err
	}
	return fmt.Errorf("%w (%d)", sentinel, status.status)
}
