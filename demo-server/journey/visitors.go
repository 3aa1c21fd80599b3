package journey

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"
)

// Visitors are people who log in, put something into their cart, and come back later. A
// profile has no memory of what a server answered, so they are played here. The zero value
// has nobody in it.
type visitors struct {
	mu   sync.Mutex
	all  []*visitor
	gone int

	transport *http.Transport
}

// A visitor is one of them, with a browser of its own.
type visitor struct {
	client *http.Client
	token  string
}

const (
	visitorsAtOnce = 8
	visitorTimeout = 3 * time.Second // of each of their requests
)

// arrive lets them all log in and fill their carts.
func (v *visitors) arrive(ctx context.Context, b Backend) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.transport = &http.Transport{MaxIdleConnsPerHost: visitorsAtOnce}
	v.all, v.gone = make([]*visitor, sessionsAtOnce), 0
	defer v.transport.CloseIdleConnections()
	return v.each(func(i int) error {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		v.all[i] = &visitor{client: &http.Client{Transport: v.transport, Jar: jar, Timeout: visitorTimeout}}
		return v.all[i].arrive(ctx, b.Door(), fmt.Sprintf("user%d", i+1))
	})
}

// look lets them all look for what they had put into their carts.
func (v *visitors) look(ctx context.Context, b Backend) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	defer v.transport.CloseIdleConnections()
	gone := make([]bool, len(v.all))
	err := v.each(func(i int) error {
		status, body, err := v.all[i].ask(ctx, http.MethodGet, b.Door()+"/api/cart", nil)
		gone[i] = status != http.StatusOK || !strings.Contains(string(body), `"product"`)
		return err
	})
	for _, is := range gone {
		if is {
			v.gone++
		}
	}
	return err
}

// each does something for all of them, a few at once.
func (v *visitors) each(do func(i int) error) error {
	faults := make([]error, len(v.all))
	var going sync.WaitGroup
	for first := range visitorsAtOnce {
		going.Go(func() {
			for i := first; i < len(v.all); i += visitorsAtOnce {
				faults[i] = do(i)
			}
		})
	}
	going.Wait()
	for _, err := range faults {
		if err != nil {
			return err // the others say the same, most of the time
		}
	}
	return nil
}

// lost returns the share of visitors whose cart was gone.
func (v *visitors) lost() float64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return float64(v.gone) / float64(max(len(v.all), 1))
}

// arrive logs in and puts a product into the cart.
func (v *visitor) arrive(ctx context.Context, door, user string) error {
	status, body, err := v.ask(ctx, http.MethodPost, door+"/api/login", map[string]any{"user": user, "password": "demo"})
	if err != nil {
		return err
	}
	if status >= http.StatusBadRequest {
		return fmt.Errorf("login answers %d", status)
	}
	var session struct {
		Token string `json:"token"`
	}
	if json.Unmarshal(body, &session) == nil {
		v.token = session.Token
	}
	status, _, err = v.ask(ctx, http.MethodPost, door+"/api/cart", map[string]any{"product": 7, "quantity": 1})
	if err == nil && status >= http.StatusBadRequest {
		err = fmt.Errorf("the cart answers %d", status)
	}
	return err
}

// ask sends a request as a browser would, and the token if there is one.
func (v *visitor) ask(ctx context.Context, method, url string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return 0, nil, err
	}
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if v.token != "" {
		request.Header.Set("Authorization", "Bearer "+v.token)
	}
	answer, err := v.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, text, err
}
