package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what scripts compare with anew")

// TestMain makes this test's binary be floodmark where scripts call it so: they
// run the command as users do, in a process of its own.
func TestMain(m *testing.M) {
	programs := jobs()
	programs["floodmark"] = func() { os.Exit(Main()) } //nolint:forbidigo // this is a main: scripts look at its exit code
	testscript.Main(around(m), programs)
}

// tolerant are the rules for machines on which other tests run at the same time: few of
// the tests are about the generator's punctuality, and those have rules of their own.
const tolerant = "lag p99 < 500ms; sent_rate off"

// TestScripts runs testdata/script, one behaviour a script. Besides the commands
// of testscript they have:
//
//	exits N command...       runs it and wants exactly this exit code, or one of N|M
//	start PATTERN command... runs it in the background and waits until its stderr
//	                         or stdout matches; named groups become environment variables
//	interrupt N              sends Ctrl-C to it, waits, wants this exit code
//	ended N                  waits until it ends by itself, wants this exit code
//	crash                    kills it, without a chance to end well
//	shop [LAW]               starts the bundled backend: $SHOP and $ADMIN
//	target                   starts a server that keeps its requests: $TARGET
//	listen NETWORK ADDRESS   starts one that keeps where requests come from: $PORT
//	secure [mutual|1.2]      starts one with TLS: $SECURE, $SECURE_HOST, ca.pem, client.pem, client.key
//	proxy NAME:PASSWORD      starts an HTTP proxy that knows target as origin.test: $PROXY
//	received                 prints the requests of the last of these, a line each
//	json FILE PATH [OP] WANT compares one value of a JSON file
//	jsonlines FILE           wants JSON in each line
//	conforms FILE SCHEMA     checks a JSON file by a JSON Schema
//	nowhere TEXT FILE...     wants the text in no file, nor below a directory
//	broken                   validates every broken profile that profiles knows
func TestScripts(t *testing.T) {
	broken, err := filepath.Abs("../../profiles/testdata/broken")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("BROKEN", broken)
			env.Setenv("FLOODMARK_GENERATOR", tolerant)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     cmdExits,
			"start":     cmdStart,
			"interrupt": cmdNotStarted,
			"crash":     cmdNotStarted,
			"ended":     cmdNotStarted,
			"shop":      cmdShop,
			"target":    cmdTarget,
			"received":  cmdNotStarted,
			"listen":    cmdListen,
			"secure":    cmdSecure,
			"proxy":     cmdProxy,
			"json":      cmdJSON,
			"jsonlines": cmdJSONLines,
			"conforms":  cmdConforms,
			"nowhere":   cmdNowhere,
			"broken":    cmdBroken,
		},
	})
}

// cmdExits is exec with an exit code, which is what scripts of users choose by.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command...")
	}
	got := strconv.Itoa(exitCode(ts, ts.Exec(args[1], args[2:]...)))
	if want := args[0]; !slices.Contains(strings.Split(want, "|"), got) {
		ts.Fatalf("%s: got exit code %s, want %s", strings.Join(args[1:], " "), got, want)
	}
}

// exitCode returns the exit code behind the error of a process.
func exitCode(ts *testscript.TestScript, err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

// cmdBroken validates each broken profile of the parser's own tests, and wants
// what is written beside it, exit code 2 and nothing on stdout. Where those tests
// use a parser of objectives that knows less than the real one, the script holds
// the message.
func cmdBroken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: broken")
	}
	files, err := filepath.Glob(filepath.Join(ts.Getenv("BROKEN"), "*.yaml"))
	ts.Check(err)
	if len(files) < 40 {
		ts.Fatalf("got %d broken profiles in %s, want at least 40", len(files), ts.Getenv("BROKEN"))
	}
	for _, file := range files {
		name := filepath.Base(file)
		golden := strings.TrimSuffix(name, ".yaml") + ".want"
		if _, err := os.Stat(ts.MkAbs(golden)); err != nil {
			golden = filepath.Join(filepath.Dir(file), golden)
		}
		want := "floodmark: " + ts.ReadFile(golden)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(ts.ReadFile(file)), 0o644))
		if got := exitCode(ts, ts.Exec("floodmark", "validate", name)); got != exitUsage {
			ts.Fatalf("%s: got exit code %d, want %d", name, got, exitUsage)
		}
		if got := ts.ReadFile("stderr"); got != want {
			ts.Fatalf("%s: got\n%swant\n%s", name, got, want)
		}
		if got := ts.ReadFile("stdout"); got != "" {
			ts.Fatalf("%s: got %q on stdout, want nothing", name, got)
		}
	}
}
