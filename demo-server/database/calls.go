package database

import (
	"net/http"
	"strings"

	"github.com/floodmark/floodmark/demo-server/goods"
)

func (n *Node) products(r *http.Request) (any, error) {
	query, page := r.URL.Query(), 1
	if text := query.Get("page"); text != "" {
		var err error
		if page, err = number("page", text); err != nil {
			return nil, err
		}
	}
	return n.config.Store.Products(r.Context(), query.Get("category"), page)
}

func (n *Node) product(r *http.Request) (any, error) {
	id, err := number("product", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return n.config.Store.Product(r.Context(), id)
}

func (n *Node) setPrice(r *http.Request) (any, error) {
	var body price
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	id, err := number("product", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if body.Cents < 1 || body.Cents > goods.MaxPrice {
		return nil, invalid("the price is out of range")
	}
	return body, n.config.Store.SetPrice(r.Context(), id, body.Cents)
}

func (n *Node) login(r *http.Request) (any, error) {
	var body credentials
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	text, err := n.config.Store.Login(r.Context(), body.User, body.Password)
	return token{text}, err
}

func (n *Node) user(r *http.Request) (any, error) {
	text, _ := strings.CutPrefix(r.Header.Get("Authorization"), bearer)
	user, err := n.config.Store.User(r.Context(), text)
	return name{user}, err
}

func (n *Node) cart(r *http.Request) (any, error) {
	cart, err := n.config.Store.Cart(r.Context(), r.PathValue("user"))
	return lines{cart}, err
}

func (n *Node) addToCart(r *http.Request) (any, error) {
	var body goods.Line
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	cart, err := n.config.Store.AddToCart(r.Context(), r.PathValue("user"), body)
	return lines{cart}, err
}

func (n *Node) orders(r *http.Request) (any, error) {
	list, err := n.config.Store.Orders(r.Context(), r.PathValue("user"))
	return orders{list}, err
}

func (n *Node) addOrder(r *http.Request) (any, error) {
	var body goods.Order
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	return n.config.Store.AddOrder(r.Context(), r.PathValue("user"), body, r.Header.Get(keyHeader))
}

func (n *Node) settleOrder(r *http.Request) (any, error) {
	var body payment
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	id, err := number("order", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return body, n.config.Store.SettleOrder(r.Context(), r.PathValue("user"), id, body.Payment)
}

// row answers a call that is work alone.
func (n *Node) row(r *http.Request) (any, error) { return row{r.PathValue("key")}, nil }

func (n *Node) unrouted(r *http.Request) (any, error) {
	return nil, routeError{r.Method, r.URL.Path}
}
