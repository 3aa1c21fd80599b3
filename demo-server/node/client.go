package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/observe"
)

// A Client is how a host's owner talks to it. Any number of goroutines may use it at once.
type Client struct {
	BaseURL string       // of the host's admin API
	Token   string       // of it; a secret
	HTTP    *http.Client // nil: http.DefaultClient. Its connections are its owner's to close
}

// Stats asks how the host is.
func (c Client) Stats(ctx context.Context) (Stats, error) {
	var stats Stats
	err := c.call(ctx, http.MethodGet, "/stats", nil, func(r io.Reader) error { return json.NewDecoder(r).Decode(&stats) })
	return stats, err
}

// Metrics asks for the host's metrics.
func (c Client) Metrics(ctx context.Context) (families []*dto.MetricFamily, err error) {
	err = c.call(ctx, http.MethodGet, "/metrics", nil, func(r io.Reader) error {
		families, err = observe.ReadPage(r)
		return err
	})
	return families, err
}

// SetFaults makes the faults those that are on.
func (c Client) SetFaults(ctx context.Context, on []Fault) error {
	return c.call(ctx, http.MethodPut, "/faults", on, nil)
}

// SetPeers tells the host where nodes of other hosts are. A balancer among its nodes has
// let go of those that are not there any more when it returns.
func (c Client) SetPeers(ctx context.Context, peers map[string][]Peer) error {
	return c.call(ctx, http.MethodPut, "/peers", peers, nil)
}

// SetWeights changes how much the backends of a balancer get.
func (c Client) SetWeights(ctx context.Context, weights map[string]int) error {
	return c.call(ctx, http.MethodPut, "/weights", weights, nil)
}

// Purge lets edges forget a path, or all that begin like one that ends with a star. It
// returns how many resources that were.
func (c Client) Purge(ctx context.Context, path string) (int, error) {
	var answer struct{ Purged int }
	err := c.call(ctx, http.MethodPost, "/purge", map[string]string{"path": path}, func(r io.Reader) error {
		return json.NewDecoder(r).Decode(&answer)
	})
	return answer.Purged, err
}

// call makes one request; read gets the body of an answer that is none of an error.
func (c Client) call(ctx context.Context, method, path string, body any, read func(io.Reader) error) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.BaseURL+path, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if response.StatusCode >= http.StatusBadRequest {
		var refused refusal
		if json.NewDecoder(io.LimitReader(response.Body, maxOrder)).Decode(&refused) == nil && refused.Error != "" {
			return errors.New(refused.Error)
		}
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	if read == nil {
		return nil
	}
	return read(response.Body)
}
