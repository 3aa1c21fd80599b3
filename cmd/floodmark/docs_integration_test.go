//go:build integration

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// root is the module's directory, seen from this package's.
const root = "../.."

// TestDocs runs what README.md and the pages in docs tell people to type. The sh
// blocks of a page run in order, as one script, in a fresh copy of the tree. Every
// command must end with exit code 0, or with N where its line ends with "# exits N".
// Pages run beside no other test: a generator that is kept from its work says so, and its
// verdict is another. Three of them run at once, since most of it is waiting, each on
// ports of its own; those that measure this machine run alone.
func TestDocs(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages = append([]string{filepath.Join(root, "README.md")}, pages...)
	measures := func(page string) bool {
		return slices.Contains([]string{"doctor.md", "verify.md"}, filepath.Base(page))
	}
	for _, page := range pages {
		if measures(page) {
			testPage(t, page)
		}
	}
	var waiting errgroup.Group
	waiting.SetLimit(3)
	for _, page := range pages {
		if !measures(page) {
			waiting.Go(func() error { testPage(t, page); return nil })
		}
	}
	_ = waiting.Wait() // pages say themselves what is wrong
}

// testPage runs the commands of a page, if it has any.
func testPage(t *testing.T, page string) {
	t.Helper()
	name, err := filepath.Rel(root, page)
	if err != nil {
		t.Error(err)
		return
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Error(err)
		return
	}
	commands := slices.DeleteFunc(commandsOf(string(text)), stepOfItsOwn)
	if len(commands) == 0 {
		return
	}
	t.Run(name, func(t *testing.T) { runPage(t, name, commands) })
}

// stepOfItsOwn reports whether .ci/run calls a command by itself: all tests once more
// would take two minutes.
func stepOfItsOwn(c docCommand) bool { return strings.HasPrefix(c.text, "go test ./...") }

func TestPageScriptStopsAtTheFault(t *testing.T) {
	t.Parallel()
	commands := commandsOf("```sh\nsleep 600 &\nfalse # exits 1\necho yes\n(exit 3) # exits 4\necho no\n```\n")
	got := begin(t, t.TempDir(), "bash", "-c", pageScript("page.md", commands)).finish()
	if want := "yes\npage.md:5: exit code 3, want 4\n"; got.code != 1 || got.stdout != want {
		t.Errorf("got exit code %d and %q, want 1 and %q", got.code, got.stdout, want)
	}
}

// pageLimit ends a page whose commands hang.
const pageLimit = 6 * time.Minute

// runPage runs the commands of a page in a copy of the tree.
func runPage(t *testing.T, name string, commands []docCommand) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), pageLimit)
	defer cancel()
	script := file(t, t.TempDir(), "page.sh", pageScript(name, commands))
	bash := exec.CommandContext(ctx, "bash", script)
	bash.Dir = copyTree(t)
	// With -trimpath what one page has compiled serves all others, wherever they are.
	bash.Env = append(withoutFloodmark(os.Environ()), "FLOODMARK_GENERATOR="+tolerant, "GOFLAGS=-trimpath")
	var out bytes.Buffer
	bash.Stdout, bash.Stderr = &out, &out
	// A page that hangs is ended with all that it has started.
	bash.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	bash.Cancel = func() error { return syscall.Kill(-bash.Process.Pid, syscall.SIGKILL) }
	err := bash.Run()
	if err == nil {
		return
	}
	for _, c := range commands {
		if strings.Contains(out.String(), failure(name, c)) {
			t.Errorf("in the block\n%s\n", c.block)
		}
	}
	t.Errorf("%s: %v\n%s", name, errors.Join(err, ctx.Err()), out.String())
}

// failure begins the message of a command that went wrong.
func failure(name string, c docCommand) string {
	return fmt.Sprintf("%s:%d: exit code", name, c.line)
}

// pageScript makes a script of a page. What it leaves running in the background is
// ended by its process id.
func pageScript(name string, commands []docCommand) string {
	var b strings.Builder
	b.WriteString("set -u\ntrap 'pids=$(jobs -pr); [ -z \"$pids\" ] || { kill $pids; wait $pids; }' EXIT\n")
	for _, c := range commands {
		before, after := aroundServer(c)
		b.WriteString(before + c.text + "\n")
		fmt.Fprintf(&b, "status=$?; [ $status -eq %s ] || { echo '%s' $status, want %s; exit 1; }\n",
			c.exits, failure(name, c), c.exits)
		b.WriteString(after)
	}
	b.WriteString("exit 0")
	return b.String()
}

// aroundServer returns what stands around a server that is started in the
// background: before it, that nobody else has its port; after it, a wait until it
// takes connections, as a person waits who reads that it does.
func aroundServer(c docCommand) (before, after string) {
	found := serverAddr.FindStringSubmatch(c.text)
	if found == nil || !strings.HasSuffix(strings.TrimSpace(c.text), "&") {
		return "", ""
	}
	addr := found[1]
	if addr == "" {
		addr = demoAddr
	}
	socket := "/dev/tcp/" + strings.Replace(addr, ":", "/", 1)
	return fmt.Sprintf("if (: >%s) 2>/dev/null; then echo somebody else listens at %s; exit 1; fi\n", socket, addr),
		fmt.Sprintf("until (: >%s) 2>/dev/null; do kill -0 $! || exit 1; sleep 0.05; done\n", socket)
}

// withoutFloodmark leaves out what would act as a flag.
func withoutFloodmark(environment []string) []string {
	var out []string
	for _, v := range environment {
		if !strings.HasPrefix(v, "FLOODMARK_") {
			out = append(out, v)
		}
	}
	return out
}

// copyTree returns a directory with the files that a clone would have, and those
// that are about to be added.
func copyTree(t *testing.T) string {
	t.Helper()
	list, err := exec.Command("git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	dir := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		from, to := filepath.Join(root, name), filepath.Join(dir, name)
		info, err := os.Stat(from)
		if errors.Is(err, os.ErrNotExist) {
			continue // about to be removed
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, content, info.Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
