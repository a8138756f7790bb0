package redact

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/crash"
)

// textOf is a text of no crash and no debugger as it may be shown.
func textOf(s string) string { return reading{debugger: isDebugger(s)}.text(s, func(string) {}) }

func TestText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "scf=0x7f9e44138eb0 flags=0x00040002 ioto=10m state=EST", ""},
		{"URL credentials", "proxying http://jo:s3cret@192.0.2.1:80/x", "proxying http://[redacted:credentials]@192.0.2.1:80/x"},
		{"URL user with at sign", "http://jo@corp:pw@192.0.2.1/", "http://[redacted:credentials]@192.0.2.1/"},
		{"URL without credentials", "see https://github.com/haproxy/haproxy/issues/2862", ""},
		{"mail address in a path is no credential", "https://192.0.2.1/u/jo@example.com", "https://192.0.2.1/u/[redacted:mail]"},
		{"cookie", "Cookie: SID=31d4d96e407aad42; lang=en", "Cookie: [redacted:cookie]"},
		{"cookie in a quoted string", `hdr="Cookie: SID=1" next=2`, `hdr="Cookie: [redacted:cookie]" next=2`},
		{"set-cookie as gdb prints it", `:"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\n\r\n"`, `:"HTTP/1.1 200 OK\r\nset-cookie: [redacted:cookie]\r\n\r\n"`},
		{"authorization", "authorization: Basic am86cHc=\r\nHost: x", "authorization: [redacted:header]\r\nHost: x"},
		{"api key", "X-Api-Key: 0123abc", "X-Api-Key: [redacted:header]"},
		{"headers of a request", "GET / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 12\r\nX-User: jo\r\n",
			"GET / HTTP/1.1\r\nHost: [redacted:header]\r\nContent-Length: 12\r\nX-User: [redacted:header]\r\n"},
		{"headers as gdb prints them", `"GET / HTTP/1.1\r\nhost: shop.example\r\nx-user: jo"`, `"GET / HTTP/1.1\r\nhost: [redacted:header]\r\nx-user: [redacted:header]"`},
		{"bearer", "sent Bearer abcdefgh123", "sent Bearer [redacted:token]"},
		{"JWT", "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqbyJ9.c2ln end", "jwt [redacted:token] end"},
		{"AWS key", "key AKIAIOSFODNN7EXAMPLE used", "key [redacted:token] used"},
		{"password", "db_password=hunter2&x=1", "db_password=[redacted:password]&x=1"},
		{"short numeric password", "password=1234", "password=[redacted:password]"},
		{"quoted secret", `client-secret="a b c" x`, `client-secret="[redacted:password]" x`},
		{"token", "access_token=dGhpcyBpcyBsb25n;", "access_token=[redacted:token];"},
		{"token that is a pointer", "token=0x7f9e44138eb0", ""},
		{"session cookie", "JSESSIONID=AF12-xyz rest", "JSESSIONID=[redacted:cookie] rest"},
		{"query in a dump", `uri="/login?user=jo&x=1" req.st=MSG_DONE`, `uri="/login?[redacted:query]" req.st=MSG_DONE`},
		{"query in a request line", "GET /a?b=c HTTP/1.1", "GET /a?[redacted:query] HTTP/1.1"},
		{"question mark of a dump", "proto=? listener=? (id=0)", ""},
		{"conditional in an assertion", `condition "a ? b : c" matched at src/x.c:12`, ""},
		{"environment", "HOME=/home/jo STRIPE_KEY=sk_live_1234567 x", "HOME=[redacted:environment] STRIPE_KEY=[redacted:token] x"},
		{"build options are no environment", "TARGET=linux-glibc USE_OPENSSL=1 CFLAGS='-O2 -g'", ""},
		{"dump words are no environment", "endp=CONN,0x7f target=LISTENER:0x55 mux=H2 an=0x48000", ""},
		{"journal fields", "COREDUMP_PID=12 MESSAGE=x", ""},
		{"option", "haproxy -f x.cfg --password hunter2 -db", "haproxy -f x.cfg --password [redacted:password] -db"},
		{"option with sign", "prog --api-key=abc123def", "prog --api-key=[redacted:token]"},
		{"option without value", "prog --password --verbose", ""},
		{"private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----[redacted:key]-----END RSA PRIVATE KEY-----"},
		{"pool text", "caller: 0x4a1c20 (some_release_fct+0x40/0x90)\n  item: 0x19f0400", ""},
		{"panic text", "  HAProxy info:\n    version: 3.3.1\n    kernel: Linux 6.12", ""},
		{"alert", "[ALERT]    (4242) : A bogus APPCTX [0x7f] is spinning", ""},
		{"mark before a secret", "password=[redacted:password]more", "password=[redacted:password]"},
	}
	for _, tt := range tests {
		want := tt.want
		if want == "" {
			want = tt.in
		}
		got := textOf(tt.in)
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, want)
		}
		if again := textOf(got); again != got {
			t.Errorf("%s: a second pass gives %q", tt.name, again)
		}
	}
}

// secrets is a crash with a secret in every place that may hold one.
func secrets() *crash.Report {
	const in = "password=hunter2"
	c := crash.Crash{Fatal: true, Host: "lb1", Provoked: in, Text: in, StartupLog: []string{in},
		Process:    &crash.Process{Executable: "/opt/" + in, Arguments: "haproxy --password hunter2", System: in},
		Assertion:  &crash.Assertion{Condition: in, Message: in},
		Pool:       &crash.Pool{Error: in, Origin: in},
		PostMortem: &crash.PostMortem{Components: []crash.Component{{Path: "/opt/" + in}}},
		Counters:   []crash.Counter{{Condition: in, Message: in}},
		Rings:      []crash.Ring{{Name: in, Description: in}},
		Stream: &crash.Stream{Fields: []crash.Field{{Name: "txn.uri", Value: `"/x?hunter2"`}, {Name: "current_rule", Value: in},
			{Name: "captured.cookie", Value: "hunter2"}, {Name: "src", Value: "192.0.2.9"}, {Name: "fe", Value: "www"}}},
		Threads: []crash.Thread{{Lua: in, Fields: []crash.Field{{Name: "exec_ctx", Value: in}},
			Stream:    &crash.Stream{Fields: []crash.Field{{Name: "uri", Value: "/x?hunter2"}}},
			Registers: []crash.Register{{Name: "rax", Value: 1}},
			Frames: []crash.Frame{{Symbol: in, Arguments: []crash.Argument{
				{Name: "msg", Value: `0x55 "hunter2 is plain text"`}, {Name: "cut", Value: `0x55 "hunter2"...`},
				{Name: "open", Value: `0x55 "hunter2`}, {Name: "v", Value: in}, {Name: "pass", Value: "0x55"}}}}}},
		Evidence:  []crash.Evidence{{Fact: in, Text: in}},
		Conflicts: []crash.Conflict{{Fact: "arguments", Values: []crash.ConflictValue{{Value: in}, {Value: in}}}},
		Missing:   []crash.Missing{{What: in, Effect: in, Remedy: in}},
		Verdict: &crash.Verdict{Why: in, Matches: []crash.Match{{Because: []string{in}}},
			Suspects: []crash.Suspect{{Because: []string{in}}}}}
	return &crash.Report{Schema: crash.Schema, Crashes: []crash.Crash{c}}
}

func TestRedact(t *testing.T) {
	r := secrets()
	h := Report(r, Options{})
	first := marshal(t, r)
	if strings.Contains(first, "hunter2") {
		t.Errorf("a secret is left:\n%s", first)
	}
	for _, keep := range []string{"192.0.2.9", `"www"`, "0x55", "lb1"} {
		if !strings.Contains(first, keep) {
			t.Errorf("%s is gone", keep)
		}
	}
	want := Holdings{
		Held:     []string{holdAddresses, holdNames, holdHost, holdPaths, holdArguments, holdSystem, holdText, holdRegisters},
		Redacted: []string{"cookies", "passwords", "query strings", "strings from memory"}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("holdings (-want +got):\n%s", diff)
	}
	// Again: nothing changes, and the statement is the same.
	if again := Report(r, Options{}); !cmp.Equal(h, again) {
		t.Errorf("second call gives %+v", again)
	}
	if second := marshal(t, r); second != first {
		t.Errorf("second call changed the report:\n%s", cmp.Diff(first, second))
	}
}

func TestRedactStrings(t *testing.T) {
	r := secrets()
	h := Report(r, Options{Strings: true})
	args := r.Crashes[0].Threads[0].Frames[0].Arguments
	if args[0].Value != `0x55 "hunter2 is plain text"` {
		t.Errorf("the string is %q", args[0].Value)
	}
	if args[3].Value != "password=[redacted:password]" {
		t.Errorf("a secret is kept with Strings: %q", args[3].Value)
	}
	if !slices.Contains(h.Held, holdStrings) {
		t.Errorf("the statement does not name the strings: %+v", h)
	}
}

func TestRedactOff(t *testing.T) {
	r := secrets()
	before := marshal(t, r)
	h := Report(r, Options{Off: true})
	if after := marshal(t, r); after != before {
		t.Errorf("Off changed the report:\n%s", cmp.Diff(before, after))
	}
	if !slices.Contains(h.Held, "passwords (not redacted)") || len(h.Redacted) != 0 {
		t.Errorf("the statement does not warn: %+v", h)
	}
}

func TestStatement(t *testing.T) {
	var h Holdings
	if got, want := h.Statement(), "this report holds: none of the private data that is looked for."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h.Add(Holdings{Held: []string{holdText}, Redacted: []string{"tokens"}})
	h.Add(Holdings{Held: []string{holdAddresses, holdText}, Redacted: []string{"cookies"}})
	want := "this report holds: addresses of clients and servers, the crash message as printed. Redacted: cookies, tokens."
	if got := h.Statement(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"http://a:b@c/", "Cookie: x", `uri="/a?b"`, "password=[redacted:x]y", "--token t", "eyJhbGciOiJIUzI1NiJ9.e30.x",
		"GET /?a HTTP/1.1\r\nHost: b\r\n", `\r\nx: y HTTP/1.1`, "-----BEGIN PRIVATE KEY-----x", "A=[redacted:", "://@@", "HOME=/root", "192.0.2.1", "Bearer [redacted:token]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := textOf(s)
		if len(out) > 10*len(s)+64 {
			t.Errorf("%d bytes became %d", len(s), len(out))
		}
		if again := textOf(out); again != out {
			t.Errorf("not the same after a second pass:\n%q\n%q\n%q", s, out, again)
		}
		r := &crash.Report{Crashes: []crash.Crash{{Text: s, Stream: &crash.Stream{Fields: []crash.Field{{Name: s, Value: s}, {Name: "uri", Value: s}}},
			Threads: []crash.Thread{{Frames: []crash.Frame{{Arguments: []crash.Argument{{Name: "a", Value: s}, {Name: "password", Value: s}}}}}}}}}
		first := Report(r, Options{})
		before := marshal(t, r)
		if second := Report(r, Options{}); !cmp.Equal(first, second) {
			t.Errorf("holdings differ: %+v %+v", first, second)
		}
		if after := marshal(t, r); after != before {
			t.Errorf("Redact twice:\n%s\n%s", before, after)
		}
	})
}

func TestHasAddress(t *testing.T) {
	for s, want := range map[string]bool{
		"src=192.0.2.9 fe=x":               true,
		"addr=2001:db8::1:443 x":           true,
		"source=unix:1":                    false,
		"version 3.2.26, kernel 6.12.9-1":  false,
		"[08/Aug/2025:18:21:55.636205] id": false,
		"1.2.3":                            false,
		"1234.5.6.7":                       false,
	} {
		if got := hasAddress(s); got != want {
			t.Errorf("hasAddress(%q) = %v", s, got)
		}
	}
}
