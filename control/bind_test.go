package control

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shelter makes a place for sockets that find none in their runs' directories.
func shelter(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("TMPDIR", filepath.Join(dir, "none"))
	return filepath.Join(dir, "floodmark")
}

// names returns what is in a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// reached wants a server to answer in a directory.
func reached(t *testing.T, dir string) {
	t.Helper()
	c, err := Dial(t.Context(), dir, ReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	if c.PID() != os.Getpid() {
		t.Errorf("got process %d, want %d", c.PID(), os.Getpid())
	}
	_ = c.Close()
}

// unreached wants that nobody can be reached, and why.
func unreached(t *testing.T, dir, why string) {
	t.Helper()
	_, err := Dial(t.Context(), dir, ReadOnly)
	if !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), why) {
		t.Errorf("got %v, want %v because %q", err, ErrNotRunning, why)
	}
}

func TestTheSocketIsThereForTheRun(t *testing.T) {
	dir := t.TempDir()
	unreached(t, dir, "it has no control.sock")
	s := run(t, dir)
	reached(t, dir)
	if got := names(t, dir); got != "control.sock" {
		t.Errorf("got %q in the run's directory", got)
	}
	info, err := os.Lstat(filepath.Join(dir, "control.sock"))
	if err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("got mode %v, %v", info.Mode(), err)
	}
	if _, err := Listen(dir); !errors.Is(err, errInUse) {
		t.Errorf("a second server: got %v, want %v", err, errInUse)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := names(t, dir); got != "" {
		t.Errorf("left %q behind", got)
	}
	unreached(t, dir, "it has no control.sock")
}

// A relative path is one like others.
func TestARelativeDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("a/b", 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, "a/b")
	reached(t, "a/../a/b")
}

// Where sockets cannot be, the run's directory says where the socket is.
func TestElsewhere(t *testing.T) {
	for _, tt := range []struct {
		name, dir string
		mode      os.FileMode
	}{
		{"far down", strings.Repeat("d", maxPath), 0o755},
		{"open to others", "open", 0o777},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shelter, dir := shelter(t), filepath.Join(t.TempDir(), tt.dir)
			if err := errors.Join(os.Mkdir(dir, 0o755), os.Chmod(dir, tt.mode)); err != nil {
				t.Fatal(err)
			}
			s := run(t, dir)
			reached(t, dir)
			if got := names(t, dir); got != "control.path" {
				t.Errorf("got %q in the run's directory", got)
			}
			if filepath.Dir(s.at.socket) != shelter {
				t.Errorf("got %s, want it below %s", s.at.socket, shelter)
			}
			info, err := os.Lstat(s.at.socket)
			if err != nil || info.Mode() != os.ModeSocket|0o600 {
				t.Errorf("got mode %v, %v", info.Mode(), err)
			}
			if _, err := Listen(dir); !errors.Is(err, errInUse) {
				t.Errorf("a second server: got %v, want %v", err, errInUse)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if got := names(t, dir) + names(t, shelter); got != "" {
				t.Errorf("left %q behind", got)
			}
			unreached(t, dir, "it has no control.sock")
		})
	}
}

// A directory that somebody else may have prepared is no shelter.
func TestAShelterThatOthersCanEnter(t *testing.T) {
	shelter, dir := shelter(t), filepath.Join(t.TempDir(), strings.Repeat("d", maxPath))
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Mkdir(shelter, 0o755), os.Chmod(shelter, 0o755)); err != nil {
		t.Fatal(err)
	}
	_, err := Listen(dir)
	if err == nil || !strings.Contains(err.Error(), "the path is too long for a socket; nor elsewhere: "+shelter+": not a directory that only its user can open") {
		t.Errorf("got %v", err)
	}
	if got := names(t, dir) + names(t, shelter); got != "" {
		t.Errorf("left %q behind", got)
	}
	t.Setenv("TMPDIR", t.TempDir()) // there is another
	if got, want := filepath.Dir(run(t, dir).at.socket), shelters()[1]; got != want {
		t.Errorf("got it in %s, want %s", got, want)
	}
	reached(t, dir)
}

// A run that was killed leaves its socket. That is told from a run that answers, and is
// not in the way of another.
func TestKilledServer(t *testing.T) {
	near, far := t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("d", maxPath))
	shelter := shelter(t)
	if err := os.Mkdir(far, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{near, far} {
		kill(t, dir)
		unreached(t, dir, "it was killed, and nobody answers at ")
	}
	if names(t, near) != "control.sock" || names(t, far) != "control.path" || !strings.HasSuffix(names(t, shelter), ".sock") {
		t.Errorf("got %q, %q and %q after the kill", names(t, near), names(t, far), names(t, shelter))
	}
	other := filepath.Join(t.TempDir(), strings.Repeat("e", maxPath))
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	s := run(t, other) // sweeps
	if got := names(t, shelter); got != filepath.Base(s.at.socket) {
		t.Errorf("got %q, want the living server's socket alone", got)
	}
	unreached(t, far, "is gone")
	for _, dir := range []string{near, far} {
		run(t, dir)
		reached(t, dir)
	}
}

// kill runs a server in a process of its own, and kills it.
func kill(t *testing.T, dir string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), serverIn+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Errorf("got %q, %v", line, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = child.Wait()
}

// What a pointer says is not believed without a look.
func TestPointersThatLeadNowhere(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "relative.sock", "/" + strings.Repeat("x", maxPath), strings.Repeat("x", maxPointer+1)} {
		if err := os.WriteFile(filepath.Join(dir, pointerFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Dial(t.Context(), dir, ReadOnly); err == nil || !strings.HasSuffix(err.Error(), "does not hold a path") {
			t.Errorf("%.20q: got %v", text, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, pointerFile), []byte("/nowhere/at/all.sock\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unreached(t, dir, "/nowhere/at/all.sock is gone")
}

// A server does not remove what is not its own.
func TestAnotherFileInItsPlace(t *testing.T) {
	dir := t.TempDir()
	s := run(t, dir)
	path := filepath.Join(dir, socketFile)
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("mine"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("got %q, %v", text, err)
	}
}
