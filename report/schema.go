package report

import _ "embed" // for the schema

//go:embed result.schema.json
var resultSchema string

// Schema returns the JSON Schema (draft-07) of what [JSON] writes.
func Schema() []byte { return []byte(resultSchema) }
