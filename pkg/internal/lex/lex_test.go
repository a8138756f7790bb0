package lex

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/crash"

	_ "github.com/hacrash/hacrash/internal/golden" // -update
)

func TestInt(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		rest string
		ok   bool
	}{
		{"42 x", 42, " x", true},
		{"007", 7, "", true},
		{"2147483647", 2147483647, "", true},
		{"2147483648", 0, "2147483648", false},
		{"00000000042", 0, "00000000042", false}, // an address, no count
		{"-1", 0, "-1", false},
		{"", 0, "", false},
	} {
		if n, rest, ok := Int(c.s); n != c.n || rest != c.rest || ok != c.ok {
			t.Errorf("Int(%q) = %d, %q, %v", c.s, n, rest, ok)
		}
	}
	for s, want := range map[string]int64{"-9223372036854775808;": -1 << 63, "9223372036854775807;": 1<<63 - 1, "-5;": -5, "0;": 0} {
		if n, rest, ok := Int64(s); n != want || rest != ";" || !ok {
			t.Errorf("Int64(%q) = %d, %q, %v", s, n, rest, ok)
		}
	}
	for _, s := range []string{"", "-", "--1", "+1", "9223372036854775808", "x"} {
		if _, rest, ok := Int64(s); ok || rest != s {
			t.Errorf("Int64(%q) is one", s)
		}
	}
}

func TestAddresses(t *testing.T) {
	const no = crash.Addr(1) // stands for none
	for _, c := range []struct {
		s                  string
		hex, addr, pointer crash.Addr
	}{
		{"0x1F;", 0x1f, 0x1f, 0x1f},
		{"1f;", 0x1f, no, no},
		{"(nil);", no, no, 0},
		{"0;", 0, no, 0},
		{"0x;", no, no, no},
		{"0xffffffffffffffff;", 1<<64 - 1, 1<<64 - 1, 1<<64 - 1},
		{"0x10000000000000000;", no, no, no},
		{"0_x;", 0, no, no},
		{";", no, no, no},
	} {
		for name, f := range map[string]struct {
			cut  func(string) (crash.Addr, string, bool)
			want crash.Addr
		}{"Hex": {Hex, c.hex}, "Addr": {Addr, c.addr}, "Pointer": {Pointer, c.pointer}} {
			a, rest, ok := f.cut(c.s)
			if ok != (f.want != no) || ok && a != f.want || !ok && (rest != c.s || a != 0) {
				t.Errorf("%s(%q) = %v, %q, %v", name, c.s, a, rest, ok)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for s, want := range map[string]int{"task_run_applet+0x1": 15, "foo.part.0 ": 10, "9p": 0, ".text": 0, "": 0, "_init": 5, "a@@V": 1} {
		if n := Identifier(s); n != want {
			t.Errorf("Identifier(%q) = %d, want %d", s, n, want)
		}
	}
	if mid, rest, ok := Between("pool: ('h2s', size)", "('", "'"); mid != "h2s" || rest != ", size)" || !ok {
		t.Errorf("Between: %q, %q, %v", mid, rest, ok)
	}
	if _, _, ok := Between("a (b", "(", ")"); ok {
		t.Error("Between: without an end")
	}
	for s, want := range map[string]bool{"It died": true, "It died.": true, "It died of": true, "It died of it": true, "It died of hunger": false, "It": false} {
		if IsPart(s, "It died", " of it") != want {
			t.Errorf("IsPart(%q) is not %v", s, want)
		}
	}
	if !Digits("09") || Digits("") || Digits("9a") || !HexDigits("9aF") || HexDigits("0x9") || HexDigits("11111111111111111") {
		t.Error("Digits, HexDigits")
	}
	if FirstWord("a b") != "a" || FirstWord("a") != "a" || Where(12) != "line 12" {
		t.Error("FirstWord, Where")
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{{"äöü", 3, "ä"}, {"äöü", 4, "äö"}, {"abc", 3, "abc"}, {"abc", 0, ""}, {"\x80\x80\x80\x80\x80\x80", 5, "\x80\x80\x80\x80\x80"}, {"€", 2, ""}} {
		if got := Clip(c.s, c.n); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

// Whatever is cut off is the number that strconv reads there, and the rest is the rest.
func FuzzCut(f *testing.F) {
	for _, s := range []string{"42", "0x1f", "(nil)", "-1", "0", "99999999999999999999", "0xffffffffffffffff", "foo.part.0", "ä€😀"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		for name, cut := range map[string]func(string) (crash.Addr, string, bool){"Hex": Hex, "Addr": Addr, "Pointer": Pointer} {
			a, rest, ok := cut(s)
			if !strings.HasSuffix(s, rest) || !ok && rest != s {
				t.Fatalf("%s: rest %q of %q", name, rest, s)
			}
			if digits := strings.TrimPrefix(s[:len(s)-len(rest)], "0x"); ok && digits != "(nil)" {
				if v, err := strconv.ParseUint(digits, 16, 64); err != nil || crash.Addr(v) != a {
					t.Fatalf("%s(%q) = %v", name, s, a)
				}
			}
		}
		if v, rest, ok := Int64(s); ok {
			if w, err := strconv.ParseInt(s[:len(s)-len(rest)], 10, 64); err != nil || v != w {
				t.Fatalf("Int64(%q) = %d", s, v)
			}
		}
		if v, rest, ok := Int(s); ok {
			if w, err := strconv.Atoi(s[:len(s)-len(rest)]); err != nil || v != w || v < 0 {
				t.Fatalf("Int(%q) = %d", s, v)
			}
		}
		if c := Clip(s, max(n, 0)); !strings.HasPrefix(s, c) || len(c) > max(n, 0) || utf8.ValidString(s) && !utf8.ValidString(c) {
			t.Fatalf("Clip(%q, %d) = %q", s, n, c)
		}
		if i := Identifier(s); i < 0 || i > len(s) {
			t.Fatalf("Identifier(%q) = %d", s, i)
		}
	})
}

func TestEachWord(t *testing.T) {
	var got []string
	for end, w := range Words("a->b_1 + (2c)é d") {
		got = append(got, strconv.Itoa(end)+w)
	}
	if s := strings.Join(got, " "); s != "1a 6b_1 122c 17d" {
		t.Error(s)
	}
	for _, w := range Words("a b") {
		if w == "b" {
			t.Error("it goes on after the loop has ended")
		}
		break
	}
}
