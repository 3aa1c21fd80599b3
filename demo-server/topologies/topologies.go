// Package topologies holds the topology files that come with the program. It knows nothing of what stands in them.
package topologies

import "embed"

// Files has them all: 04-load-balancer.yaml.
//
//go:embed *.yaml
var Files embed.FS
