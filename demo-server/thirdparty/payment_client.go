package thirdparty

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

// A PaymentClient charges through a PaymentNode, once a call: who repeats a call does so
// with the same key. Any number of goroutines may use it at once.
type PaymentClient struct {
	BaseURL string       // such as http://127.0.0.1:9001
	HTTP    *http.Client // nil: http.DefaultClient. Its connections are its owner's to close
}

// Charge asks for a payment under an idempotency key. It returns ErrDeclined, ErrOutage
// for an answer of 500 and above, ErrKeyReused, or why there is no answer; in the last
// case the charge may have been made. The context's correlation ids go with it.
func (c PaymentClient) Charge(ctx context.Context, key string, charge Charge) (Receipt, error) {
	body, err := json.Marshal(charge)
	if err != nil {
		return Receipt{}, fmt.Errorf("payment: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.BaseURL, "/")+"/charge", bytes.NewReader(body))
	if err != nil {
		return Receipt{}, fmt.Errorf("payment: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(KeyHeader, key)
	correlation.From(ctx).Write(r.Header)
	var receipt Receipt
	if _, err := exchange(c.HTTP, r, &receipt); err != nil {
		return Receipt{}, fmt.Errorf("payment: %w", meaning(err, map[int]error{
			http.StatusPaymentRequired:     ErrDeclined,
			http.StatusUnprocessableEntity: ErrKeyReused,
			http.StatusInternalServerError: ErrOutage,
		}))
	}
	return receipt, nil
}
