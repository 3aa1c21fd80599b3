package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"time"

	"github.com/floodmark/floodmark/health"
)

// How long things are measured. Together with the timers it is about four seconds.
const (
	loopbackLength   = time.Second
	handshakeLength  = 500 * time.Millisecond
	encryptionLength = 200 * time.Millisecond
)

// A Doctor examines the machine it runs on. Make it with [New].
type Doctor struct {
	Files fs.FS // the root of /proc and /sys; nil for a system without them
}

// New returns a doctor for this machine.
func New() *Doctor { return &Doctor{Files: health.System()} }

// Examine goes through the machine, in less than ten seconds. It returns an error
// when ctx ended first, or when the machine does not even let it measure.
func (d *Doctor) Examine(ctx context.Context) (Report, error) {
	f := files{d.Files}
	start := f.now()
	own, goTimers, err := measureTimers(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("timers: %w", err)
	}
	rest := f.now() // so far the doctor has hardly done anything: what the CPUs did was for others
	speed, err := measureSpeed(ctx)
	if err != nil {
		return Report{}, err
	}
	cpus := health.UsableCPUs()
	r := Report{System: f.system()}
	r.Checks = append(r.Checks,
		f.processors(cpus, runtime.GOMAXPROCS(0)), f.quota(cpus), others(start, rest), stolen(start, f.now()), f.memory(),
		f.clockSource(), judgeClock(clockCost()), judgeTimers(own, goTimers),
		f.openFiles(health.FileLimit()), f.ports(), f.portReuse(), f.backlog(), f.conntrack())
	r.Checks = append(r.Checks, speed...)
	return r, nil
}

// measureSpeed measures and judges how fast the machine is. It returns an error only
// when ctx ended: what cannot be measured is a finding.
func measureSpeed(ctx context.Context) ([]Check, error) {
	loopback, err := measureLoopback(ctx, loopbackLength)
	checks := []Check{judgeLoopback(loopback).unless(err)}
	shakes, err := measureHandshakes(ctx, handshakeLength)
	checks = append(checks, judgeHandshakes(shakes).unless(err))
	encryption, err := measureEncryption(encryptionLength)
	return append(checks, judgeEncryption(encryption).unless(err)), ctx.Err()
}
