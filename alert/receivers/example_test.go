package receivers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/receivers"
)

func ExampleReceiver() {
	ntfy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(string(body))
	}))
	defer ntfy.Close()
	r, err := receivers.New(receivers.Spec{
		Name: "phone", Type: "webhook", URL: ntfy.URL, Body: `{"topic":"load","title":{{.Title | toJSON}}}`,
	}, receivers.Policy{})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := r.Send(context.Background(), receivers.Sample("phone", time.Now(), alert.Run{ID: "r-1"}))
	fmt.Println(answer.Outcome, answer.Status)
	// Output:
	// {"topic":"load","title":"TEST FIRING checkout / dip: success 71.3% < 80% (30s)"}
	// delivered 200
}

func ExampleSpec_Validate() {
	s := receivers.Spec{Name: "chat", Type: "slak"}
	err := s.Validate()
	fmt.Println(err)
	fmt.Println("hint:", err.(interface{ Hint() string }).Hint())
	// Output:
	// type: there is no receiver "slak"
	// hint: did you mean slack?
}
