package shop

import (
	"fmt"
	"net/http"
	"strings"
)

// maxQuantity is the most of one product in a line.
const maxQuantity = 100

// errNoToken is the answer to a request that does not say whose it is.
var errNoToken = fmt.Errorf("%w: want the header Authorization: Bearer, and the token that POST /api/login gives", ErrDenied)

// A customer handles a request of a user who is logged in.
type customer func(w http.ResponseWriter, r *http.Request, user string) error

// A basket is the body of an answer about a cart.
type basket struct {
	Items []Line `json:"items"`
}

// A history is the body of an answer about orders.
type history struct {
	Items []Order `json:"items"`
}

// login answers POST /api/login.
func (s *Shop) login(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		User     string `json:"user"`
		Password string `json:"password"`
	}
	if err := read(w, r, &body); err != nil {
		return err
	}
	token, err := s.Store.Login(r.Context(), body.User, body.Password)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]string{"token": token})
}

// authorised finds the user by the bearer token of the request.
func (s *Shop) authorised(next customer) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			w.Header().Set("WWW-Authenticate", "Bearer")
			return errNoToken
		}
		user, err := s.Store.User(r.Context(), token)
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			return err
		}
		return next(w, r, user)
	}
}

// showCart answers GET /api/cart.
func (s *Shop) showCart(w http.ResponseWriter, r *http.Request, user string) error {
	cart, err := s.Store.Cart(r.Context(), user)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, basket{cart})
}

// addToCart answers POST /api/cart.
func (s *Shop) addToCart(w http.ResponseWriter, r *http.Request, user string) error {
	line, _, err := s.line(w, r)
	if err != nil {
		return err
	}
	cart, err := s.Store.AddToCart(r.Context(), user, line)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, basket{cart})
}

// listOrders answers GET /api/orders.
func (s *Shop) listOrders(w http.ResponseWriter, r *http.Request, user string) error {
	orders, err := s.Store.Orders(r.Context(), user)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, history{orders})
}

// order answers POST /api/orders. Only what is paid for is kept.
func (s *Shop) order(w http.ResponseWriter, r *http.Request, user string) error {
	line, product, err := s.line(w, r)
	if err != nil {
		return err
	}
	if err := s.Payment.Charge(r.Context()); err != nil {
		return err
	}
	order := Order{Line: line, TotalCents: line.Quantity * product.PriceCents}
	order, err = s.Store.AddOrder(r.Context(), user, order)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, order)
}

// line reads the product and quantity of a request; no quantity is one.
func (s *Shop) line(w http.ResponseWriter, r *http.Request) (Line, Product, error) {
	line := Line{Quantity: 1}
	if err := read(w, r, &line); err != nil {
		return Line{}, Product{}, err
	}
	if line.Quantity < 1 || line.Quantity > maxQuantity {
		return Line{}, Product{}, invalid(fmt.Sprintf("quantity: want 1 to %d, got %d", maxQuantity, line.Quantity))
	}
	product, err := s.Store.Product(r.Context(), line.Product)
	return line, product, err
}
