package database

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/goods"
)

// bearer starts the header that carries a token.
const bearer = "Bearer "

// A Client asks a Node for one replica, and is its goods.Store. Any number of goroutines
// may use it at once; the exported fields are set before the first use.
//
// A node that is full, or cannot be reached, and a pool without a free connection are
// goods.ErrUnavailable. When a write ends in an error of the network or of the context,
// nobody knows whether it was made.
type Client struct {
	// BaseURL returns where the node is now, such as http://127.0.0.1:9001.
	BaseURL func() string
	// HTTP carries the calls; nil: http.DefaultTransport. It is a transport rather than a
	// client, since a database sends nobody elsewhere. Its connections are its owner's to
	// close; for each place in the pool it should keep one.
	HTTP    http.RoundTripper
	Timeout time.Duration // of a call, waiting for a connection left out; 0: the caller's context alone
	Pool    Pool
}

var _ goods.Store = (*Client)(nil)

// Products returns one page of products.
func (c *Client) Products(ctx context.Context, category string, page int) (goods.Page, error) {
	path := "/products?page=" + strconv.Itoa(page)
	if category != "" {
		path += "&category=" + url.QueryEscape(category)
	}
	var found goods.Page
	err := c.call(ctx, request{method: http.MethodGet, path: path}, &found)
	return found, err
}

// Product returns the product with the id.
func (c *Client) Product(ctx context.Context, id int) (goods.Product, error) {
	var found goods.Product
	err := c.call(ctx, request{method: http.MethodGet, path: "/products/" + strconv.Itoa(id)}, &found)
	return found, err
}

// SetPrice changes the price of a product.
func (c *Client) SetPrice(ctx context.Context, id, cents int) error {
	return c.call(ctx, request{method: http.MethodPut, path: "/products/" + strconv.Itoa(id) + "/price", body: price{cents}}, nil)
}

// Login returns the user's token.
func (c *Client) Login(ctx context.Context, user, password string) (string, error) {
	var found token
	err := c.call(ctx, request{method: http.MethodPost, path: "/login", body: credentials{user, password}}, &found)
	return found.Token, err
}

// User returns whose token it is.
func (c *Client) User(ctx context.Context, token string) (string, error) {
	var found name
	err := c.call(ctx, request{method: http.MethodGet, path: "/user", token: token}, &found)
	return found.User, err
}

// AddToCart puts a line into the user's cart.
func (c *Client) AddToCart(ctx context.Context, user string, line goods.Line) ([]goods.Line, error) {
	var found lines
	err := c.call(ctx, request{method: http.MethodPost, path: "/carts/" + url.PathEscape(user), body: line}, &found)
	return found.Items, err
}

// Cart returns the user's cart.
func (c *Client) Cart(ctx context.Context, user string) ([]goods.Line, error) {
	var found lines
	err := c.call(ctx, request{method: http.MethodGet, path: "/carts/" + url.PathEscape(user)}, &found)
	return found.Items, err
}

// AddOrder keeps the order.
func (c *Client) AddOrder(ctx context.Context, user string, order goods.Order, key string) (goods.Order, error) {
	var kept goods.Order
	err := c.call(ctx, request{method: http.MethodPost, path: "/orders/" + url.PathEscape(user), key: key, body: order}, &kept)
	return kept, err
}

// SettleOrder says what became of an order's payment.
func (c *Client) SettleOrder(ctx context.Context, user string, id int, became string) error {
	path := "/orders/" + url.PathEscape(user) + "/" + strconv.Itoa(id) + "/payment"
	return c.call(ctx, request{method: http.MethodPut, path: path, body: payment{became}}, nil)
}

// Orders returns the user's newest orders.
func (c *Client) Orders(ctx context.Context, user string) ([]goods.Order, error) {
	var found orders
	err := c.call(ctx, request{method: http.MethodGet, path: "/orders/" + url.PathEscape(user)}, &found)
	return found.Items, err
}

// Read makes the node work as for a read, of nothing.
func (c *Client) Read(ctx context.Context, key string) error {
	return c.call(ctx, request{method: http.MethodGet, path: "/rows/" + url.PathEscape(key)}, nil)
}

// Write makes the node work as for a write, of nothing.
func (c *Client) Write(ctx context.Context, key string) error {
	return c.call(ctx, request{method: http.MethodPut, path: "/rows/" + url.PathEscape(key)}, nil)
}

// A request is one call.
type request struct {
	method, path string
	token, key   string // empty: none
	body         any    // nil: none
}

// call makes a request and reads the answer into result, if that is not nil.
func (c *Client) call(ctx context.Context, ask request, result any) error {
	if err := c.Pool.take(ctx); err != nil {
		return err
	}
	defer c.Pool.release()
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Timeout)
		defer cancel()
	}
	r, err := c.request(ctx, ask)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	transport := c.HTTP
	if transport == nil {
		transport = http.DefaultTransport
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		return c.lost(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return c.lost(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		return meaning(response.StatusCode, body)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(body, result); err != nil {
		return fmt.Errorf("database: an answer that cannot be read: %w", err)
	}
	return nil
}

// request makes the HTTP request.
func (c *Client) request(ctx context.Context, ask request) (*http.Request, error) {
	var body io.Reader
	if ask.body != nil {
		text, err := json.Marshal(ask.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, ask.method, c.BaseURL()+ask.path, body)
	if err != nil {
		return nil, err
	}
	if ask.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if ask.token != "" {
		r.Header.Set("Authorization", bearer+ask.token)
	}
	if ask.key != "" {
		r.Header.Set(keyHeader, ask.key)
	}
	correlation.From(ctx).Write(r.Header)
	return r, nil
}

// lost is the error of a call without an answer.
func (c *Client) lost(ctx context.Context, err error) error {
	switch reason := ctx.Err(); {
	case errors.Is(reason, context.DeadlineExceeded):
		return fmt.Errorf("database: no answer in time: %w", reason)
	case reason != nil:
		return reason
	}
	return fmt.Errorf("database: %w: %w", goods.ErrUnavailable, err)
}

// meaning makes the error again that an answer tells of.
func meaning(status int, body []byte) error {
	var r refusal
	if json.Unmarshal(body, &r) != nil || r.Error == "" {
		r.Error = http.StatusText(status)
	}
	switch status {
	case http.StatusNotFound:
		return fmt.Errorf("%s: %w", r.Error, goods.ErrNotFound)
	case http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", goods.ErrDenied, r.Error)
	case http.StatusServiceUnavailable:
		return fmt.Errorf("database: %w: %s", goods.ErrUnavailable, r.Error)
	}
	return fmt.Errorf("database: %d %s", status, r.Error)
}
