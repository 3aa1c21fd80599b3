// Package goods is what the shop sells, to whom, and where that is kept.
//
// It knows no HTTP and no machine: what a look at the goods costs, and how far away they
// are, is the business of whoever stands in front of them.
//
// The main type is [Store], which the shop asks. [Memory] keeps everything in the
// memory of the process that has it; package database puts one of these behind a network,
// for all replicas of the shop.
package goods

import (
	"context"
	"errors"
)

var (
	// ErrNotFound says that a store has nothing of that name or number.
	ErrNotFound = errors.New("not found")
	// ErrDenied says that a store does not accept the password or token.
	ErrDenied = errors.New("access denied")
	// ErrUnavailable says that a store cannot answer now, and may a little later.
	ErrUnavailable = errors.New("not available for now")
)

// A Store keeps what the shop knows. Any number of goroutines call it at once; what it
// returns is the caller's. It fails with ErrNotFound, ErrDenied or ErrUnavailable, with
// the context's error, or with a reason of its own.
type Store interface {
	Catalogue
	Customers
	Book
}

// A Catalogue knows what is for sale.
type Catalogue interface {
	// Products returns one page, counted from 1, of a category or, if empty, of all.
	Products(ctx context.Context, category string, page int) (Page, error)
	Product(ctx context.Context, id int) (Product, error)
	// SetPrice changes the price of a product, from 1 to MaxPrice.
	SetPrice(ctx context.Context, id, cents int) error
}

// Customers are those who may buy.
type Customers interface {
	// Login returns a token for the user, who is found again by User.
	Login(ctx context.Context, user, password string) (token string, err error)
	User(ctx context.Context, token string) (user string, err error)

	// AddToCart puts a line into a user's cart, in place of an older one for the same
	// product, and returns the cart.
	AddToCart(ctx context.Context, user string, line Line) ([]Line, error)
	Cart(ctx context.Context, user string) ([]Line, error)
}

// A Book keeps the orders.
type Book interface {
	// AddOrder keeps an order, gives it an id and returns it. Under a key that is not
	// empty a user has one order only: who adds another gets the first one back.
	AddOrder(ctx context.Context, user string, order Order, key string) (Order, error)
	// SettleOrder says what became of the payment of an order.
	SettleOrder(ctx context.Context, user string, id int, payment string) error
	// Orders returns a user's last orders, newest first.
	Orders(ctx context.Context, user string) ([]Order, error)
}

// MaxPrice is the highest price, in cents.
const MaxPrice = 1_000_000

// A Product is one thing for sale.
type Product struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	Category   string `json:"category"`
	PriceCents int    `json:"price_cents"`
}

// A Page is a part of a list of products.
type Page struct {
	Items []Product `json:"items"`
	Page  int       `json:"page"`  // counted from 1
	Pages int       `json:"pages"` // how many there are
	Total int       `json:"total"` // products on all pages
}

// A Line is a quantity of one product.
type Line struct {
	Product  int `json:"product"`
	Quantity int `json:"quantity"`
}

// An Order is a line that was paid for, or is to be.
type Order struct {
	ID int `json:"id"`
	Line
	TotalCents int    `json:"total_cents"`
	Payment    string `json:"payment,omitempty"` // empty: it was paid for when it was ordered
}

// What becomes of the payment of an order that was accepted before it was paid for.
const (
	Queued   = "queued" // it will be asked for
	Paid     = "paid"
	Declined = "declined"
)
