package haconf

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// read reads a configuration that is one text.
func read(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Read([]string{"-"}, strings.NewReader(text), []string{"json_query", "tune.h2.be.initial-window-size", "set-var", "userlist", "never-used"})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return c
}

// in puts lines into a frontend of mode http.
func in(lines string) string { return "defaults\n mode http\nfrontend f\n " + lines + "\n" }

func back(lines string) string {
	return "defaults\n mode http\nbackend b\n " + lines + "\n"
}

func version(t *testing.T, s string) haproxy.Version {
	t.Helper()
	if s == "" {
		return haproxy.Version{}
	}
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFeatures(t *testing.T) {
	for _, c := range []struct {
		text, version, need string
		want                Use
	}{
		// HTTP/2: by alpn, by default since 2.8, by a preface.
		{in("bind :443 ssl crt x alpn h2"), "2.4.1", "h2", Used},
		{in("bind :443 ssl crt x alpn http/1.1"), "3.0.1", "h2", MaybeUsed},
		{in("bind :443 ssl crt x alpn http/1.1\n option disable-h2-upgrade"), "3.0.1", "h2", NotUsed},
		{in("bind :443 ssl crt x\n option disable-h2-upgrade"), "2.6.1", "h2", NotUsed},
		{in("bind :443 ssl crt x\n option disable-h2-upgrade"), "2.8.1", "h2", Used},
		{in("bind :443 ssl crt x no-alpn\n option disable-h2-upgrade"), "2.8.1", "h2", NotUsed},
		{in("bind :443 ssl crt-list x alpn http/1.1\n option disable-h2-upgrade"), "2.8.1", "h2", MaybeUsed},
		{in("bind :80 proto h2"), "2.4.1", "h2", Used},
		{"listen l\n mode tcp\n bind :443 ssl crt x alpn h2\n", "2.8.1", "h2", NotUsed},
		{in("bind quic4@:443 ssl crt x"), "2.8.1", "quic", Used},
		{in("bind :443,quic6@:443 ssl crt x"), "2.8.1", "quic", Used},
		{in(`bind "quic4@${IP}:443" ssl crt x`), "2.8.1", "quic", Used},
		{in(`bind "${IP}:443" ssl crt x`), "2.8.1", "quic", MaybeUsed},
		{in("bind 10.0.0.1:443 name quic4 ssl crt x"), "2.8.1", "quic", NotUsed},
		{in(`bind :443 ssl crt "${DIR}/x.pem"`), "2.8.1", "quic", NotUsed},
		{back("server s quic4@10.0.0.1:443"), "3.3.1", "quic-server", Used},
		{in(`bind :443 "${OPTIONS[*]}"`), "2.8.1", "ssl", MaybeUsed},
		// Modes are given by defaults, to all that follow or by name.
		{in("bind :80"), "2.8.1", "tcp", NotUsed},
		{"frontend f\n bind :80\n", "2.8.1", "tcp", Used},
		{"frontend f\n bind :80\n", "2.8.1", "http|h1", NotUsed},
		{"defaults a\n mode http\ndefaults b\n mode tcp\nfrontend f from a\n bind :80\n", "2.8.1", "http", Used},
		{"defaults a\n mode http\ndefaults b\n mode tcp\nfrontend f from a\n bind :80\n", "2.8.1", "tcp", NotUsed},
		{"defaults a\n mode http\ndefaults b from a\n timeout client 1s\nfrontend f\n bind :80\n", "2.8.1", "http", Used},
		{"defaults\n mode \"${MODE}\"\nfrontend f\n bind :80\n", "2.8.1", "http", MaybeUsed},
		{in(".if 0\n mode tcp\n .endif"), "2.8.1", "tcp", MaybeUsed},
		{in(".if 0\n bind quic4@:443 ssl crt x\n .else\n bind :80\n .endif"), "2.8.1", "quic", MaybeUsed},
		{in("bind :80\n mode http"), "2.8.1", "http-reuse", NotUsed},
		{back("server s 10.0.0.1:80"), "2.8.1", "http-reuse", Used},
		{back("server s 10.0.0.1:80\n http-reuse never"), "2.8.1", "http-reuse", NotUsed},
		{"backend b\n server s 10.0.0.1:80\n", "2.8.1", "http-reuse", NotUsed},
		// The algorithm without a word for it changed in 3.3.
		{back("server s 10.0.0.1:80"), "3.2.1", "balance-roundrobin", Used},
		{back("server s 10.0.0.1:80"), "3.2.1", "balance-random", NotUsed},
		{back("server s 10.0.0.1:80"), "3.3.1", "balance-random", Used},
		{back("server s 10.0.0.1:80"), "", "balance-random", MaybeUsed},
		{back("server s 10.0.0.1:80\n balance uri depth 3"), "3.3.1", "balance-random", NotUsed},
		{back("server s 10.0.0.1:80\n balance uri depth 3"), "3.3.1", "balance-hash", Used},
		{back("server s 10.0.0.1:80 check inter 1s"), "3.3.1", "checks", Used},
		{back("default-server check\n option httpchk\n server s 10.0.0.1:80"), "3.3.1", "http-check", Used},
		{back("option httpchk\n server s 10.0.0.1:80"), "3.3.1", "http-check", NotUsed},
		{back("server check 10.0.0.1:80"), "3.3.1", "checks", NotUsed},
		{back("server s /run/x.sock"), "3.3.1", "unix-socket", Used},
		// The process.
		{"global\n nbthread 1\n", "2.8.1", "threads", NotUsed},
		{"global\n nbthread 4\n", "2.8.1", "threads", Used},
		{"global\n daemon\n", "2.8.1", "threads", MaybeUsed},
		{"global\n daemon\n", "2.8.1", "master-worker", MaybeUsed},
		{"global\n master-worker\n", "2.8.1", "master-worker", Used},
		{"global\n daemon\n", "2.8.1", "thread-groups", NotUsed},
		{"global\n daemon\n", "3.2.1", "thread-groups", MaybeUsed},
		{"global\n thread-groups 2\n", "2.8.1", "thread-groups", Used},
		{"global\n stats socket /run/x\n", "2.8.1", "cli", Used},
		{"global\n daemon\n", "2.8.1", "cli", MaybeUsed},
		{"global\n daemon\n", "2.8.1", "oom", MaybeUsed},
		{"global\n daemon\n", "2.8.1", "ssl-cert-cli", NotUsed}, // no TLS, no certificates
		{"global\n tune.ssl.cachesize 0\n" + in("bind :443 ssl crt x"), "2.8.1", "ssl-cache", NotUsed},
		{in("bind :443 ssl crt x"), "2.8.1", "ssl-cache", MaybeUsed},
		{"global\n daemon\n", "2.8.1", "freebsd", MaybeUsed},
		// Keywords, wherever they stand, but no names.
		{in(`http-request set-header X "%[src,map(/a.map)]"`), "2.8.1", "maps", Used},
		{in(`http-request deny if { path_reg ^/x }`), "2.8.1", "regex", Used},
		{in(`http-request deny if { path -f /x }`), "2.8.1", "maps", Used},
		{back("server lua.x 10.0.0.1:80"), "2.8.1", "lua", NotUsed},
		{in("http-request lua.x"), "2.8.1", "lua", Used},
		{in("no option http-buffer-request"), "2.8.1", "wait-for-body", NotUsed},
		{in("default option http-buffer-request"), "2.8.1", "wait-for-body", NotUsed},
		{in("option http-buffer-request"), "2.8.1", "wait-for-body", Used},
		// What is no line of the vocabulary may be any.
		{in(`"${LINE}" x`), "2.8.1", "fcgi", MaybeUsed},
		{in(`bind :443 "x`), "2.8.1", "quic", MaybeUsed},
		{in(`bind :443 "x`), "2.8.1", "fcgi", NotUsed},
		// Words that must stand in the configuration.
		{in(`http-request set-var(txn.x) req.body,json_query('$.x')`), "2.8.1", "word:json_query", Used},
		{in(`http-request set-var(txn.x) req.body,json_query('$.x')`), "2.8.1", "word:set-var", Used},
		{in("bind :80"), "2.8.1", "word:json_query", NotUsed},
		{in("bind :80"), "2.8.1", "word:unheard", MaybeUsed}, // it was not looked for
		{"global\n tune.h2.be.initial-window-size 1\n", "2.8.1", "word:tune.h2.be.initial-window-size", Used},
		{"global\n lua-load x.lua\n", "2.8.1", "word:json_query", MaybeUsed},
		{"global\n lua-load x.lua\n", "2.8.1", "word:never-used", NotUsed},
		{in(`http-request set-header X "%[${FETCH}]"`), "2.8.1", "word:json_query", MaybeUsed},
		{back(`server s "${IP}" check`), "2.8.1", "word:json_query", NotUsed},
		{in("bind :80 name json_query"), "2.8.1", "word:json_query", Used}, // one too many
		{"userlist u\n", "2.8.1", "word:userlist", Used},
		{"backend userlist\n", "2.8.1", "word:userlist", NotUsed},
		// Alternatives: the likeliest.
		{in("bind :80"), "2.8.1", "fcgi|h1", Used},
		{in("bind :80"), "2.8.1", "nothing-known", MaybeUsed},
	} {
		s := Setup{Config: read(t, c.text), Version: version(t, c.version)}
		if a := s.Uses(c.need); a.Use != c.want {
			t.Errorf("%s of\n%s: %v (%s), want %v", c.need, c.text, a.Use, a.Why, c.want)
		}
	}
}

// TestAll: the least of the needs counts.
func TestAll(t *testing.T) {
	s := Setup{Config: read(t, in("bind :443 ssl crt x alpn h2"))}
	for needs, want := range map[string]Use{"": Used, "h2": Used, "h2 ssl": Used, "h2 reload": MaybeUsed, "h2 reload fcgi": NotUsed} {
		use, answers := s.All(strings.Fields(needs))
		if use != want || len(answers) != len(strings.Fields(needs)) {
			t.Errorf("%s: %v, want %v", needs, use, want)
		}
	}
	// Of nothing known all is possible.
	for _, w := range Vocabulary() {
		if a := new(Setup).Uses(w.Name); a.Use != MaybeUsed || a.Why == "" {
			t.Errorf("%s: %v, %q", w.Name, a.Use, a.Why)
		}
	}
}

func TestVocabulary(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range Vocabulary() {
		if seen[w.Name] || w.Means == "" {
			t.Errorf("%s: twice, or without a meaning", w.Name)
		}
		seen[w.Name] = true
		for depth, up := 0, w.under; up != ""; depth++ {
			first, _, _ := strings.Cut(up, "|")
			if !Known(up) || depth > 4 {
				t.Fatalf("%s: under %q, which is no word, or under itself", w.Name, up)
			}
			up = table().byName[first].under
		}
		for line := range strings.SplitSeq(w.lines+";"+w.hints, ";") {
			if first, _, _ := strings.Cut(strings.TrimSpace(line), " "); first != "" {
				for f := range strings.SplitSeq(first, "|") {
					if !strings.Contains(f, "*") && !table().isDirective(f) && !isSection(f) && !slices.Contains([]string{"set-var", "set-var-fmt"}, f) {
						t.Errorf("%s: no line begins with %s", w.Name, f)
					}
				}
			}
		}
	}
	for need, want := range map[string]bool{"quic": true, "quic|h2": true, "word:x": true, "quic|word:x": true, "word:": false, "quick": false, "": false} {
		if Known(need) != want {
			t.Errorf("%q is known: %v", need, !want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "no statement",
		"# nothing\n\n":                         "no statement",
		"http {\n server { listen 80; }\n}\n":   "line 1: no section begins here, as in a configuration of HAProxy; it looks like nginx's",
		"user www-data;\nevents {}\n":           "nginx",
		"apiVersion: v1\nkind: ConfigMap\n":     "YAML",
		"{\n \"a\": 1\n}\n":                     "JSON",
		"<VirtualHost *:80>\n":                  "XML",
		"key = value\n":                         "INI",
		"daemon\nglobal\n":                      "line 1: no section begins here",
		"global\n daemon\n\x00\n":               "line 3: a control character",
		"\x7fELF\x02\x01":                       "line 1: a control character",
		"HAProxy version 2.8.3\nFeature list\n": "no section begins here",
		"backend default {\n .host = \"x\";\n .port = \"80\";\n .a = 1;\n .b = 2;\n .c = 3;\n .d = 4;\n}\n": "no directives of HAProxy",
		"global\n" + strings.Repeat(" nonsense x\n", 9):                                                     "9 of 10 lines are no directives of HAProxy",
	} {
		if _, err := Read([]string{"-"}, strings.NewReader(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{filepath.Join(dir, "absent.cfg"), dir} {
		if _, err := Read([]string{name}, nil, nil); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReadCounts: lines that are wrong are counted, said, and their place.
func TestReadCounts(t *testing.T) {
	c := read(t, "\xef\xbb\xbfglobal\r\n daemon\r\n bogus x\r\n log \"x\r\ndefaults\n.if 1\n mode http\n.endif\n.endif\n.include x\nfrontend f\n bind :80\n"+
		strings.Repeat(" maxconn 1\n", 20)+strings.Repeat("x", maxLine+10)+"\n.if 1\n")
	if c.Unknown != 1 || c.Broken != 5 || c.Conditional != 1 || c.Files != 1 {
		t.Errorf("%+v", c)
	}
	want := []string{"line 3: it begins with no directive that is known here", "line 4: a quote is not closed", "line 9: a directive with a dot that fits nowhere",
		"line 10: a directive with a dot that fits nowhere", "line 33: too long"}
	if !slices.Equal(c.Where, want) {
		t.Errorf("%q", c.Where)
	}
	if a := (&Setup{Config: c}).Uses("fcgi"); a.Use != MaybeUsed || !strings.Contains(a.Why, "line 33") {
		t.Errorf("behind a line that was not read: %+v", a)
	}
}

// TestReadDirectory: the *.cfg of a directory in their order, and each begins anew.
func TestReadDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.cfg": "frontend f\n bind :443 ssl crt x alpn h2\n", "a.cfg": "defaults\n mode http\n", ".hidden.cfg": "not read", "notes.txt": "not read",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Neither a directory nor a loop is followed.
	if err := os.Mkdir(filepath.Join(dir, "sub.cfg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "loop.cfg")); err != nil {
		t.Fatal(err)
	}
	c, err := Read([]string{dir}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := (&Setup{Config: c}).Uses("h2")
	if c.Files != 2 || a.Use != Used || a.Why != "bind … alpn h2 in frontend, b.cfg:2" || a.Line != 2 || a.File != filepath.Join(dir, "b.cfg") {
		t.Errorf("%+v, %+v", c, a)
	}
	if err := os.Symlink("self.cfg", filepath.Join(dir, "self.cfg")); err != nil {
		t.Fatal(err)
	}
	if _, err := Read([]string{dir}, nil, nil); err == nil || !strings.Contains(err.Error(), "self.cfg") {
		t.Errorf("a link to itself: %v", err)
	}
	twice, err := Read([]string{filepath.Join(dir, "a.cfg"), filepath.Join(dir, "a.cfg")}, nil, nil)
	if err != nil || twice.Files != 2 {
		t.Errorf("%+v, %v", twice, err)
	}
}

// TestNothingGetsOut plants a secret in every place of a configuration, and in lines that are
// wrong: none of it is in what is kept, nor in errors.
func TestNothingGetsOut(t *testing.T) {
	const secret = "Geheim7"
	lines := []string{
		"frontend %s", "user %s", "bind %s:443 ssl crt /%s alpn h2,%s", "bind /%s", "server %s %s:80 check cookie %s", "stats auth %s:%s", "http-request set-header %s \"%%[str(%s)]\"",
		"acl %s path_reg %s", "log %s local0", "%s", "%s x", "tune.%s 1", "httpclient.%s x", "tune.ssl.%s", "setenv %s %s", "bind \"%s", "option %s", "balance %s", "mode %s", "filter %s",
		"lua-load /%s", "http-reuse %s", "http-request lua.%s", "http-request set-var(txn.%s) %s", "no %s", "defaults %s", "listen %s from %s", "peers %s", ".if %s", ".%s", ".endif",
		"nbthread %s", "email-alert from %s", "password %s", "user u password %s", "http-errors %s", "stick-table type ip size %s", "bind quic4@%s:1 ssl", "server a quic4@%s:1", "cookie %s", "redirect prefix %s",
		"use_backend %s if { path -f /%s }", "profiling.%s on", "ocsp-update.%s on", "51degrees-%s x", "http-request jwt_%s", "tcp-request content track-sc%s x",
	}
	for _, line := range lines {
		text := "global\n daemon\nfrontend a\n bind :1\n bind :2\n bind :3\n bind :4\n bind :5\n bind :6\n" + strings.ReplaceAll(strings.ReplaceAll(line, "%s", secret), "%%", "%") + "\n"
		c, err := Read([]string{"-"}, strings.NewReader(text), []string{"json_query"})
		said := fmt.Sprintf("%v %+v", err, c)
		if c != nil {
			s := Setup{Config: c}
			for _, w := range Vocabulary() {
				said += fmt.Sprintf(" %+v", s.Uses(w.Name))
			}
			said += fmt.Sprintf(" %+v", s.Uses("word:json_query"))
		}
		if strings.Contains(said, secret) {
			i := strings.Index(said, secret)
			t.Errorf("%s: %s", line, said[max(0, i-100):i+20])
		}
	}
	for _, text := range []string{secret + " {\n", "global\n \x00" + secret, secret + ": x\n"} {
		if _, err := Read([]string{"-"}, strings.NewReader(text), nil); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestReadIsBounded: what is kept of a large configuration is as little as of a small one.
func TestReadIsBounded(t *testing.T) {
	line := []byte(" http-request set-header X %[src] if { path_beg /a }\n")
	large := bytes.Repeat(line, (8<<20)/len(line))
	text := append([]byte("defaults\n mode http\nfrontend f\n bind :80\n"), large...)
	c, err := Read([]string{"-"}, bytes.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, list := range c.seen {
		kept += len(list)
	}
	if c.Statements < len(large)/len(line) || kept > 100 || len(c.Where) > 5 {
		t.Errorf("%d statements, %d sights", c.Statements, kept)
	}
	_, err = Read([]string{"-"}, &endless{line: line}, nil)
	if err == nil || !strings.Contains(err.Error(), "more than 100 MiB of configuration") {
		t.Errorf("an endless one: %v", err)
	}
}

// endless gives lines without end.
type endless struct {
	line  []byte
	begun bool
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	if !e.begun {
		e.begun = true
		n = copy(b, "frontend f\n")
	}
	for n < len(b) {
		n += copy(b[n:], "# "+strings.Repeat("x", 1000)+"\n")
	}
	return n, nil
}

// TestDocumented: docs/affects.md lists the vocabulary.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/affects.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range Vocabulary() {
		if !strings.Contains(string(doc), fmt.Sprintf("\n| `%s` | %s | ", w.Name, w.Means)) {
			t.Errorf("docs/affects.md lacks %s: %s", w.Name, w.Means)
		}
	}
}
