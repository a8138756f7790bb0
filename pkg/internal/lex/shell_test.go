package lex

import "testing"

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{
		"": "''", "core.1": "core.1", "/a-b_c:d@e%f+g=h,i": "/a-b_c:d@e%f+g=h,i", "a b": "'a b'", "-x": "'-x'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "\u00e9": "'\u00e9'", "a\xffb": "'a\xffb'",
	} {
		if got := ShellWord(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
