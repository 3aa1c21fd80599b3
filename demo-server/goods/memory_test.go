package goods

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestMemoryStaysBounded(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	for i := range 300 {
		if _, err := m.AddOrder(ctx, DemoUser, Order{Line: Line{Product: 1, Quantity: 1}}, ""); err != nil {
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
				_, err := m.AddOrder(ctx, DemoUser, Order{}, "")
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

func TestGuestsStayBounded(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	for i := range guests + 100 {
		if _, err := m.AddToCart(ctx, fmt.Sprint("guest", i), Line{1, 1}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := len(m.accounts), guests+1; got != want { // and DemoUser
		t.Errorf("got %d accounts, want %d", got, want)
	}
	if cart, err := m.Cart(ctx, fmt.Sprint("guest", guests+99)); err != nil || len(cart) != 1 {
		t.Errorf("the newest guest's cart: got %v, %v", cart, err)
	}
}

func TestOrdersUnderAKey(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	for i, add := range []struct {
		user, key string
		want      int
	}{{"user1", "a", 1}, {"user1", "a", 1}, {"user2", "a", 2}, {"user1", "b", 3}, {"user1", "", 4}, {"user1", "", 5}} {
		order, err := m.AddOrder(ctx, add.user, Order{}, add.key)
		if err != nil || order.ID != add.want {
			t.Errorf("order %d: got %v, %v, want id %d", i, order, err, add.want)
		}
	}
	if err := m.SettleOrder(ctx, "user1", 3, Paid); err != nil {
		t.Fatal(err)
	}
	orders, err := m.Orders(ctx, "user1")
	if err != nil || len(orders) != 4 || orders[2].Payment != Paid || orders[3].Payment != "" {
		t.Errorf("got %v, %v", orders, err)
	}
	if err := m.SettleOrder(ctx, "user2", 3, Paid); !errors.Is(err, ErrNotFound) {
		t.Errorf("another user's order: got %v, want %v", err, ErrNotFound)
	}
}

func TestSetPrice(t *testing.T) {
	m, ctx := NewMemory(), t.Context()
	for _, test := range []struct {
		id, cents int
		ok        bool
	}{{7, 1, true}, {7, MaxPrice, true}, {7, 0, false}, {7, MaxPrice + 1, false}, {0, 5, false}, {501, 5, false}} {
		if err := m.SetPrice(ctx, test.id, test.cents); (err == nil) != test.ok {
			t.Errorf("%+v: got %v", test, err)
		}
	}
	product, err := m.Product(ctx, 7)
	page, err2 := m.Products(ctx, "garden", 1)
	if err != nil || err2 != nil || product.PriceCents != MaxPrice || page.Items[1] != product {
		t.Errorf("got %v, %v and %v, %v", product, err, page.Items, err2)
	}
}
