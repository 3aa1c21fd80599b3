package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/floodmark/floodmark/demo-server/admin"
)

func ExampleGuard() {
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "done") })
	guarded := admin.Guard(api, "s3cr3t")
	for _, credentials := range []string{"", "Bearer s3cr3t"} {
		r := httptest.NewRequest(http.MethodDelete, "/faults", nil)
		r.Header.Set("Authorization", credentials)
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 401
	// 200
}
