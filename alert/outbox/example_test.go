package outbox_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// A run is killed between sending a message and noting that it was sent. Whoever
// opens the box finds the message as it was composed.
func Example() {
	dir, err := os.MkdirTemp("", "outbox")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, outbox.File)

	box, err := outbox.Create(path, alert.Run{ID: "r-1"})
	if err != nil {
		panic(err)
	}
	err = box.Add(alert.Notice{ID: "n1", Key: "dip", Kind: alert.Fired, Receivers: []string{"chat"}})
	if err != nil {
		panic(err)
	}
	waiting := box.Loose("chat", 0)[0]
	err = box.Begin(&outbox.Letter{
		ID: "msg_1", Receiver: "chat", Notices: waiting.Notices,
		Alerts: []alert.Told{{Notice: *waiting.Notices[0], Changes: 1}},
	})
	if err != nil {
		panic(err)
	}
	if err := box.Close(); err != nil {
		panic(err)
	}

	box, err = outbox.Open(path)
	if err != nil {
		panic(err)
	}
	defer box.Close()
	for _, l := range box.Letters("chat") {
		fmt.Println(l.ID, l.Alerts[0].Key, l.Alerts[0].Kind)
	}
	// Output: msg_1 dip firing
}
