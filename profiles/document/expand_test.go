package document

import "testing"

func env(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func TestVariables(t *testing.T) {
	vars := Variables{env(map[string]string{"A": "1", "EMPTY": "", "EVIL": "x\ny: ${A} # }"}), new([]string)}
	tests := []struct{ raw, want, fault string }{
		{"${A}", "1", ""},
		{"a${A}b${A}c", "a1b1c", ""},
		{"$$", "$", ""},
		{"$${A}", "${A}", ""},
		{"$5 and $.items", "$5 and $.items", ""},
		{"$", "$", ""},
		{"${EMPTY}", "", ""},
		{"${EMPTY:-d}", "d", ""},
		{"${NONE:-http://x:80/}", "http://x:80/", ""},
		{"${NONE:-}", "", ""},
		{"${EVIL}", "x\ny: ${A} # }", ""}, // a value is not looked into again
		{"${NONE}", "", "the variable NONE is not set"},
		{"${A", "", "a variable is not closed"},
		{"${}", "", `"${}" is not a variable`},
		{"${A-b}", "", `"${A-b}" is not a variable`},
		{"${1A}", "", `"${1A}" is not a variable`},
		{"${NONE:-${A}}", "}", "the default of NONE holds another variable"},
	}
	for _, tt := range tests {
		got, ps := vars.expand(tt.raw)
		fault := ""
		if len(ps) > 0 {
			fault = ps[0].Message
		}
		if got != tt.want || fault != tt.fault {
			t.Errorf("%s: got %q, %q; want %q, %q", tt.raw, got, fault, tt.want, tt.fault)
		}
	}
}
