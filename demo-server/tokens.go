package demoserver

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/floodmark/floodmark/demo-server/gateway"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/observe/trace"
)

const (
	tokenTime    = time.Hour // that a token is good for if nobody says otherwise
	maxTokenTime = 30 * 24 * time.Hour
	secretSize   = 32 // bytes
	traceWidth   = 100
)

// makeIssuer makes what makes tokens, where gateways take some.
func (s *Server) makeIssuer() error {
	if s.plan.Gateway == nil || s.plan.Gateway.JWT == nil {
		return nil
	}
	jwt := s.plan.Gateway.JWT
	if jwt.Algorithm != gateway.RS256 {
		if s.secret = []byte(jwt.Secret); len(s.secret) == 0 {
			s.secret = make([]byte, secretSize)
			_, _ = rand.Read(s.secret) // which never fails
		}
	}
	var err error
	s.issuer, err = gateway.NewIssuer(jwt.Algorithm, s.secret, jwt.Issuer, jwt.Audience)
	return err
}

// makeToken answers POST /tokens.
func (s *Server) makeToken(o tokenOrder) (any, error) {
	if s.issuer == nil {
		return nil, orderError("this backend has no gateway that takes tokens")
	}
	ttl := tokenTime
	switch {
	case o.Seconds < 0 || o.Seconds > int(maxTokenTime.Seconds()): // before anything can overflow
		return nil, orderError(fmt.Sprintf("seconds is %d, want 1 to %d", o.Seconds, int(maxTokenTime.Seconds())))
	case o.Seconds > 0:
		ttl = time.Duration(o.Seconds) * time.Second
	}
	if o.User == "" {
		o.User = goods.DemoUser
	}
	token, err := s.issuer.Token(o.User, o.Scopes, ttl)
	return map[string]string{"token": token}, err
}

// showTrace answers with one request's way.
func (s *Server) showTrace(w http.ResponseWriter, r *http.Request) {
	o := s.Plan().Observability
	if o == nil || o.Traces == "" {
		reply(w, http.StatusNotFound, refusal{"this backend keeps no traces: its topology has no observability.traces"})
		return
	}
	file, err := os.Open(o.Traces)
	if errors.Is(err, fs.ErrNotExist) {
		reply(w, http.StatusNotFound, refusal{"there are no traces yet"})
		return
	}
	if err != nil {
		reply(w, http.StatusInternalServerError, refusal{err.Error()})
		return
	}
	defer file.Close() //nolint:errcheck // only read
	found, err := trace.ReadTrace(file, r.PathValue("id"))
	if err != nil {
		reply(w, http.StatusNotFound, refusal{err.Error()})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(found.Tree(traceWidth))) // a client that is gone is told nothing
}

// shape is what the admin API says about the plan.
type shape struct {
	Name    string   `json:"name"`
	Runtime string   `json:"runtime"`
	Door    string   `json:"door"` // URL
	Parts   []string `json:"parts"`
	Nodes   []string `json:"nodes"`
	Links   []string `json:"links"`
	Traces  string   `json:"traces,omitempty"` // file
}

func (s *Server) shape() shape {
	plan := s.Plan()
	found := shape{Name: plan.Name, Runtime: string(plan.Runtime), Door: s.doorURL(), Parts: plan.Parts()}
	for _, part := range found.Parts {
		for _, n := range plan.Nodes(part) {
			found.Nodes = append(found.Nodes, n.Name)
		}
	}
	for _, link := range plan.Links() {
		found.Links = append(found.Links, link.String())
	}
	if plan.Observability != nil {
		found.Traces = absolute(plan.Observability.Traces)
	}
	return found
}

// doorURL returns where clients go; empty while the backend starts.
func (s *Server) doorURL() string {
	if addr := s.Addr(); addr != "" {
		return "http://" + addr
	}
	return ""
}

// absolute returns where a file is for those who are in another directory; empty stays so.
func absolute(file string) string {
	if full, err := filepath.Abs(file); err == nil && file != "" {
		return full
	}
	return file
}

// encodeSpec returns what a child process is told to be.
func encodeSpec(spec node.Spec) ([]byte, error) { return json.Marshal(spec) }

// decodeSpec reads what encodeSpec has written.
func decodeSpec(text []byte) (node.Spec, error) {
	var spec node.Spec
	if err := json.Unmarshal(text, &spec); err != nil {
		return node.Spec{}, fmt.Errorf("what to be: %w", err)
	}
	if spec.Plan == nil || len(spec.Host.Nodes) == 0 {
		return node.Spec{}, errors.New("what to be: it names no host; floodmark starts this command itself")
	}
	return spec, nil
}
