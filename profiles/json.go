package profiles

import (
	"encoding/json"
	"strconv"
	"strings"
)

// appendJSON adds a YAML value as compact JSON, keys in the file's order. Quoted values are strings; the type of a plain
// one is seen after its variables are expanded, so that a number may come from a variable.
func (d *decoder) appendJSON(dst []byte, f field) []byte {
	switch f.node.kind {
	case nothing:
		return append(dst, "null"...)
	case mapping:
		dst = append(dst, '{')
		for i, e := range f.node.entries {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendJSONString(dst, e.key), ':')
			dst = d.appendJSON(dst, d.child(f.path, e))
		}
		return append(dst, '}')
	case sequence:
		dst = append(dst, '[')
		for i, item := range d.items(f) {
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

func (d *decoder) appendJSONScalar(dst []byte, f field) []byte {
	text := f.node.text
	if f.node.quoted {
		return appendJSONString(dst, text)
	}
	switch strings.ToLower(text) {
	case "true", "false", "null":
		return append(dst, strings.ToLower(text)...)
	case "", "~":
		return append(dst, "null"...)
	case ".nan", ".inf", "+.inf", "-.inf":
		d.wrong(f, "quote it to send a text", "JSON has no number %s", quote(f.node.raw))
		return append(dst, "null"...)
	}
	if json.Valid([]byte(text)) && strings.ContainsAny(text[:1], "-0123456789") {
		return append(dst, text...) // digit for digit: a float would round long numbers
	}
	if digits := strings.TrimLeft(text, "+-"); digits[:min(1, len(digits))] == "0" && isDigits(digits) {
		d.wrong(f, "quote it to send a text, or drop the leading zeros", "%s is read differently by different parsers", quote(f.node.raw))
		return append(dst, "null"...)
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil && !strings.Contains(text, "_") {
		return strconv.AppendInt(dst, n, 10) // 0x1f, 0o17, +5
	}
	return appendJSONString(dst, text)
}

// appendJSONString leaves < and > alone, which a browser's JSON escapes and a service's tests do not expect.
func appendJSONString(dst []byte, text string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return append(dst, `""`...) // a string always encodes
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}
