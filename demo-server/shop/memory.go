package shop

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
// bounded: the users are fixed, and so are the lines and orders kept of each.
type Memory struct {
	all        []Product            // by id, from 1; never changed
	categories map[string][]Product // never changed

	mu        sync.Mutex
	accounts  map[string]*account // by user
	byToken   map[string]string   // users
	lastOrder int
}

// An account is what one user has.
type account struct {
	token  string
	cart   []Line
	orders []Order // oldest first
}

// NewMemory returns a store with 500 products on 50 pages, and nothing sold yet.
func NewMemory() *Memory {
	m := &Memory{
		categories: make(map[string][]Product),
		accounts:   map[string]*account{DemoUser: {token: DemoToken}},
		byToken:    map[string]string{DemoToken: DemoUser},
	}
	names := []string{"books", "games", "garden", "kitchen", "music"}
	for id := 1; id <= products; id++ {
		category := names[id%len(names)]
		p := Product{
			ID:         id,
			Name:       fmt.Sprintf("%s no. %d", category, id),
			Category:   category,
			PriceCents: 499 + id*37%9000, // of no meaning, but not all the same
		}
		m.all = append(m.all, p)
		m.categories[category] = append(m.categories[category], p)
	}
	return m
}

// Products returns one page; one beyond the end is empty, as is an unknown category.
func (m *Memory) Products(_ context.Context, category string, page int) (Page, error) {
	list := m.all
	if category != "" {
		list = m.categories[category]
	}
	pages := (len(list) + pageSize - 1) / pageSize
	found := Page{Items: []Product{}, Page: page, Pages: pages, Total: len(list)}
	if page >= 1 && page <= pages {
		from := (page - 1) * pageSize
		found.Items = slices.Clone(list[from:min(from+pageSize, len(list))])
	}
	return found, nil
}

// Product returns the product with the id.
func (m *Memory) Product(_ context.Context, id int) (Product, error) {
	if id < 1 || id > len(m.all) {
		return Product{}, fmt.Errorf("product %d: %w", id, ErrNotFound)
	}
	return m.all[id-1], nil
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
	a.cart = slices.DeleteFunc(a.cart, func(l Line) bool { return l.Product == line.Product })
	a.cart = keep(append(a.cart, line), cartLines)
	return slices.Clone(a.cart), nil
}

// Cart returns the user's cart, oldest line first.
func (m *Memory) Cart(_ context.Context, user string) ([]Line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Line{}, m.account(user).cart...), nil
}

// AddOrder keeps the order.
func (m *Memory) AddOrder(_ context.Context, user string, order Order) (Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastOrder++
	order.ID = m.lastOrder
	a := m.account(user)
	a.orders = keep(append(a.orders, order), userOrders)
	return order, nil
}

// Orders returns the user's twenty newest orders.
func (m *Memory) Orders(_ context.Context, user string) ([]Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.account(user).orders
	last := append([]Order{}, all[max(0, len(all)-newest):]...)
	slices.Reverse(last)
	return last, nil
}

// account returns the user's account, a new one the first time. The caller holds mu,
// and the user is known: accounts come from tokens, and tokens from Login.
func (m *Memory) account(user string) *account {
	a, ok := m.accounts[user]
	if !ok {
		a = new(account)
		m.accounts[user] = a
	}
	return a
}

// keep returns the last n of a list, in place.
func keep[T any](list []T, n int) []T {
	return slices.Delete(list, 0, max(0, len(list)-n))
}
