package report

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"a\x1b[2Jb", `a\x1b[2Jb`},
		{"a\x00b\x7f", `a\x00b\x7f`},
		{"a\nb\r\tc", `a\nb\r\tc`},
		{"\u009b31m", `\u009b31m`},           // C1 CSI acts like ESC [
		{"user\u202etxt", `user\u202etxt`},   // right-to-left override
		{"a\u200bb\ufeff", `a\u200bb\ufeff`}, // zero width
		{"\U000e0041", `\U000e0041`},         // tag characters
		{"\u3164", `\u3164`},                 // a letter that looks like nothing
		{"bad\xff\xc3", `bad\xff\xc3`},
		{"größe 漢字 ✓", "größe 漢字 ✓"},
		{"\ufffd", "\ufffd"}, // a replacement character that was really there
		{"a\u00a0b", `a\u00a0b`},
	}
	for _, tt := range tests {
		if got := Escape(tt.in); got != tt.want {
			t.Errorf("Escape(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestEscapeJSON(t *testing.T) {
	in := "a\x7f\u009b\u202e\U000e0041é"
	doc, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out := escapeJSON(doc)
	if got, want := string(out), `"a\u007f\u009b\u202e\udb40\udc41é"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back string
	if err := json.Unmarshal(out, &back); err != nil || back != in {
		t.Errorf("it means %q now: %v", back, err)
	}
}

func TestWrapAndClip(t *testing.T) {
	for _, l := range wrap("one two three "+strings.Repeat("x", 30)+" /usr/lib/x86_64-linux-gnu/libc.so.6", 12) {
		if width(l) > 12 {
			t.Errorf("%q is too wide", l)
		}
	}
	if got := strings.Join(wrap("漢字漢字漢字漢字", 8), "|"); got != "漢字漢字|漢字漢字" {
		t.Errorf("wide characters: %q", got)
	}
	if got := clip("abcdefghij", 8); got != "abcde..." {
		t.Errorf("clip: %q", got)
	}
	if got := clipLeft("/very/long/path", 8); got != ".../path" && got != "...path" {
		t.Errorf("clipLeft: %q", got)
	}
	if got := clip(strings.Repeat("é", 100000), 10); got != "ééééééé..." {
		t.Errorf("clip of a long text: %q", got)
	}
}

func TestCodeSpan(t *testing.T) {
	tests := []struct{ in, want string }{
		{"a", "`a`"},
		{"a`b", "``a`b``"},
		{"`a", "`` `a ``"},
		{" a ", "`  a  `"},
		{"", "` `"},
		{"a\nb", "`a\\nb`"},
	}
	for _, tt := range tests {
		if got := codeSpan(tt.in); got != tt.want {
			t.Errorf("codeSpan(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := mdCell(dataText("a|b")); got != "`a\\|b`" {
		t.Errorf("mdCell: %q", got)
	}
	if got := fence("a\n````\nb", "plain"); got != "`````plain\na\n````\nb\n`````\n" {
		t.Errorf("fence: %q", got)
	}
}

func TestProse(t *testing.T) {
	tests := []struct{ in, want string }{
		{"upgrade to 3.2-dev6 or later; until then, wait.", "upgrade to 3.2-dev6 or later; until then, wait."},
		{"in cli_io_handler, again", "in `cli_io_handler`, again"},
		{"ask @willy about #12 (see GH-7)", "ask `@willy` about `#12` (see `GH-7`)"},
		{"<CLI> http://192.0.2.1/ www.example.com", "`<CLI>` `http://192.0.2.1/` `www.example.com`"},
		{"*bold* _it_ - x", "`*bold*` `_it_` `-` x"},
		{"a\x1bb", "`a\\x1bb`"},
	}
	for _, tt := range tests {
		if got := mdProse(tt.in); got != tt.want {
			t.Errorf("mdProse(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"a\x1b", "\u202e", "\xff\xfe", "`` ` ```", "a|b", "漢\x00"} {
		f.Add(s, 12)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(max(n, 8), 200)
		out := Escape(s)
		for _, r := range out {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("%U in %q", r, out)
			}
		}
		if !utf8.ValidString(out) || Escape(out) != out {
			t.Errorf("%q", out)
		}
		for _, l := range wrap(out, n) {
			if width(l) > n {
				t.Errorf("wrap: %q has %d columns, not %d", l, width(l), n)
			}
		}
		if c := clip(out, n); width(c) > n {
			t.Errorf("clip: %q", c)
		}
		if c := clipLeft(out, n); width(c) > n {
			t.Errorf("clipLeft: %q", c)
		}
		// A code span is one span: nothing of s is left outside.
		if rest := withoutSpans(codeSpan(s)); rest != "" {
			t.Errorf("code span of %q leaves %q", s, rest)
		}
	})
}

// TestCommandsWrapForAShell: a command that was broken is the same command to a shell.
func TestCommandsWrapForAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	for _, command := range []string{
		"printf '%s|' one two three four five six seven eight nine ten",
		`printf '%s|' 'a b  c' "d  e \" f" g\ h 'i'\''j k' "it's"; printf '%s|' l`,
		"printf '[Service]\\nLimitCORE=infinity\\n' | cat; for i in 1 2 3; do printf '%s ' $i; done",
		"printf %s " + strings.Repeat("x", 90) + " y",
	} {
		want, err := exec.Command(sh, "-c", command).Output()
		if err != nil {
			t.Fatal(command, err)
		}
		for _, width := range []int{16, 30, 64} {
			lines := wrapCommand(command, width)
			got, err := exec.Command(sh, "-c", strings.Join(lines, "\n")).Output()
			if err != nil || string(got) != string(want) {
				t.Errorf("%d columns: %s\nprints %q, want %q (%v)", width, strings.Join(lines, "\n"), got, want, err)
			}
		}
	}
}
