package shop

import (
	"context"
	"errors"

	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

// A Cashier takes the money, once for each key however often it is asked. It fails with
// thirdparty.ErrDeclined, thirdparty.ErrOutage, thirdparty.ErrKeyReused, or for a reason
// of its own. Any number of goroutines may charge at once. thirdparty.PaymentClient is
// one.
type Cashier interface {
	Charge(ctx context.Context, key string, charge thirdparty.Charge) (thirdparty.Receipt, error)
}

// DirectPayment is a payment provider in the same process. It knows no keys: an order
// that is repeated under its key is the shop's alone to recognise.
type DirectPayment struct{ Provider *thirdparty.Payment }

// Charge asks the provider.
func (d DirectPayment) Charge(ctx context.Context, _ string, charge thirdparty.Charge) (thirdparty.Receipt, error) {
	if err := d.Provider.Charge(ctx); err != nil {
		return thirdparty.Receipt{}, err
	}
	return thirdparty.Receipt{Status: thirdparty.Captured, Charge: charge}, nil
}

// PaymentFailure reports whether an error of a Cashier says that the provider is in
// trouble, as guard.Config.IsFailure asks: one that declines works.
func PaymentFailure(err error) bool {
	return err != nil && !errors.Is(err, thirdparty.ErrDeclined) && !errors.Is(err, thirdparty.ErrKeyReused)
}
