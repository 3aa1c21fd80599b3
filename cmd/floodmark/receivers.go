package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/delivery"
	"github.com/floodmark/floodmark/alert/receivers"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/runs"
)

// deliveryFlags are the flags about telling people.
type deliveryFlags struct {
	required    bool
	timeout     time.Duration
	hosts       []string
	denyPrivate bool
	scope       string
	runURL      string
}

func (f *deliveryFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&f.required, "require-delivery", false, "exit code 6 when all is well but for alerts that were not delivered")
	fs.StringVar(&f.scope, "dedup-scope", "run", "what an alert is the same within: run, or target, so that the next run goes on with it")
	fs.StringVar(&f.runURL, "run-url", "", "link to this run in messages (default: that of the CI job)")
	f.registerReach(fs)
}

// registerReach registers the flags that say how receivers are reached.
func (f *deliveryFlags) registerReach(fs *pflag.FlagSet) {
	fs.DurationVar(&f.timeout, "delivery-timeout", 30*time.Second, "time for undelivered alerts at the end")
	fs.StringSliceVar(&f.hosts, "notify-hosts", nil, "hosts that receivers may be at, such as hooks.slack.com,*.example.com (default: all)")
	fs.BoolVar(&f.denyPrivate, "notify-deny-private", false, "no receivers at private or loopback addresses")
}

// check refuses values that cannot be meant.
func (f *deliveryFlags) check() error {
	if f.scope != "run" && f.scope != "target" {
		return usageFault(fmt.Errorf("--dedup-scope %q: not run or target", f.scope))
	}
	if f.timeout < 0 {
		return usageFault(fmt.Errorf("--delivery-timeout %v: negative", f.timeout))
	}
	return nil
}

// policy is what the flags allow receivers to reach.
func (f *deliveryFlags) policy() receivers.Policy {
	return receivers.Policy{AllowHosts: f.hosts, DenyPrivate: f.denyPrivate, UserAgent: "floodmark/" + version}
}

// readSecrets reads the secrets that a profile keeps in files. Names of files become
// absolute: the saved profile is elsewhere, and is to mean the same ones.
func readSecrets(p *profiles.Profile) error {
	var faults []error
	for i := range p.Notify {
		r := &p.Notify[i]
		r.Path = fullPath(r.Path)
		for key, secret := range r.Secrets() {
			if secret.File == "" || secret.Value != "" {
				continue
			}
			text, err := os.ReadFile(secret.File)
			if err == nil && strings.TrimSpace(string(text)) == "" {
				err = fmt.Errorf("%s is empty", secret.File)
			}
			if err != nil {
				faults = append(faults, fmt.Errorf("notify.%s.%s_file: %w", r.Name, key, err))
				continue
			}
			secret.Value, secret.File = strings.TrimSpace(string(text)), fullPath(secret.File)
			p.Secrets = append(p.Secrets, secret.Value)
		}
	}
	return errors.Join(faults...)
}

// fullPath makes the name of a file absolute, if it is one.
func fullPath(name string) string {
	if name == "" {
		return ""
	}
	if path, err := filepath.Abs(name); err == nil {
		return path
	}
	return name
}

// specOf is a receiver of a profile in the words of who sends to it.
func specOf(r profiles.Receiver) receivers.Spec {
	s := receivers.Spec{
		Name: r.Name, Type: r.Type, URL: r.URL.Value, Key: r.Key.Value, SigningSecret: r.SigningSecret.Value,
		Command: r.Command, Path: r.Path, Title: r.Title, Body: r.Body, Channel: r.Channel, Username: r.Username,
		Timeout: r.Timeout, AllowHTTP: r.AllowHTTP,
	}
	for _, h := range r.Headers {
		s.Headers = append(s.Headers, [2]string{h.Name, h.Value.Value})
	}
	return s
}

// checkReceivers refuses receivers that cannot be sent to.
func (c *plan) checkReceivers() error {
	var faults []error
	for _, r := range c.profile.Notify {
		s := specOf(r)
		if err := s.Validate(); err != nil {
			faults = append(faults, ofReceiver(r.Name, err))
		}
	}
	return errors.Join(faults...)
}

// ofReceiver says whose fault each of some faults is, and how to mend it.
func ofReceiver(name string, err error) error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var faults []error
		for _, one := range all.Unwrap() {
			faults = append(faults, ofReceiver(name, one))
		}
		return errors.Join(faults...)
	}
	err = fmt.Errorf("notify.%s.%w", name, err)
	if h, ok := errors.AsType[hinter](err); ok && h.Hint() != "" {
		err = fmt.Errorf("%w (%s)", err, h.Hint())
	}
	return err
}

// receivers makes the receivers that alerts tell, or those of some names.
func (c *plan) receivers(policy receivers.Policy, wanted func(name string) bool) (map[string]*receivers.Receiver, error) {
	all := map[string]*receivers.Receiver{}
	var faults []error
	for _, from := range c.profile.Notify {
		if !wanted(from.Name) {
			continue
		}
		r, err := receivers.New(specOf(from), policy)
		if err != nil {
			faults = append(faults, ofReceiver(from.Name, err))
			continue
		}
		all[from.Name] = r
	}
	if err := errors.Join(faults...); err != nil {
		return nil, usageFault(err)
	}
	return all, nil
}

// lanes are the ways to receivers.
func lanes(all map[string]*receivers.Receiver) []delivery.Lane {
	var out []delivery.Lane
	for name, r := range all {
		perSecond, burst := r.Pace()
		out = append(out, delivery.Lane{
			Name: name, Receiver: r, Single: r.Single(), Refresh: r.Refresh(), PerSecond: perSecond, Burst: burst,
		})
	}
	return out
}

// notified reports whether some alert tells a receiver.
func (c *plan) notified(name string) bool {
	for _, r := range c.rules {
		if slices.Contains(r.Notify, name) {
			return true
		}
	}
	return false
}

// jobURL is the address of the job in whatever CI this is, "" if it is none.
func jobURL(lookup func(string) (string, bool)) string {
	get := func(name string) string { value, _ := lookup(name); return value }
	if id := get("GITHUB_RUN_ID"); id != "" {
		return get("GITHUB_SERVER_URL") + "/" + get("GITHUB_REPOSITORY") + "/actions/runs/" + id
	}
	for _, name := range []string{"CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL", "DRONE_BUILD_LINK"} {
		if url := get(name); url != "" {
			return url
		}
	}
	return ""
}

// revisionTested is the commit that CI is about, "" if that is not known.
func revisionTested(lookup func(string) (string, bool)) string {
	for _, name := range []string{"GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "CIRCLE_SHA1", "BUILDKITE_COMMIT", "DRONE_COMMIT_SHA"} {
		if sha, ok := lookup(name); ok {
			return sha
		}
	}
	return ""
}

// alertRun is what messages say about the run. Its id is different in each, also where
// two machines begin one in the same second.
func (c *plan) alertRun(journal *runs.Journal, f *deliveryFlags, env environment) alert.Run {
	id := c.run.Started.UTC().Format("20060102-150405")
	if journal != nil {
		id = filepath.Base(journal.Dir())
	}
	id += "-" + rand.Text()[:4]
	url := f.runURL
	if url == "" {
		url = jobURL(env.lookup)
	}
	return alert.Run{
		ID: id, Name: c.run.Name, Target: c.run.Target, URL: url, Revision: revisionTested(env.lookup), Started: c.run.Started.UTC(),
	}
}

// unset tells of a secret of a saved profile whose variable is not set: the profile has
// the variable's name, and *** for its value.
func unset(r *profiles.Receiver) error {
	for _, secret := range r.Secrets() {
		if name, _, ok := strings.Cut(strings.TrimPrefix(secret.Raw, "${"), ":-"); ok && secret.Value == "***" {
			return fmt.Errorf("receiver %s: the variable %s is not set", r.Name, name)
		}
	}
	return nil
}
