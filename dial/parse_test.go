package dial

import (
	"strings"
	"testing"
)

func TestParseRewrite(t *testing.T) {
	good := []string{"a:1:b:2", ":::2", "a::b:", "[::1]:443:[::2]:8443", "::[fe80::1]:"}
	for _, text := range good {
		r, err := ParseRewrite(text)
		if err != nil || r.String() != text {
			t.Errorf("%q became %q, %v", text, r, err)
		}
	}
	for text, want := range map[string]string{
		"": "four parts", "a:1:b": "four parts", "::1:443:b:1": "four parts", "a:1:b:2:3": "four parts",
		"a:1::": "changes neither", "a:x:b:2": `port "x"`, "a:1:b:0": `port "0"`, "a:1:b:70000": `port "70000"`,
	} {
		_, err := ParseRewrite(text)
		refused(t, text, want, err)
	}
}

func TestParseOverride(t *testing.T) {
	good := map[string]string{
		"a:80:10.0.0.1": "", "A.b:443:10.0.0.1,10.0.0.2": "a.b:443:10.0.0.1,10.0.0.2", "*:1:::1": "*:1:[::1]",
		"a:1:[::1],::2": "a:1:[::1],[::2]", "a:1:::ffff:10.0.0.1": "a:1:10.0.0.1",
	}
	for text, want := range good {
		if want == "" {
			want = text
		}
		o, err := ParseOverride(text)
		if err != nil || o.String() != want {
			t.Errorf("%q became %q, %v", text, o, err)
		}
	}
	for text, want := range map[string]string{
		"": "three parts", "a": "three parts", "a:80": "three parts", "a:80:": "three parts", ":80:::1": "three parts",
		"a:0:::1": `port "0"`, "a:80:b": `"b" is not an IP`, "a:80:10.0.0.1,": `"" is not an IP`, "-a:80:::1": "curl's cache", "+a:80:::1": "curl's cache",
	} {
		_, err := ParseOverride(text)
		refused(t, text, want, err)
	}
}

func TestParseLocal(t *testing.T) {
	for text, want := range map[string]int{
		"10.0.0.1": 1, "[::1]": 1, "::1": 1, "10.0.0.0/30": 2, "10.0.0.7/31": 2, "10.0.0.7/32": 1, "10.0.0.9/28": 14, "fd00::/126": 4, "255.255.255.252/30": 2,
	} {
		ips, err := ParseLocal(text)
		if err != nil || len(ips) != want {
			t.Errorf("%q is %v, %v, want %d addresses", text, ips, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "not an IP", "eth0": "not an IP", "10.0.0.0/33": "not a CIDR", "10.0.0.0/16": "more than 4096", "fd00::/64": "more than 4096",
	} {
		_, err := ParseLocal(text)
		refused(t, text, want, err)
	}
}

func TestParseProxy(t *testing.T) {
	for _, text := range []string{"http://proxy:3128", "https://proxy", "http://a:b@[::1]:80/"} {
		if _, err := ParseProxy(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"proxy:3128": "scheme", "socks5://u:geheim@p": "scheme", "http://": "no host", "http://u:geheim@p:0": "port 0",
		"http://u:geheim@p/x": "path", "http://u:geheim@p:x": "not a URL", "http://u:ge heim@p": "not a URL", "http://p?geheim": "path",
	} {
		_, err := ParseProxy(text)
		refused(t, text, want, err)
		if err != nil && strings.Contains(err.Error(), "heim") {
			t.Errorf("%q: %v shows the password", text, err)
		}
	}
}

// refused checks that a text was refused for the right reason, with a hint.
func refused(t *testing.T, text, want string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%q: error %v, want %q", text, err, want)
		return
	}
	if hinted, ok := err.(interface{ Hint() string }); !ok || hinted.Hint() == "" {
		t.Errorf("%q: no hint in %v", text, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"a:1:b:2", "[::1]:443:[::2]:1", "a:80:10.0.0.1,::1", "10.0.0.0/28", "]:[:::"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := ParseRewrite(text); err == nil {
			again, err := ParseRewrite(r.String())
			if err != nil || again != r {
				t.Errorf("%q became %q, and that %q, %v", text, r, again, err)
			}
		}
		if o, err := ParseOverride(text); err == nil {
			again, err := ParseOverride(o.String())
			if err != nil || again.String() != o.String() {
				t.Errorf("%q became %q, and that %q, %v", text, o, again, err)
			}
		}
		if ips, err := ParseLocal(text); err == nil && (len(ips) == 0 || len(ips) > maxLocal) {
			t.Errorf("%q is %d addresses", text, len(ips))
		}
		_, _ = ParseProxy(text)
	})
}
