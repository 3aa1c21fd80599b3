package faults

import (
	"context"
	"fmt"
	"net/http"

	"github.com/floodmark/floodmark/demo-server/admin"
)

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

// call makes one request.
func (c Client) call(ctx context.Context, method, path string, body, result any) error {
	return admin.Client{BaseURL: c.BaseURL, Token: c.Token}.Call(ctx, method, path, body, result)
}
