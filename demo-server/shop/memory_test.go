package shop

import (
	"errors"
	"sync"
	"testing"
)

func TestMemoryStaysBounded(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	for i := range 300 {
		if _, err := m.AddOrder(ctx, DemoUser, Order{Line: Line{Product: 1, Quantity: 1}}); err != nil {
			t.Fatal(err)
		}
		if _, err := m.AddToCart(ctx, DemoUser, Line{Product: i + 1, Quantity: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(m.accounts[DemoUser].orders); got != userOrders {
		t.Errorf("kept: got %d orders, want %d", got, userOrders)
	}
	orders, err := m.Orders(ctx, DemoUser)
	if err != nil || len(orders) != newest || orders[0].ID != 300 || orders[newest-1].ID != 281 {
		t.Errorf("got %v, %v, want orders 300 to 281", orders, err)
	}
	cart, err := m.Cart(ctx, DemoUser)
	if err != nil || len(cart) != cartLines || cart[0].Product != 251 || cart[cartLines-1].Product != 300 {
		t.Errorf("got %v, %v, want products 251 to 300", cart, err)
	}
}

func TestAddToCartReplaces(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	var cart []Line
	for _, line := range []Line{{1, 1}, {2, 1}, {1, 5}} {
		var err error
		if cart, err = m.AddToCart(ctx, DemoUser, line); err != nil {
			t.Fatal(err)
		}
	}
	if len(cart) != 2 || cart[0] != (Line{2, 1}) || cart[1] != (Line{1, 5}) {
		t.Errorf("got %v, want product 2 once and product 1 five times", cart)
	}
}

func TestLoginIsTheSameTokenEachTime(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	first, err := m.Login(ctx, "user1000", DemoPassword)
	if err != nil {
		t.Fatal(err)
	}
	second, err := m.Login(ctx, "user1000", DemoPassword)
	if err != nil || first != second {
		t.Errorf("got %q, %v, want %q", second, err, first)
	}
	if user, err := m.User(ctx, first); user != "user1000" || err != nil {
		t.Errorf("got %q, %v, want user1000", user, err)
	}
	if _, err := m.User(ctx, "stolen"); !errors.Is(err, ErrDenied) {
		t.Errorf("got %v, want %v", err, ErrDenied)
	}
}

func TestMemoryGivesCopies(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	page, err := m.Products(ctx, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	page.Items[0].Name = "changed"
	if got, err := m.Product(ctx, 1); err != nil || got.Name == "changed" {
		t.Errorf("got %v, %v: the store's own product changed", got, err)
	}
}

func TestMemoryAtOnce(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				_, err := m.AddOrder(ctx, DemoUser, Order{})
				_, err2 := m.AddToCart(ctx, DemoUser, Line{Product: 1, Quantity: 1})
				_, err3 := m.Login(ctx, "user5", DemoPassword)
				if err := errors.Join(err, err2, err3); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if orders, err := m.Orders(ctx, DemoUser); err != nil || orders[0].ID != 800 {
		t.Errorf("got %v, %v, want order 800 first", orders, err)
	}
}
