package thirdparty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

// KeyHeader carries what makes repeating a charge safe: the same key, the same charge.
const KeyHeader = "Idempotency-Key"

// replayedHeader marks an answer that was given before.
const replayedHeader = "Idempotency-Replayed"

const (
	maxKey       = 255
	maxReference = 200
	maxCents     = 100_000_000
	maxRemember  = 1_000_000

	defaultRemember = 100_000
)

// A PaymentConfig says what stands behind a PaymentNode.
type PaymentConfig struct {
	Payment *Payment // says how a charge goes; needed

	Capture  time.Duration // the money is taken so long after the approval; 0: with it
	Webhook  string        // URL that is told of each capture; empty: nobody is
	Remember int           // charges and their keys, the newest; 0: 100,000

	// Log gets a line for each webhook given up; nil discards.
	Log *slog.Logger
}

// Validate names all that is wrong with the configuration.
func (c PaymentConfig) Validate() error {
	var faults []error
	if c.Payment == nil {
		faults = append(faults, errors.New("payment node: there is no payment provider behind it"))
	}
	if c.Capture < 0 {
		faults = append(faults, fmt.Errorf("payment node: the capture is after %v, want 0s or more", c.Capture))
	}
	if c.Remember < 0 || c.Remember > maxRemember {
		faults = append(faults, fmt.Errorf("payment node: it remembers %d charges, want 0 to %d", c.Remember, maxRemember))
	}
	if u, err := url.Parse(c.Webhook); c.Webhook != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		faults = append(faults, fmt.Errorf("payment node: the webhook %q is not an http or https URL", c.Webhook))
	}
	return errors.Join(faults...)
}

// A PaymentNode is a payment provider behind HTTP:
//
//	POST /charge        {"amount_cents": 1999, "reference": "order 17"}, with an Idempotency-Key
//	GET  /charges/{id}  how a charge stands now
//	GET  /healthz
//
// A charge that has begun ends, whether or not its client still waits, as real money
// does. Who then repeats the request with the same key gets the answer that was missed.
// Only a charge that came to nothing, by an outage, may be tried again under its key.
//
// It is made by NewPaymentNode and ended by Close.
type PaymentNode struct {
	config PaymentConfig
	ledger *ledger
	till   *till

	base    context.Context // of charges, which outlive their requests
	end     context.CancelFunc
	mu      sync.Mutex // guards what follows
	closed  bool
	charges sync.WaitGroup
	stats   PaymentStats
}

// NewPaymentNode returns a node that is ready to serve.
func NewPaymentNode(config PaymentConfig) (*PaymentNode, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.Remember == 0 {
		config.Remember = defaultRemember
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	n := &PaymentNode{config: config, ledger: newLedger(config.Remember)}
	n.base, n.end = context.WithCancel(context.Background())
	n.till = openTill(n.base, n.ledger, config)
	return n, nil
}

// Close ends charges under way, which come to nothing, and captures and webhooks that
// have not begun. When it returns nothing of the node is left; further charges are
// answered 503. Closing again does no harm.
func (n *PaymentNode) Close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.end()
	n.charges.Wait()
	n.till.close()
	return nil
}

// Handler returns the node's HTTP API. A webhook carries the ids of its charge's context.
func (n *PaymentNode) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /charge", n.counted(n.charge))
	mux.HandleFunc("GET /charges/{id}", n.counted(n.show))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("/", n.counted(func(w http.ResponseWriter, r *http.Request) *uint64 {
		answer(w, http.StatusNotFound, refusal{"want POST /charge or GET /charges/{id}"})
		return &n.stats.Invalid
	}))
	return mux
}

// counted counts a request in the counter that its handler names.
func (n *PaymentNode) counted(handle func(http.ResponseWriter, *http.Request) *uint64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		n.stats.InFlight++
		n.mu.Unlock()
		counter := &n.stats.Gone
		defer func() {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.stats.InFlight--
			*counter++
		}()
		counter = handle(w, r)
	}
}

// charge answers POST /charge.
func (n *PaymentNode) charge(w http.ResponseWriter, r *http.Request) *uint64 {
	asked, err := readCharge(w, r)
	if err != nil {
		answer(w, http.StatusBadRequest, refusal{err.Error()})
		return &n.stats.Invalid
	}
	e, fresh, err := n.ledger.claim(asked.key, asked.body)
	if err != nil {
		answer(w, http.StatusUnprocessableEntity, refusal{err.Error()})
		return &n.stats.Conflicts
	}
	if fresh {
		n.begin(e, asked.charge, correlation.From(r.Context()))
	} else {
		w.Header().Set(replayedHeader, strconv.FormatBool(true))
	}
	select {
	case <-e.done:
	case <-r.Context().Done():
		return &n.stats.Gone
	}
	return n.tell(w, e, fresh)
}

// tell answers with what came of a charge.
func (n *PaymentNode) tell(w http.ResponseWriter, e *entry, fresh bool) *uint64 {
	counter, status := &n.stats.Approved, http.StatusCreated
	switch {
	case errors.Is(e.outcome, ErrDeclined):
		counter, status = &n.stats.Declined, http.StatusPaymentRequired
	case e.outcome != nil:
		w.Header().Del(replayedHeader)
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusServiceUnavailable, refusal{ErrOutage.Error()})
		return &n.stats.Outages
	}
	if !fresh {
		counter = &n.stats.Replayed
	}
	if status == http.StatusPaymentRequired {
		answer(w, status, refused{ErrDeclined.Error(), e.receipt})
		return counter
	}
	answer(w, status, e.receipt)
	return counter
}

// refused is the body of the answer to a charge that was declined.
type refused struct {
	Error string `json:"error"`
	Receipt
}

// begin starts a charge that goes on when its client has gone.
func (n *PaymentNode) begin(e *entry, c Charge, ids correlation.IDs) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		n.ledger.settle(e, c, "", ErrOutage)
		return
	}
	n.charges.Go(func() { n.settle(e, c, ids) })
}

// settle makes the charge.
func (n *PaymentNode) settle(e *entry, c Charge, ids correlation.IDs) {
	err := n.config.Payment.Charge(n.base)
	switch {
	case errors.Is(err, ErrDeclined):
		n.ledger.settle(e, c, Declined, err)
	case err != nil:
		n.ledger.settle(e, c, "", err)
	default:
		n.mu.Lock()
		n.stats.Charges++
		n.stats.ChargedCents += uint64(c.AmountCents)
		n.mu.Unlock()
		status := Captured
		if n.config.Capture > 0 {
			status = Pending
		}
		n.till.take(n.ledger.settle(e, c, status, nil), ids)
	}
}

// show answers GET /charges/{id}.
func (n *PaymentNode) show(w http.ResponseWriter, r *http.Request) *uint64 {
	receipt, known := n.ledger.find(r.PathValue("id"))
	if !known {
		answer(w, http.StatusNotFound, refusal{"no charge has this id, or it is too long ago"})
		return &n.stats.Invalid
	}
	answer(w, http.StatusOK, receipt)
	return &n.stats.Lookups
}

// An asked is a request for a charge.
type asked struct {
	key    string
	body   []byte // as it came, for comparison
	charge Charge
}

// readCharge reads and checks a request for a charge.
func readCharge(w http.ResponseWriter, r *http.Request) (a asked, err error) {
	a.key = r.Header.Get(KeyHeader)
	if a.key == "" || len(a.key) > maxKey || strings.ContainsFunc(a.key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return a, fmt.Errorf("want the header %s, of 1 to %d printable ASCII characters", KeyHeader, maxKey)
	}
	if a.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		return a, fmt.Errorf("body: %w", err)
	}
	c := &a.charge
	if json.Unmarshal(a.body, c) != nil {
		return a, errors.New(`body: want JSON such as {"amount_cents": 1999, "reference": "order 17"}`)
	}
	if c.AmountCents < 1 || c.AmountCents > maxCents {
		return a, fmt.Errorf("amount_cents: want 1 to %d, got %d", maxCents, c.AmountCents)
	}
	if len(c.Reference) > maxReference {
		return a, fmt.Errorf("reference: want at most %d bytes, got %d", maxReference, len(c.Reference))
	}
	return a, nil
}
