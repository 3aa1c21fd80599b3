package targets_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/floodmark/floodmark/targets"
)

// One user asks twice over one connection.
func ExampleClient() {
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/products" {
			http.Error(w, "no such page", http.StatusNotFound)
		}
	}))
	defer shop.Close()
	base, err := url.Parse(shop.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	target := targets.Target{BaseURL: base, Reuse: true}
	client := target.NewClient()
	defer client.Close()

	var resp targets.Response
	for _, page := range []string{"/api/products", "/api/orders"} {
		req, err := target.Compile(http.MethodGet, page, nil, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		client.Send(context.Background(), req, &resp)
		fmt.Printf("%s: %v, dialled: %v, detail: %q\n", page, resp.Outcome, resp.Connect > 0, resp.Detail)
	}
	// Output:
	// /api/products: 2xx, dialled: true, detail: ""
	// /api/orders: 4xx, dialled: false, detail: "no such page"
}
