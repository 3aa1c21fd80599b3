//go:build unix

package supervise

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain is also what the children of tests run.
func TestMain(m *testing.M) {
	log.SetFlags(0)
	if role := os.Getenv("FLOODMARK_TEST_ROLE"); role != "" {
		if err := roles[role](); err != nil {
			log.Fatal("child: ", err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

var roles = map[string]func() error{
	"echo":   func() error { return Serve(os.Stdin, os.Stdout, listen) },
	"wordy":  wordy,
	"mute":   func() error { return Serve(os.Stdin, io.Discard, listen) },
	"deaf":   deaf,
	"ghost":  ghost,
	"parent": parent,
}

// A node is an Instance that takes connections, and echoes them.
type node struct {
	listener net.Listener
	spec     spec
	once     sync.Once
	done     chan struct{}
}

type spec struct {
	Addr  string // empty: any
	Fail  string // why it does not start
	Crash bool   // once it is up
	Env   string // what the admin URL is to say of the environment
}

func listen(line []byte) (Instance, error) {
	n := &node{done: make(chan struct{})}
	if err := json.Unmarshal(line, &n.spec); err != nil {
		return nil, err
	}
	if n.spec.Fail != "" {
		return nil, errors.New(n.spec.Fail)
	}
	if n.spec.Addr == "" {
		n.spec.Addr = "127.0.0.1:0"
	}
	var err error
	if n.listener, err = net.Listen("tcp", n.spec.Addr); err != nil {
		return nil, err
	}
	go n.accept()
	if n.spec.Crash {
		n.end()
	}
	return n, nil
}

func (n *node) accept() {
	for {
		c, err := n.listener.Accept()
		if err != nil {
			return
		}
		go io.Copy(c, c)
	}
}

func (n *node) Addrs() map[string]string { return map[string]string{"web": n.listener.Addr().String()} }
func (n *node) Admin() string            { return os.Getenv(n.spec.Env) }
func (n *node) PID() int                 { return 0 }
func (n *node) Kill()                    { n.end() }
func (n *node) Freeze(bool) error        { return errors.ErrUnsupported }
func (n *node) Done() <-chan struct{}    { return n.done }

func (n *node) Stop(context.Context) error {
	log.Print("last orders")
	n.end()
	return nil
}

func (n *node) end() {
	n.once.Do(func() {
		n.listener.Close()
		close(n.done)
	})
}

// wordy prints more than it should.
func wordy() error {
	fmt.Fprintln(os.Stdout, "hello, world")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// deaf does not end when it is asked to.
func deaf() error {
	signal.Ignore(syscall.SIGTERM)
	fmt.Fprintln(os.Stdout, "{}")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// ghost does not notice that its parent has died.
func ghost() error {
	never, _ := io.Pipe()
	return Serve(io.MultiReader(bufio.NewReader(io.LimitReader(os.Stdin, 1<<10)), never), os.Stdout, listen)
}

// parent has a child, whose address it prints, and never ends.
func parent() error {
	child := "echo"
	if runtime.GOOS == "linux" {
		child = "ghost"
	}
	s := New(Config{RestartAfter: time.Hour})
	if err := s.Add(context.Background(), "web", Process(command(child, nil))); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, s.List()[0].Addrs["web"])
	select {}
}

// command is one that starts this very program in another role.
func command(role string, mend func(*spec)) Command {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return Command{
		Path: self,
		Env:  []string{"FLOODMARK_TEST_ROLE=" + role, "GORACE=atexit_sleep_ms=0"},
		Spec: func(addrs map[string]string) ([]byte, error) {
			s := spec{Addr: addrs["web"]}
			if mend != nil {
				mend(&s)
			}
			return json.MarshalIndent(s, "", "\n")
		},
	}
}

// dial connects to a node, and hears that somebody is there.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintln(c, "anybody?")
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil {
		t.Fatalf("got %q, %v", line, err)
	}
	return c
}
