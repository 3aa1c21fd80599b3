package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// defaultProfile is what run uses when nothing is named.
const defaultProfile = "floodmark.yaml"

// A sourced profile and what the user named to get it.
type sourced struct {
	profile *profiles.Profile
	source  string
	isURL   bool
}

// loadProfile finds what the user named: a URL, a file, or a ready-made profile.
// vars come before the environment in ${VAR}.
func loadProfile(args []string, env environment, vars map[string]string) (sourced, error) {
	name := defaultProfile
	if len(args) > 0 {
		name = args[0]
	}
	if strings.Contains(name, "://") {
		return sourced{profiles.ForURL(name), name, true}, nil
	}
	src, err := os.ReadFile(name) //nolint:gosec // naming files is what the argument is for
	switch {
	case err == nil:
		p, err := parseProfile(name, src, env, vars)
		return sourced{p, name, false}, err
	case !errors.Is(err, fs.ErrNotExist):
		return sourced{}, usageFault(fmt.Errorf("profile: %w", err))
	}
	if _, ok := profiles.Builtin(name); ok {
		return readyMade(name, env, vars)
	}
	return sourced{}, noProfile(name, len(args) > 0)
}

// readyMade returns a profile that is part of the binary, even if a file has the
// same name.
func readyMade(name string, env environment, vars map[string]string) (sourced, error) {
	src, _ := profiles.Builtin(name)
	p, err := parseProfile(name, src, env, vars)
	return sourced{p, name, false}, err
}

// noProfile tells what could have been meant.
func noProfile(name string, named bool) error {
	ready := "ready-made profiles: " + strings.Join(profiles.BuiltinNames(), ", ")
	if !named {
		return usageFault(errors.New("no profile or URL given, and there is no "+defaultProfile+" here"),
			"floodmark run http://127.0.0.1:8080/ -r 50/s -d 10s", ready)
	}
	if looksLikeAddress(name) {
		return usageFault(fmt.Errorf("%q is neither a file nor a URL", name), "did you mean http://"+name+"?")
	}
	return usageFault(fmt.Errorf("there is no profile %q", name), ready)
}

// looksLikeAddress reports whether somebody left the scheme off a URL.
func looksLikeAddress(name string) bool {
	if strings.HasPrefix(name, "localhost") {
		return true
	}
	host, _, _ := strings.Cut(name, "/")
	return strings.Contains(host, ":") || strings.Contains(host, ".") && !isYAML(name)
}

func isYAML(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// parseProfile parses a profile with its variables and expressions.
func parseProfile(file string, src []byte, env environment, vars map[string]string) (*profiles.Profile, error) {
	p, err := profiles.Parse(file, src, profiles.Options{
		Lookup: func(name string) (string, bool) {
			if value, ok := vars[name]; ok {
				return value, true
			}
			return env.lookup(name)
		},
		CheckExpression: checkExpression,
		CheckCondition:  checkCondition,
		CheckAddress:    checkAddress,
	})
	if err != nil {
		return nil, usageFault(err)
	}
	return p, nil
}

// checkExpression lets the parser report faults in objectives at their place in
// the file.
func checkExpression(text string) error {
	expression, err := slo.Parse(text)
	if syntax, ok := errors.AsType[*slo.SyntaxError](err); ok {
		return placed{syntax}
	}
	if err != nil {
		return err
	}
	return expression.Validate()
}

// checkCondition does so for the conditions of alerts.
func checkCondition(text string) error {
	_, err := slo.ParseCondition(text)
	if syntax, ok := errors.AsType[*slo.SyntaxError](err); ok {
		return placed{syntax}
	}
	return err
}

// A placed error leaves telling the place to whoever shows the whole file.
type placed struct{ *slo.SyntaxError }

func (p placed) Error() string { return p.Message }
