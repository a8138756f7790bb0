package main

import (
	"fmt"
	"strings"
	"testing"
)

// describe prints what was found: "name first-last", then for each line what it holds.
func describe(s source) string {
	var b strings.Builder
	for _, f := range s.functions {
		fmt.Fprintf(&b, "%s %d-%d:", f.name, f.start, f.start+len(f.lines)-1)
		for _, l := range f.lines {
			switch {
			case len(l.calls)+len(l.asserts) > 0:
				fmt.Fprintf(&b, " %s%q", strings.Join(l.calls, "+"), l.asserts)
			case l.code:
				b.WriteString(" code")
			default:
				b.WriteString(" -")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestScan(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"plain", "int a;\n\nstatic int foo(int x)\n{\n\treturn x;\n}\n", "foo 3-6: code code code code\n"},
		{"head of several lines", "static struct x *\nfoo(int a,\n    int b)\n{\n}\n", "foo 2-5: code code code code\n"},
		{"attributes", "static void __attribute__((noinline)) foo(void)\n{\n}\n__LJMP static int bar(lua_State *L)\n{\n}\nU2A(int x)\n{\n}\n",
			"foo 1-3: code code code\nbar 4-6: code code code\nU2A 7-9: code code code\n"},
		{"a macro before", "DECLARE_POOL(a, b)\nint foo(int x)\n{\n}\n", "foo 2-4: code code code\n"},
		{"one line", "static inline int foo(void) { return bar(1); }\n", "foo 1-1: code\n"},
		{"comments", "int foo(void)\n{\n\t/* bar() {\n\t */\n\n\t// }\n\tx = \"}\\\"\"; y = '}';\n\tbar(1); /* x */ baz (2);\n}\n",
			"foo 1-9: code code - - - - code bar+baz[] code\n"},
		{"types and tables", "struct x {\n\tint a;\n};\nstatic struct x y = {\n\t.a = f(1),\n};\nenum { A };\nint foo(void)\n{\n}\n", "foo 8-10: code code code\n"},
		{"open in both branches", "int foo(void)\n{\n#ifdef A\n\tif (a(1)) {\n#else\n\tif (b(1)) {\n#endif\n\t\tc(1);\n\t}\n}\nint bar(void)\n{\n}\n",
			"foo 1-10: code code - a[] - b[] - c[] code code\nbar 11-13: code code code\n"},
		{"not closed", "int foo(void)\n{\n#ifdef A\n\tif (x) {\n#endif\n}\nint bar(void)\n{\n}\n", "foo 1-6: code code - code - code\nbar 7-9: code code code\n"},
		{"a macro of several lines", "int foo(void)\n{\n#define X(a) \\\n\tbar(a)\n\tX(1);\n}\n", "foo 1-6: code code - - X[] code\n"},
		{"assertions", "int foo(void)\n{\n\tBUG_ON(a > b(c) &&\n\t       d);\n\tABORT_NOW();\n}\n", "foo 1-6: code code BUG_ON+b[\"a > b(c) &&\\n\\t       d\"] code ABORT_NOW[\"\"] code\n"},
		{"two of a name", "#if A\nint foo(int a)\n{\n}\n#else\nint foo(int b)\n{\n\n}\n#endif\n", "foo 2-4: code code code\nfoo 6-9: code code - code\n"},
		{"extern", "extern \"C\" {\nint foo(void)\n{\n}\n}\n", "foo 2-4: code code code\n"},
		{"no function", "int foo(void);\n#define bar(x) \\\n{ x }\nif (x) {\n}\nint x = foo(1);\n{\n", ""},
		{"cut", "int foo(void)\n{\n\tbar(\"x", ""},
	} {
		if got := describe(scan([]byte(tt.text))); got != tt.want {
			t.Errorf("%s:\n%swant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestMacros(t *testing.T) {
	s := scan([]byte("#define pool_free(p, x) \\\n\tdo { __pool_free(p, x); } while (0)\n# define wakeup _wakeup\n#define N 3\n#define EMPTY\n#define SUM(a, b) ((a) + (b))\n"))
	if got := fmt.Sprint(s.macros); got != "map[pool_free:[__pool_free] wakeup:[_wakeup]]" {
		t.Error(got)
	}
}

func TestAliases(t *testing.T) {
	g := &generator{names: map[string]bool{"crash_now": true, "f": true}, macros: map[string]map[string]bool{
		"BUG_ON": {"_BUG_ON": true}, "_BUG_ON": {"ABORT": true, "unlikely": true}, "ABORT": {"crash_now": true}, "f": {"f": true}, "LOOP": {"LOOP": true},
	}}
	if got := fmt.Sprint(g.aliases()); got != "map[ABORT:[crash_now] BUG_ON:[crash_now] _BUG_ON:[crash_now]]" {
		t.Error(got)
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("#if A\nint foo(int x) {\n#else\n}}}\n\"\\"))
	f.Add([]byte("/* \x01\x02\x03 */\nint (*foo(void))(int)\n{ BUG_ON(((( }\n#define\n#define A(\n#"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := strings.Count(string(text), "\n") + 1
		for _, fn := range scan(text).functions {
			if fn.start < 1 || fn.start+len(fn.lines)-1 > lines {
				t.Errorf("%s at %d, %d lines, in a file of %d", fn.name, fn.start, len(fn.lines), lines)
			}
		}
	})
}
