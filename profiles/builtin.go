package profiles

import (
	"embed"
	"path"
	"slices"
)

//go:embed builtin/*.yaml
var builtins embed.FS

//go:embed profile.schema.json
var schema []byte

// Builtin returns the text of a ready-made profile by its name, such as smoke.
func Builtin(name string) ([]byte, bool) {
	if !slices.Contains(BuiltinNames(), name) {
		return nil, false
	}
	text, err := builtins.ReadFile(path.Join("builtin", name+".yaml"))
	return text, err == nil
}

// BuiltinNames returns the names of the ready-made profiles, the gentlest first.
func BuiltinNames() []string {
	return []string{"smoke", "steady", "ramp", "spike", "soak", "breakpoint", "demo"}
}

// Schema returns the JSON Schema (draft-07) of a profile, which editors use to complete and check one.
func Schema() []byte { return append([]byte(nil), schema...) }
