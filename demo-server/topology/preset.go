package topology

import (
	"io/fs"
	"strings"

	"github.com/floodmark/floodmark/demo-server/topologies"
	"github.com/floodmark/floodmark/nearest"
)

// Names returns the names of the ready-made topologies, in the order of the road from one
// server to many: 01-single-server.
func Names() []string {
	files, err := fs.Glob(topologies.Files, "*.yaml")
	if err != nil {
		return nil // the pattern is right
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(file, ".yaml")
	}
	return files
}

// Preset returns the text of a ready-made topology by its name, or by either half of it:
// 04-load-balancer, load-balancer or 04.
func Preset(name string) ([]byte, bool) {
	for _, full := range Names() {
		number, words, _ := strings.Cut(full, "-")
		if name == full || name == number || name == words {
			text, err := topologies.Files.ReadFile(full + ".yaml")
			return text, err == nil
		}
	}
	return nil, false
}

// Meant returns the ready-made topology that somebody who mistypes a name has meant; empty:
// none is near enough.
func Meant(name string) string {
	names := Names()
	for _, full := range Names() {
		_, words, _ := strings.Cut(full, "-")
		names = append(names, words)
	}
	return nearest.Word(name, names)
}
