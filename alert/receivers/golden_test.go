package receivers

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/alert"
)

var update = flag.Bool("update", false, "write the golden files anew")

// atNoon runs a test at noon. Nothing in it may use the network.
func atNoon(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon()))
		test(t)
	})
}

// render returns what a receiver would send.
func render(t *testing.T, s Spec, m alert.Message) []Request {
	t.Helper()
	requests, err := newReceiver(t, s).Render(m)
	if err != nil {
		t.Fatalf("%v: %v", s, err)
	}
	return requests
}

func TestGolden(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		t.Helper()
		for _, kind := range Types() {
			var text bytes.Buffer
			for _, scene := range scenes() {
				fmt.Fprintf(&text, "=== %s\n", scene.name)
				for _, q := range render(t, specOf(kind), scene.message) {
					writeRequest(t, &text, &q)
				}
			}
			compare(t, kind, text.Bytes())
		}
	})
}

// writeRequest writes a request as people can read it.
func writeRequest(t *testing.T, w *bytes.Buffer, q *Request) {
	t.Helper()
	fmt.Fprintln(w, strings.TrimSpace(q.Method+" "+q.URL))
	for _, h := range q.Header {
		fmt.Fprintf(w, "%s: %s\n", h[0], h[1])
	}
	if err := json.Indent(w, []byte(q.Body), "", "  "); err != nil {
		t.Errorf("%s: %v", q.Body, err)
	}
	w.WriteString("\n\n")
}

// compare compares with a golden file, or writes it.
func compare(t *testing.T, kind string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", kind+".golden")
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from %s; -update writes it anew:\n%s", kind, path, got)
	}
}
