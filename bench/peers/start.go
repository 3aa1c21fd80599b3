package main

import (
	"context"
	"debug/buildinfo"
	"strings"
	"time"
)

// startUp takes the time of programs that do nothing but say who they are.
func (b *book) startUp(ctx context.Context) {
	const times = 20
	seen := map[string]bool{}
	for i := range b.peers {
		p := &b.peers[i]
		if seen[p.program] {
			continue
		}
		seen[p.program] = true
		var took []float64
		var said []byte
		for range times {
			begun := time.Now()
			said, _ = p.pinned(ctx, p.version).CombinedOutput() // some tell their version and fail
			took = append(took, time.Since(begun).Seconds())
		}
		b.versions[p.name] = version(p.program, said)
		b.starts[p.name] = spreadOf(took)
	}
}

// version returns what Go wrote into a program, for one that was built by go install;
// else the first line that it said.
func version(path string, said []byte) string {
	if info, err := buildinfo.ReadFile(path); err == nil && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Path + " " + info.Main.Version + ", " + info.GoVersion
	}
	return firstLine(said)
}

// firstLine returns the first line of a program's words.
func firstLine(out []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line
}
