package targets_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/floodmark/floodmark/targets"
)

// Two users share a connection of HTTP/2.
func ExampleTransport() {
	shop := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "sold out, says "+r.Proto, http.StatusGone)
	}))
	shop.Config.Protocols = new(http.Protocols)
	shop.Config.Protocols.SetUnencryptedHTTP2(true)
	shop.Start()
	defer shop.Close()
	base, err := url.Parse(shop.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	target := targets.Target{BaseURL: base, Reuse: true}
	transport, err := target.NewTransport(targets.H2C)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer transport.Close()
	req, err := target.Compile(http.MethodGet, "/api/products", nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		user := transport.NewClient()
		var resp targets.Response
		user.Send(context.Background(), req, &resp)
		fmt.Printf("%v, dialled: %v, detail: %q\n", resp.Outcome, resp.Connect > 0, resp.Detail)
		user.Close()
	}
	// Output:
	// 4xx, dialled: true, detail: "sold out, says HTTP/2.0"
	// 4xx, dialled: false, detail: "sold out, says HTTP/2.0"
}
