package thirdparty

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

const (
	letters  = 1024 // webhooks that may wait; beyond it they are given up
	couriers = 4    // that send them
	attempts = 3    // for each

	webhookTimeout = 5 * time.Second        // of an attempt
	webhookBackoff = 200 * time.Millisecond // before the second attempt; doubled then
)

// A debt is money that is to be taken.
type debt struct {
	due     time.Time
	receipt Receipt
	ids     correlation.IDs // of the request that charged it
}

// A till takes the money, in the order of the approvals, and tells the webhook of it. It
// has a goroutine for the captures and, with a webhook, a few for these.
type till struct {
	ledger *ledger
	config PaymentConfig
	client *http.Client
	told   chan debt

	mu     sync.Mutex
	queue  []debt        // in the order of due, which all have the same delay
	filled chan struct{} // has a value when the queue is not empty any more
	taken  uint64
	sent   uint64
	lost   uint64
	work   sync.WaitGroup
}

// openTill starts a till that works until the context ends.
func openTill(ctx context.Context, l *ledger, config PaymentConfig) *till {
	t := &till{
		ledger: l, config: config, filled: make(chan struct{}, 1), told: make(chan debt, letters),
		client: &http.Client{Timeout: webhookTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: couriers}},
	}
	t.work.Go(func() { t.run(ctx) })
	if config.Webhook != "" {
		for range couriers {
			t.work.Go(func() { t.courier(ctx) })
		}
	}
	return t
}

// close waits for what ended with the context.
func (t *till) close() {
	t.work.Wait()
	t.client.CloseIdleConnections()
}

// take takes the money of a charge, now or later. When as much waits as the ledger may
// hold, it is taken early.
func (t *till) take(r Receipt, ids correlation.IDs) {
	c := debt{due: time.Now().Add(t.config.Capture), receipt: r, ids: ids}
	t.mu.Lock()
	later := r.Status == Pending && len(t.queue) < t.config.Remember
	if later {
		t.queue = append(t.queue, c)
	}
	t.mu.Unlock()
	if !later {
		t.capture(c)
		return
	}
	select {
	case t.filled <- struct{}{}:
	default:
	}
}

// run takes money when it is due.
func (t *till) run(ctx context.Context) {
	for {
		t.mu.Lock()
		empty := len(t.queue) == 0
		var next debt
		if !empty {
			next = t.queue[0]
		}
		t.mu.Unlock()
		if empty {
			select {
			case <-t.filled:
				continue
			case <-ctx.Done():
				return
			}
		}
		if wait(ctx, time.Until(next.due)) != nil {
			return
		}
		t.mu.Lock()
		t.queue[0] = debt{}
		t.queue = t.queue[1:]
		t.mu.Unlock()
		t.capture(next)
	}
}

// capture takes the money and passes the news on.
func (t *till) capture(c debt) {
	c.receipt = t.ledger.capture(c.receipt)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken++
	if t.config.Webhook == "" {
		return
	}
	select {
	case t.told <- c:
	default:
		t.lost++
	}
}

// courier sends webhooks.
func (t *till) courier(ctx context.Context) {
	for {
		select {
		case c := <-t.told:
			t.send(ctx, c)
		case <-ctx.Done():
			return
		}
	}
}

// send tells the webhook of one capture, again if need be: at least once, or given up.
func (t *till) send(ctx context.Context, c debt) {
	var err error
	for attempt := range attempts {
		if attempt > 0 && wait(ctx, webhookBackoff<<(attempt-1)) != nil {
			break
		}
		if err = t.post(ctx, c); err == nil {
			t.mu.Lock()
			t.sent++
			t.mu.Unlock()
			return
		}
	}
	t.mu.Lock()
	t.lost++
	t.mu.Unlock()
	t.config.Log.WarnContext(ctx, "webhook given up", "request_id", c.ids.Request, "charge", c.receipt.ID, "error", err)
}

// A news is the body of a webhook.
type news struct {
	Event  string  `json:"event"`
	Charge Receipt `json:"charge"`
}

// post makes one attempt.
func (t *till) post(ctx context.Context, c debt) error {
	body, err := json.Marshal(news{"charge.captured", c.receipt})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.config.Webhook, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	c.ids.Write(r.Header)
	response, err := t.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // its status is all there is to know
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %s", response.Status)
	}
	return nil
}

// wait waits for d or for the context's end.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
