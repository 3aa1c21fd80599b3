package control_test

import (
	"context"
	"fmt"
	"os"

	"github.com/floodmark/floodmark/control"
)

func Example() {
	dir, err := os.MkdirTemp("", "run-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	server, err := control.Listen(dir)
	if err != nil {
		panic(err)
	}
	go func() { // the run
		request := <-server.Commands()
		request.Answer(control.Reply{OK: true, Text: "marked: " + request.Args[0]})
	}()
	if err := server.Publish([]byte(`{"at_seconds":5}`)); err != nil {
		panic(err)
	}

	ctx := context.Background()
	client, err := control.Dial(ctx, dir, control.Steer) // usually another process
	if err != nil {
		panic(err)
	}
	reply, err := client.Do(ctx, control.Command{Name: "mark", Args: []string{"deployed"}})
	fmt.Println(reply.OK, reply.Text, err)
	err = client.Watch(ctx, control.Show{Snapshot: func(object []byte) {
		fmt.Println(string(object))
		go func() { _ = server.Close() }() // the run ends
	}})
	fmt.Println(err, client.Close())
	// Output:
	// true marked: deployed <nil>
	// {"at_seconds":5}
	// <nil> <nil>
}
