package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// maxAnswer bounds what a client reads of an answer, in bytes.
const maxAnswer = 1 << 20

// A Client switches the faults of a running server through its admin API. It keeps no
// connection, and any number of goroutines may use it at once.
type Client struct {
	BaseURL string // of the admin API, such as http://127.0.0.1:8081
	Token   string // that it needs; empty: none. It is in no error
}

// String leaves the token out.
func (c Client) String() string { return "faults at " + c.BaseURL }

// GoString leaves it out, too.
func (c Client) GoString() string { return c.String() }

// Add switches a fault on, written as for ParseLine.
func (c Client) Add(ctx context.Context, fault string) (Active, error) {
	var active Active
	err := c.call(ctx, http.MethodPost, "/faults", order{Fault: fault}, &active)
	return active, err
}

// List returns the faults that are on.
func (c Client) List(ctx context.Context) ([]Active, error) {
	var list []Active
	err := c.call(ctx, http.MethodGet, "/faults", nil, &list)
	return list, err
}

// Remove switches one fault off.
func (c Client) Remove(ctx context.Context, id int) error {
	return c.call(ctx, http.MethodDelete, fmt.Sprintf("/faults/%d", id), nil, nil)
}

// Clear switches all faults off.
func (c Client) Clear(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "/faults", nil, nil)
}

// call makes one request, without retries: whoever switches a fault wants to know now.
func (c Client) call(ctx context.Context, method, path string, body, result any) error {
	base := c.BaseURL
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	client := resty.New().SetBaseURL(base).SetTimeout(5 * time.Second).
		SetCloseConnection(true).SetResponseBodyLimit(maxAnswer).SetLogger(silent{}).
		SetRedirectPolicy(resty.RedirectPolicyFunc(stay))
	if c.Token != "" {
		client.SetHeader("Authorization", "Bearer "+c.Token)
	}
	var refused refusal
	request := client.R().SetContext(ctx).SetError(&refused).SetResult(result)
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
	return nil
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

// silent keeps resty from writing to standard error what call returns as an error.
type silent struct{}

// Errorf drops the line.
func (silent) Errorf(string, ...any) {}

// Warnf drops the line.
func (silent) Warnf(string, ...any) {}

// Debugf drops the line.
func (silent) Debugf(string, ...any) {}
