package standin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/floodmark/floodmark/demo-server/standin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start returns a stand-in and a client of it.
func start(t *testing.T, config standin.Config) (*standin.Redis, *redis.Client) {
	t.Helper()
	r, err := standin.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: r.Addr(), MaxRetries: -1, ReadTimeout: time.Minute})
	t.Cleanup(func() {
		if err := errors.Join(client.Close(), r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
	})
	return r, client
}

func set(t *testing.T, client *redis.Client, key string, life time.Duration) {
	t.Helper()
	if err := client.Set(t.Context(), key, "x", life).Err(); err != nil {
		t.Fatal(err)
	}
}

// until waits for a condition, for as long as the test may.
func until(t *testing.T, met func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !met() {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("it did not come to that")
		}
	}
}

// Time passes for keys, by one step too much at most.
func TestKeysExpire(t *testing.T) {
	r, client := start(t, standin.Config{})
	set(t, client, "stays", 0)
	begun := time.Now()
	set(t, client, "goes", 400*time.Millisecond)
	until(t, func() bool { return r.Keys() == 1 })
	if got, want := time.Since(begun), 300*time.Millisecond; got < want {
		t.Errorf("a key of 400ms was gone after %v, want at least %v", got, want)
	}
	if got := client.Get(t.Context(), "stays").Val(); got != "x" {
		t.Errorf("got %q, want the key that stays", got)
	}
}

func TestKeysAreBounded(t *testing.T) {
	r, client := start(t, standin.Config{MaxKeys: 10})
	for i := range 50 {
		set(t, client, fmt.Sprint(i), 0)
	}
	until(t, func() bool { return r.Keys() == 10 })
}

func TestWork(t *testing.T) {
	full := errors.New("the machine's queue is full")
	commands := 0 // of one connection, one after the other
	_, client := start(t, standin.Config{Work: func(context.Context) error {
		if commands++; commands > 20 {
			return full
		}
		return nil
	}})
	set(t, client, "key", 0)
	var err error
	for i := 0; i < 20 && err == nil; i++ {
		err = client.Get(t.Context(), "key").Err()
	}
	if err == nil || err.Error() != "BUSY the machine's queue is full" {
		t.Errorf("got %v, want BUSY", err)
	}
}

// Work that waits is let go by Close.
func TestCloseEndsWork(t *testing.T) {
	begun := make(chan struct{}, 100)
	r, client := start(t, standin.Config{Work: func(ctx context.Context) error {
		begun <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}})
	done := make(chan error)
	go func() { done <- client.Get(context.Background(), "key").Err() }()
	<-begun
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("got an answer from a server that has ended")
	}
}

func TestStartRefuses(t *testing.T) {
	r, _ := start(t, standin.Config{})
	for config, want := range map[*standin.Config]string{
		{Addr: "0.0.0.0:0"}:     "want a loopback address",
		{Addr: "example.com:1"}: "want a loopback address",
		{Addr: "127.0.0.1"}:     "want a loopback address",
		{Addr: r.Addr()}:        "address already in use",
		{MaxKeys: -1}:           "it cannot hold -1 keys",
	} {
		if other, err := standin.Start(*config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want …%s…", config, err, want)
			if err == nil {
				other.Close()
			}
		}
	}
}

func Example() {
	r, err := standin.Start(standin.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	client := redis.NewClient(&redis.Options{Addr: r.Addr()})
	defer client.Close()
	fmt.Println(client.Set(context.Background(), "key", "value", 0).Val(), r.Keys())
	// Output: OK 1
}
