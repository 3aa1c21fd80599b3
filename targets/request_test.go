package targets

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/dial"
)

func TestCompile(t *testing.T) {
	tests := []struct {
		name    string
		target  Target
		method  string
		url     string
		headers []Header
		body    string
		want    string
	}{
		{
			name: "defaults", method: "GET", url: "/a?b=c",
			want: "GET /a?b=c HTTP/1.1\r\nHost: shop.test:8080\r\nUser-Agent: floodmark\r\nAccept: */*\r\n\r\n",
		},
		{
			name: "body and own headers", method: "POST", url: "orders", body: "{}",
			target:  Target{Headers: []Header{{"X-Tenant", "acme"}, {"X-Trace", "a"}}},
			headers: []Header{{"user-agent", "mine"}, {"x-trace", "b"}, {"X-Trace", "c"}},
			want: "POST /v1/orders HTTP/1.1\r\nHost: shop.test:8080\r\nAccept: */*\r\nContent-Length: 2\r\n" +
				"X-Tenant: acme\r\nuser-agent: mine\r\nx-trace: b\r\nX-Trace: c\r\n\r\n{}",
		},
		{
			name: "empty body of a method that has one", method: "PUT", url: "/",
			want: "PUT / HTTP/1.1\r\nHost: shop.test:8080\r\nUser-Agent: floodmark\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n",
		},
		{
			name: "another host header", method: "GET", url: "/", headers: []Header{{"X-A", "1"}, {"Host", "www.shop.test"}},
			want: "GET / HTTP/1.1\r\nHost: www.shop.test\r\nUser-Agent: floodmark\r\nAccept: */*\r\nX-A: 1\r\n\r\n",
		},
		{
			name: "credentials in the url", method: "GET", url: "http://ann:secret@shop.test/",
			want: "GET / HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: floodmark\r\nAccept: */*\r\nAuthorization: Basic YW5uOnNlY3JldA==\r\n\r\n",
		},
		{
			name: "bytes that would end the request line", method: "GET", url: "/a b/ü?q=x y&r=ü#part",
			want: "GET /a%20b/%C3%BC?q=x%20y&r=%C3%BC HTTP/1.1\r\nHost: shop.test:8080\r\nUser-Agent: floodmark\r\nAccept: */*\r\n\r\n",
		},
		{
			name: "base itself", method: "GET", url: "",
			want: "GET /v1/ HTTP/1.1\r\nHost: shop.test:8080\r\nUser-Agent: floodmark\r\nAccept: */*\r\n\r\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.target.BaseURL = &url.URL{Scheme: "http", Host: "shop.test:8080", Path: "/v1/"}
			tt.target.Reuse = true
			req, err := tt.target.Compile(tt.method, tt.url, tt.headers, []byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(req.bytes); got != tt.want {
				t.Errorf("bytes\ngot  %q\nwant %q", got, tt.want)
			}
			if got := req.Method(); got != tt.method {
				t.Errorf("Method() = %q, want %q", got, tt.method)
			}
			if strings.Contains(req.URL(), "secret") {
				t.Errorf("URL() = %q tells the password", req.URL())
			}
		})
	}
}

func TestCompileWithoutReuseAsksToClose(t *testing.T) {
	target := at(t, "http://127.0.0.1:1")
	target.Reuse = false
	if got, want := string(compile(t, target, "/").bytes), "\r\nConnection: close\r\n"; !strings.Contains(got, want) {
		t.Errorf("bytes = %q, want them to contain %q", got, want)
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct {
		name, method, url string
		headers           []Header
		want              string
	}{
		{"other host", "GET", "http://evil.test/", nil, "host evil.test is not in allow_hosts"},
		{"other host by reference", "GET", "//evil.test/", nil, "not in allow_hosts"},
		{"host that ends alike", "GET", "http://not-shop.test/", nil, "not in allow_hosts"},
		{"host in the user part", "GET", "http://shop.test@evil.test/", nil, "host evil.test is not in allow_hosts"},
		{"other port of a host with port", "GET", "http://db.test:81/", nil, "host db.test:81 is not in allow_hosts"},
		{"other scheme", "GET", "ftp://shop.test/", nil, `scheme "ftp" is neither http nor https`},
		{"no host", "GET", "http:///x", nil, "names no host"},
		{"opaque", "GET", "http:shop.test", nil, "names no host"},
		{"bad url", "GET", "http://shop.test/%zz", nil, "invalid URL escape"},
		{"line break in the url", "GET", "/a\r\nX: y", nil, "invalid control character"},
		{"bad port", "GET", "http://shop.test:99999/", nil, "port 99999 is not within 1 and 65535"},
		{"port 0", "GET", "http://shop.test:0/", nil, "port 0 is not within"},
		{"no ASCII", "GET", "http://shöp.test/", nil, "xn--"},
		{"zone", "GET", "http://[fe80::1%25en0]/", nil, "zone"},
		{"empty method", "", "/", nil, `method "" cannot be sent`},
		{"method of two words", "GET /x", "/", nil, "cannot be sent"},
		{"connect", "CONNECT", "/", nil, "cannot be sent"},
		{"header name", "GET", "/", []Header{{"X Y", "z"}}, `header name "X Y" is not a token`},
		{"no header name", "GET", "/", []Header{{"", "z"}}, "is not a token"},
		{"line break in the name", "GET", "/", []Header{{"X\r\nY", "z"}}, "is not a token"},
		{"line break in the value", "GET", "/", []Header{{"X", "a\r\nY: b"}}, "header X: the value"},
		{"line feed in the value", "GET", "/", []Header{{"X", "a\nb"}}, "control characters"},
		{"zero in the value", "GET", "/", []Header{{"X", "a\x00b"}}, "control characters"},
		{"length", "GET", "/", []Header{{"content-length", "7"}}, "follows from the body"},
		{"encoding", "GET", "/", []Header{{"Transfer-Encoding", "chunked"}}, "follows from the body"},
		{"two hosts", "GET", "/", []Header{{"Host", "a"}, {"host", "b"}}, "header Host: a request has one only"},
	}
	target := at(t, "http://shop.test/")
	target.AllowHosts = []string{"SHOP.test", "db.test:80", "[::1]", "fe80::1", "shöp.test"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := target.Compile(tt.method, tt.url, tt.headers, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestCompileAllows(t *testing.T) {
	target := at(t, "http://shop.test/")
	target.AllowHosts = []string{"shop.test", "db.test:80", "api.test:8443", "::1", "[::2]", "127.0.0.1"}
	for _, u := range []string{
		"/", "http://SHOP.test:99/", "https://shop.test/", "http://db.test/", "https://api.test:8443/",
		"http://[::1]:8080/", "http://[::2]/", "http://127.0.0.1:1/",
	} {
		if _, err := target.Compile("GET", u, nil, nil); err != nil {
			t.Errorf("Compile(%q): %v", u, err)
		}
	}
	if _, err := (Target{}).Compile("GET", "http://shop.test/", nil, nil); err == nil {
		t.Error("the zero target compiled a request, want every host refused")
	}
}

func TestValidateTellsAllFaults(t *testing.T) {
	target := at(t, "ftp://shop.test/")
	target.AllowHosts = []string{"http://shop.test"}
	target.Headers = []Header{{"a b", ""}}
	target.Timeout, target.Redirects = -1, -1
	err := target.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"base_url: scheme", "allow_hosts: ", "header name", "timeout -1ns", "redirects -1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if err := at(t, "http://shop.test").Validate(); err != nil {
		t.Errorf("a plain target: %v", err)
	}
}

// FuzzCompile checks that whatever compiles is one request that says what was
// asked for, as another parser reads it: nothing can be smuggled in.
func FuzzCompile(f *testing.F) {
	f.Add("GET", "/a?b=c", "X-A", "b", "")
	f.Add("POST", "http://shop.test/x y?ü", "Host", "other", "body")
	f.Add("PUT", "//shop.test", "Connection", "close", "GET / HTTP/1.1\r\n\r\n")
	f.Add("GET", "?a\x7f", "X", "\t", "")
	target := at(f, "http://shop.test/base/")
	f.Fuzz(func(t *testing.T, method, rawURL, name, value, body string) {
		req, err := target.Compile(method, rawURL, []Header{{name, value}}, []byte(body))
		if err != nil {
			return
		}
		r := bufio.NewReader(bytes.NewReader(req.bytes))
		got, err := http.ReadRequest(r)
		if err != nil {
			t.Fatalf("%q: %v", req.bytes, err)
		}
		if got.Method != method {
			t.Errorf("method %q, want %q", got.Method, method)
		}
		if read, err := io.ReadAll(got.Body); err != nil || string(read) != body {
			t.Errorf("body %q, %v, want %q", read, err, body)
		}
		if r.Buffered() > 0 {
			t.Errorf("%d bytes after the request %q", r.Buffered(), req.bytes)
		}
	})
}

// A plain request is written to a proxy in absolute form, with what the proxy
// wants to know; one over TLS goes through it and looks like any other.
func TestCompileForProxy(t *testing.T) {
	proxy, err := dial.ParseProxy("http://me:geheim@127.0.0.1:3128")
	if err != nil {
		t.Fatal(err)
	}
	dialer, err := dial.New(dial.Options{Proxy: proxy})
	if err != nil {
		t.Fatal(err)
	}
	defer dialer.Close()
	for url, want := range map[string]string{
		"http://shop.test:/a?b=c":  "GET http://shop.test/a?b=c HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: floodmark\r\nAccept: */*\r\nProxy-Authorization: Basic bWU6Z2VoZWlt\r\n\r\n",
		"https://shop.test:/a?b=c": "GET /a?b=c HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: floodmark\r\nAccept: */*\r\n\r\n",
	} {
		target := at(t, url)
		target.Dialer = dialer
		if got := string(compile(t, target, url).bytes); got != want {
			t.Errorf("got\n%q\nwant\n%q", got, want)
		}
	}
}
