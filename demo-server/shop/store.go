package shop

import (
	"context"
	"errors"
)

var (
	// ErrNotFound says that a store has nothing of that name or number.
	ErrNotFound = errors.New("not found")
	// ErrDenied says that a store does not accept the password or token.
	ErrDenied = errors.New("access denied")
)

// A Store keeps what the shop knows. Any number of goroutines call it at once; what it
// returns is the caller's. It fails with ErrNotFound, with ErrDenied, or with a reason
// of its own, which becomes an internal error of the shop.
type Store interface {
	// Products returns one page, counted from 1, of a category or, if empty, of all.
	Products(ctx context.Context, category string, page int) (Page, error)
	Product(ctx context.Context, id int) (Product, error)

	// Login returns a token for the user, who is found again by User.
	Login(ctx context.Context, user, password string) (token string, err error)
	User(ctx context.Context, token string) (user string, err error)

	// AddToCart puts a line into a user's cart, in place of an older one for the same
	// product, and returns the cart.
	AddToCart(ctx context.Context, user string, line Line) ([]Line, error)
	Cart(ctx context.Context, user string) ([]Line, error)

	// AddOrder keeps an order, gives it an id and returns it.
	AddOrder(ctx context.Context, user string, order Order) (Order, error)
	// Orders returns a user's last orders, newest first.
	Orders(ctx context.Context, user string) ([]Order, error)
}

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

// An Order is a line that was paid for.
type Order struct {
	ID int `json:"id"`
	Line
	TotalCents int `json:"total_cents"`
}
