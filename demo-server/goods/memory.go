package goods

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The stock and the customers of a memory store.
const (
	products = 500
	pageSize = 10
	users    = 1000

	cartLines  = 50  // a fuller cart drops its oldest line
	userOrders = 100 // a longer history drops its oldest order
	newest     = 20  // orders are shown at once

	guests = 10_000 // users that others vouch for; one more drops the oldest
)

// Credentials that every memory store accepts. DemoToken belongs to DemoUser from the
// start, so that a load profile can order without logging in first. The password is
// that of all users: DemoUser and user1 to user1000.
const (
	DemoUser     = "demo"
	DemoPassword = "demo"
	DemoToken    = "demo-token"
)

// Memory is a Store that lives as long as the process. However long it is used it stays
// bounded: the users that it knows itself are fixed, those that it is told of by name are
// as many as guests, and so are the lines and orders kept of each.
type Memory struct {
	categories map[string][]int // ids of products; never changed
	everything []int

	shelf  sync.RWMutex
	prices []Product // by id, from 1

	mu        sync.Mutex
	accounts  map[string]*account // by user
	guests    []string            // users without a token, the oldest first
	byToken   map[string]string   // users
	lastOrder int
}

// An account is what one user has.
type account struct {
	token  string
	cart   []Line
	orders []entry // oldest first
}

// An entry is an order and the key it came under.
type entry struct {
	key   string
	order Order
}

// NewMemory returns a store with 500 products on 50 pages, and nothing sold yet.
func NewMemory() *Memory {
	m := &Memory{
		categories: make(map[string][]int),
		accounts:   map[string]*account{DemoUser: {token: DemoToken}},
		byToken:    map[string]string{DemoToken: DemoUser},
	}
	names := []string{"books", "games", "garden", "kitchen", "music"}
	for id := 1; id <= products; id++ {
		category := names[id%len(names)]
		m.prices = append(m.prices, Product{
			ID:         id,
			Name:       fmt.Sprintf("%s no. %d", category, id),
			Category:   category,
			PriceCents: 499 + id*37%9000, // of no meaning, but not all the same
		})
		m.everything = append(m.everything, id)
		m.categories[category] = append(m.categories[category], id)
	}
	return m
}

// Products returns one page; one beyond the end is empty, as is an unknown category.
func (m *Memory) Products(_ context.Context, category string, page int) (Page, error) {
	list := m.everything
	if category != "" {
		list = m.categories[category]
	}
	pages := (len(list) + pageSize - 1) / pageSize
	found := Page{Items: []Product{}, Page: page, Pages: pages, Total: len(list)}
	if page < 1 || page > pages {
		return found, nil
	}
	from := (page - 1) * pageSize
	m.shelf.RLock()
	defer m.shelf.RUnlock()
	for _, id := range list[from:min(from+pageSize, len(list))] {
		found.Items = append(found.Items, m.prices[id-1])
	}
	return found, nil
}

// Product returns the product with the id.
func (m *Memory) Product(_ context.Context, id int) (Product, error) {
	if id < 1 || id > products {
		return Product{}, fmt.Errorf("product %d: %w", id, ErrNotFound)
	}
	m.shelf.RLock()
	defer m.shelf.RUnlock()
	return m.prices[id-1], nil
}

// SetPrice changes the price of a product.
func (m *Memory) SetPrice(_ context.Context, id, cents int) error {
	if id < 1 || id > products {
		return fmt.Errorf("product %d: %w", id, ErrNotFound)
	}
	if cents < 1 || cents > MaxPrice {
		return fmt.Errorf("product %d: the price is %d cents, want 1 to %d", id, cents, MaxPrice)
	}
	m.shelf.Lock()
	defer m.shelf.Unlock()
	m.prices[id-1].PriceCents = cents
	return nil
}

// Login returns the user's token, the same one each time.
func (m *Memory) Login(_ context.Context, user, password string) (string, error) {
	if password != DemoPassword || !known(user) {
		return "", fmt.Errorf("%w: user or password is wrong", ErrDenied)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.account(user)
	if a.token == "" {
		a.token = rand.Text()
		m.byToken[a.token] = user
	}
	return a.token, nil
}

// known reports whether there is such a user.
func known(user string) bool {
	if user == DemoUser {
		return true
	}
	number, ok := strings.CutPrefix(user, "user")
	n, err := strconv.Atoi(number)
	return ok && err == nil && n >= 1 && n <= users && strconv.Itoa(n) == number
}

// User returns whose token it is.
func (m *Memory) User(_ context.Context, token string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	user, ok := m.byToken[token]
	if !ok {
		return "", fmt.Errorf("%w: the token is unknown", ErrDenied)
	}
	return user, nil
}

// AddToCart puts the line at the end of the user's cart.
func (m *Memory) AddToCart(_ context.Context, user string, line Line) ([]Line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.account(user)
	a.cart = Put(a.cart, line)
	return slices.Clone(a.cart), nil
}

// Put returns a cart with a line at its end, in place of an older one for the same
// product. A cart that is full loses its oldest line. It changes the cart in place.
func Put(cart []Line, line Line) []Line {
	cart = slices.DeleteFunc(cart, func(l Line) bool { return l.Product == line.Product })
	return keep(append(cart, line), cartLines)
}

// Cart returns the user's cart, oldest line first.
func (m *Memory) Cart(_ context.Context, user string) ([]Line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Line{}, m.account(user).cart...), nil
}

// AddOrder keeps the order. A key is remembered as long as its order is.
func (m *Memory) AddOrder(_ context.Context, user string, order Order, key string) (Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.account(user)
	if i := slices.IndexFunc(a.orders, func(e entry) bool { return key != "" && e.key == key }); i >= 0 {
		return a.orders[i].order, nil
	}
	m.lastOrder++
	order.ID = m.lastOrder
	a.orders = keep(append(a.orders, entry{key, order}), userOrders)
	return order, nil
}

// SettleOrder changes the payment of an order that is still known.
func (m *Memory) SettleOrder(_ context.Context, user string, id int, payment string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.accounts[user]; ok {
		if i := slices.IndexFunc(a.orders, func(e entry) bool { return e.order.ID == id }); i >= 0 {
			a.orders[i].order.Payment = payment
			return nil
		}
	}
	return fmt.Errorf("order %d: %w", id, ErrNotFound)
}

// Orders returns the user's twenty newest orders.
func (m *Memory) Orders(_ context.Context, user string) ([]Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.account(user).orders
	last := []Order{}
	for _, e := range slices.Backward(all[max(0, len(all)-newest):]) {
		last = append(last, e.order)
	}
	return last, nil
}

// account returns the user's account, a new one the first time. The caller holds mu.
func (m *Memory) account(user string) *account {
	if a, ok := m.accounts[user]; ok {
		return a
	}
	a := new(account)
	m.accounts[user] = a
	if known(user) {
		return a
	}
	m.guests = append(m.guests, user)
	if len(m.guests) > guests {
		delete(m.accounts, m.guests[0])
		m.guests = slices.Delete(m.guests, 0, 1)
	}
	return a
}

// keep returns the last n of a list, in place.
func keep[T any](list []T, n int) []T {
	return slices.Delete(list, 0, max(0, len(list)-n))
}
