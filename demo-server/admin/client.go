package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

const (
	maxAnswer  = 8 << 20          // bytes that a client reads of an answer
	answerTime = 15 * time.Second // draining included
)

// A Client asks the admin API of a backend. It keeps no connection, and any number of
// goroutines may use it at once.
type Client struct {
	BaseURL string // such as http://127.0.0.1:8081, or without the scheme
	Token   string // that the backend was started with; in no error; empty: none
}

// String leaves the token out.
func (c Client) String() string { return "admin API at " + c.BaseURL }

// GoString leaves it out, too.
func (c Client) GoString() string { return c.String() }

// Call makes one request, without retries: whoever changes something wants to know now.
// The body is sent as JSON unless it is nil, and the answer is read into result: JSON, or
// text into a *string; nil: it does not matter. The error is the API's own words, or says
// that nobody answers.
func (c Client) Call(ctx context.Context, method, path string, body, result any) error {
	base := c.BaseURL
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	client := resty.New().SetBaseURL(base).SetTimeout(answerTime).
		SetCloseConnection(true).SetResponseBodyLimit(maxAnswer).SetLogger(silent{}).
		SetRedirectPolicy(resty.RedirectPolicyFunc(stay))
	if c.Token != "" {
		client.SetHeader("Authorization", "Bearer "+c.Token)
	}
	var refused struct {
		Error string `json:"error"`
	}
	request := client.R().SetContext(ctx).SetError(&refused)
	text, plain := result.(*string)
	if !plain {
		request.SetResult(result)
	}
	if body != nil {
		request.SetBody(body)
	}
	response, err := request.Execute(method, path)
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("demo server at %s: %w", base, ctx.Err())
	case err != nil:
		return fmt.Errorf("no demo server answers at %s: %w (floodmark demo serve starts one)", base, rootCause(err))
	case response.IsError() && refused.Error != "":
		return errors.New(c.hide(refused.Error))
	case !response.IsSuccess():
		return fmt.Errorf("%s answered %s; is that the admin address of a demo server? (floodmark demo serve starts one)", base, response.Status())
	}
	if plain {
		*text = response.String()
	}
	return nil
}

// Get asks for something.
func (c Client) Get(ctx context.Context, path string, result any) error {
	return c.Call(ctx, http.MethodGet, path, nil, result)
}

// Post changes something.
func (c Client) Post(ctx context.Context, path string, body, result any) error {
	return c.Call(ctx, http.MethodPost, path, body, result)
}

// hide takes the token out of what a server says.
func (c Client) hide(text string) string {
	if c.Token == "" {
		return text
	}
	return strings.ReplaceAll(text, c.Token, "***")
}

// stay goes nowhere else: the token is for one server.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// rootCause drops the layers that repeat method and address.
func rootCause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// silent keeps resty from writing to standard error what Call returns as an error.
type silent struct{}

// Errorf drops the line.
func (silent) Errorf(string, ...any) {}

// Warnf drops the line.
func (silent) Warnf(string, ...any) {}

// Debugf drops the line.
func (silent) Debugf(string, ...any) {}
