package control

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// serverIn names the environment variable that turns the test binary into a run that
// serves a directory until it is killed.
const serverIn = "FLOODMARK_TEST_SERVER_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serverIn); dir != "" {
		if _, err := Listen(dir); err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintln(os.Stdout, "ready")
		select {}
	}
	goleak.VerifyTestMain(m)
}
