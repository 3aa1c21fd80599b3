package main

import "testing"

func TestParseLevel(t *testing.T) {
	for _, tt := range []struct {
		text string
		want level
	}{
		{"300/s", level{300, -1, -1, true}},
		{" 18000/m ", level{300, -1, -1, true}},
		{"1.5k/s", level{1500, -1, -1, true}},
		{"300", level{300, -1, -1, false}},
		{"1.2k", level{1200, -1, -1, false}},
		{"0", level{0, -1, -1, false}},
		{"+10%", level{-1, -1, 1.1, false}},
		{"-10%", level{-1, -1, 0.9, false}},
		{"-100%", level{-1, -1, 0, false}},
		{"x1.5", level{-1, 1.5, -1, false}},
		{"plan", level{-1, 1, -1, false}},
	} {
		if got, err := parseLevel(tt.text); err != nil || got != tt.want {
			t.Errorf("%q is %+v, %v, want %+v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{"", "-", "10%", "+10", "x", "x-1", "x1e9", "1.5x", "300/d", "plan!", "Inf", "NaN", "1e9", "-101%", "+", "+%", "-5", "+-5%", "x."} {
		if got, err := parseLevel(text); err == nil {
			t.Errorf("%q is taken, as %+v", text, got)
		}
	}
}
