package profiles

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// appendJSON adds a YAML value as compact JSON, keys in the file's order. Quoted values are strings; the type of a plain
// one is seen after its variables are expanded, so that a number may come from a variable.
func (d *decoder) appendJSON(dst []byte, f document.Field) []byte {
	switch f.Node.Kind {
	case document.Nothing:
		return append(dst, "null"...)
	case document.Mapping:
		dst = append(dst, '{')
		for i, e := range f.Node.Entries {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(document.AppendJSON(dst, e.Key), ':')
			dst = d.appendJSON(dst, d.Child(f.Path, e))
		}
		return append(dst, '}')
	case document.Sequence:
		dst = append(dst, '[')
		for i, item := range d.Items(f) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = d.appendJSON(dst, item)
		}
		return append(dst, ']')
	default:
		return d.appendJSONScalar(dst, f)
	}
}

func (d *decoder) appendJSONScalar(dst []byte, f document.Field) []byte {
	text := f.Node.Text
	if f.Node.Quoted {
		return document.AppendJSON(dst, text)
	}
	switch strings.ToLower(text) {
	case "true", "false", "null":
		return append(dst, strings.ToLower(text)...)
	case "", "~":
		return append(dst, "null"...)
	case ".nan", ".inf", "+.inf", "-.inf":
		d.Wrong(f, "quote it to send a text", "JSON has no number %s", document.Quote(f.Node.Raw))
		return append(dst, "null"...)
	}
	if json.Valid([]byte(text)) && strings.ContainsAny(text[:1], "-0123456789") {
		return append(dst, text...) // digit for digit: a float would round long numbers
	}
	if digits := strings.TrimLeft(text, "+-"); digits[:min(1, len(digits))] == "0" && document.IsDigits(digits) {
		d.Wrong(f, "quote it to send a text, or drop the leading zeros", "%s is read differently by different parsers", document.Quote(f.Node.Raw))
		return append(dst, "null"...)
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil && !strings.Contains(text, "_") {
		return strconv.AppendInt(dst, n, 10) // 0x1f, 0o17, +5
	}
	return document.AppendJSON(dst, text)
}
