package dial_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/floodmark/floodmark/dial"
)

// A name that exists nowhere is connected to the address that an override gives.
func ExampleDialer_Connect() {
	server := httptest.NewServer(nil)
	defer server.Close()
	rewrite, err := dial.ParseRewrite("shop.test:80:" + server.Listener.Addr().String())
	if err != nil {
		panic(err)
	}
	d, err := dial.New(dial.Options{ConnectTo: []dial.Rewrite{rewrite}})
	if err != nil {
		panic(err)
	}
	defer d.Close()
	conn, err := d.Connect(context.Background(), "shop.test:80", false)
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close() }()
	fmt.Println(conn.RemoteAddr().String() == server.Listener.Addr().String())
	// Output: true
}
