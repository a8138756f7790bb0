package haconf

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/haproxytest"
)

// wordsOf cuts a line, with ? for a hole and ! for a gap.
func wordsOf(line string) ([]string, error) {
	words, err := new(splitter).split([]byte(line))
	out := slices.Clone(words)
	for i := range out {
		out[i] = strings.NewReplacer(string(rune(hole)), "?", string(rune(gap)), "!").Replace(out[i])
	}
	return out, err
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"":                                   nil,
		"  \t ":                              nil,
		"global#this is the global section":  {"global"},
		"  bind\t:80  ":                      {"bind", ":80"},
		`a\ b c`:                             {"a b", "c"},
		`"a b" 'c d'`:                        {"a b", "c d"},
		`"a"'b'c`:                            {"abc"},
		`"" x`:                               {"", "x"},
		`log "it's" 'say "x"'`:               {"log", "it's", `say "x"`},
		`a\#b #c`:                            {"a#b"},
		`"#" '#'`:                            {"#", "#"},
		`\x41\x62 "\x43" '\x44'`:             {"Ab", "C", `\x44`},
		`\q \1`:                              {`\q`, `\1`},
		`a\`:                                 {`a\`},
		`$A '$B' \$C "\$D"`:                  {"$A", "$B", `\$C`, "$D"},
		`"$A" "x${B}y" "${C-the default}"`:   {"?", "x?y", "?"},
		`bind "${LIST[*]}" ssl`:              {"bind", "!", "ssl"},
		`"${HAPROXY_HTTP_LOG_FMT} x"`:        {" x"},
		`"%[path,regsub(\"(a|b)\",c,g)]"`:    {`%[path,regsub("(a|b)",c,g)]`},
		`'%[path,regsub("^/(a)(/|$)",b,g)]'`: {`%[path,regsub("^/(a)(/|$)",b,g)]`},
		`"${.LINE}"`:                         {"?"},
		"a\rb":                               {"a"},
	} {
		if got, err := wordsOf(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", line, got, err, want)
		}
	}
	for line, want := range map[string]error{
		`a "b`: errQuote, `a 'b"`: errQuote, `\x4`: errHex, `\xzz`: errHex, `"$"`: errVariable, `"$1"`: errVariable,
		`"${A"`: errBrace, `"${A-x"`: errBrace, `"${A[1]}"`: errBrace, "a\x00b": errBinary, "a\x01": errBinary, `\x00`: errBinary, `"\x01"`: errBinary,
		strings.Repeat("a ", maxWords+1): errMany,
	} {
		if got, err := wordsOf(line); !errors.Is(err, want) || got != nil {
			t.Errorf("%.40q: %q, %v, want %v", line, got, err, want)
		}
	}
}

// TestSplitsAsHAProxy compares words with those that HAProxy says it read: .notice prints its first, and
// complains about a second.
func TestSplitsAsHAProxy(t *testing.T) {
	lines := []string{
		`plain`, `a\ b`, `"a b"`, `'a b'`, `"a"'b'c`, `a\#b`, `"#"`, `\x41\x62c`, `'\x44'`, `\q`, `\1x`, `$A`, `'$B'`, `"\$D"`, `"it's"`, `'"'`, `\"`, `\'`,
		`"\""`, `'\'`, `a"#"b`, `"a\ b"`, `"\#"`, `x 'second'`, `x "s e" third`, `"%[path,regsub(\"(a|b)\",c,g)]"`, `a\\b`, `"a\\b"`, `'a\\b'`, `a#b`, `"\q"`,
		`"b`, `'b`, `\xg1`, `"$"`, `"${A"`, `"${A[2]}"`,
	}
	said := regexp.MustCompile(`(?m)parsing \[[^]]*:1\]: (?:'(.*)'\.$|Unexpected argument '(.*)' for)`)
	for _, exe := range append(haproxytest.Executables(t), haproxytest.Program(t, "")) {
		dir := t.TempDir()
		for _, line := range lines {
			name := filepath.Join(dir, "x.cfg")
			if err := os.WriteFile(name, []byte(".notice "+line+"\nglobal\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			out, _ := exec.Command(exe, "-c", "-f", name).CombinedOutput() // it fails on what is wrong
			words, err := wordsOf(line)
			found := said.FindSubmatch(out)
			switch {
			case (err != nil) != (found == nil):
				t.Errorf("%s: %s: %q, %v, and HAProxy says\n%s", exe, line, words, err, out)
			case err != nil:
			case len(words) > 1 && string(found[2]) != words[1], len(words) == 1 && string(found[1]) != words[0]:
				t.Errorf("%s: %s: %q, and HAProxy says\n%s", exe, line, words, out)
			}
		}
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		glob, part string
		want       Use
	}{
		{"h2", "h2", Used}, {"h2", "h22", NotUsed}, {"quic4@*", "quic4@:443", Used}, {"quic4@*", ":443", NotUsed},
		{"*_reg", "path_reg", Used}, {"a*b", "ab", Used}, {"a*b", "a", NotUsed}, {"*", "", Used},
		{"h2", "\x00", MaybeUsed}, {"h2", "h\x00", MaybeUsed}, {"h2", "x\x00", NotUsed}, {"h2", "\x00:443", NotUsed},
		{"quic4@*", "quic4@\x00:443", Used}, {"quic4@*", "\x00:443", MaybeUsed}, {"quic4@*", "10.\x00", NotUsed}, {"/*", "/\x00", Used},
	} {
		g := newGlob(c.glob)
		if got := g.fits(c.part); got != c.want {
			t.Errorf("%q, %q: %v, want %v", c.glob, c.part, got, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, line string
		want          Use
	}{
		{"bind .. alpn h2", "bind :443 ssl alpn h2,http/1.1", Used},
		{"bind .. alpn h2", "bind :443 ssl alpn http/1.1", NotUsed},
		{"bind .. alpn h2", "bind :443 alpn http/1.1 name h2", NotUsed},
		{"bind .. alpn h2", `bind :443 alpn "$A"`, MaybeUsed},
		{"bind .. alpn h2", `bind :443 "${A[*]}"`, MaybeUsed},
		{"bind .. alpn h2", `bind "$A:443"`, NotUsed},
		{"bind .. alpn h2", "bind :443 alpn", NotUsed},
		{"bind .. quic4@*", "bind 10.0.0.1:443,quic4@:443", Used},
		{"bind .. quic4@*", `bind "$A:443"`, MaybeUsed},
		{"option httplog", "option httplog clf", Used},
		{"option httplog", "option", NotUsed},
		{"server * /*", "server a /run/x", Used},
		{"server * /*", "server a 10.0.0.1 crt /x", NotUsed},
		{"server * /*", `server a "$X"`, MaybeUsed},
		{"daemon", "daemon", Used},
	} {
		words, err := new(splitter).split([]byte(c.line))
		if err != nil {
			t.Fatal(err)
		}
		if got := parsePattern(c.pattern).match(words); got != c.want {
			t.Errorf("%s, %s: %v, want %v", c.pattern, c.line, got, c.want)
		}
	}
}

// FuzzRead: whatever is read, words are bounded, nothing of a hostile line gets out, and HAProxy's
// own rules hold: what is quoted twice is itself.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"global\n\tdaemon\n", "frontend f\n bind \"${A[*]}\" ssl alpn h2\n.if 1\n mode http\n.else\n mode tcp\n.endif\n",
		"defaults d\n mode http\nbackend b from d\n server s \"$X\" check\n", "listen l\n bind 'quic4@:1' ssl\n option disable-h2-upgrade\n no option x\n",
		"\xef\xbb\xbfglobal\r\nlog /dev/log\r\n", "[x]\nspoe-agent a\n messages \\x41\n", "peers p\n table t type ip\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const secret = "S3CR3Tx"
		r := newReader([]string{"json_query"}, false)
		r.file = "x"
		if err := r.read(strings.NewReader(text + "\n# " + secret)); err != nil {
			return
		}
		c := r.done()
		s := Setup{Config: c}
		for _, w := range Vocabulary() {
			a := s.Uses(w.Name)
			for word := range strings.FieldsSeq(a.Why) {
				if strings.ContainsAny(word, holes) {
					t.Fatalf("%s: %q", w.Name, a.Why)
				}
			}
		}
		quoted, err := wordsOf("'" + strings.NewReplacer("'", "", "\n", "", "\r", "").Replace(text) + "'")
		if err == nil && len(quoted) != 1 {
			t.Fatalf("%q is %d words", quoted, len(quoted))
		}
		_ = fmt.Sprint(c.Where)
	})
}
