package signatures

import (
	"fmt"
	"slices"
	"strings"
)

// claim is a name that a signature expects in HAProxy's source: an identifier, or
// the path of a file.
type claim struct {
	entry *linted
	path  string
	name  string
}

// claims are the names in all demands of a signature.
func claims(e *linted) []claim {
	var out []claim
	add := func(path string, tests []Test) {
		for _, t := range tests {
			for _, name := range namesOf(t) {
				out = append(out, claim{e, path + "." + t.Key, name})
			}
		}
	}
	add("require", e.Require)
	for i, g := range e.AnyOf {
		add(fmt.Sprintf("require.any_of.%d", i), g)
	}
	add("forbid", e.Forbid)
	add("support", e.Support)
	for i, g := range e.Decisive {
		add(fmt.Sprintf("unique.%d", i), g)
	}
	return out
}

// namesOf are the names of HAProxy's source in one demand, each once.
func namesOf(t Test) []string {
	var out []string
	for _, v := range t.Values {
		switch t.Key {
		case "top", "function", "other_function", "handler", "pool_caller":
			name, _, _ := strings.Cut(v, ".") // .isra.0, .cold: the compiler's
			if words := identifiers(name); len(words) == 1 && words[0] == name && !foreign(name) {
				out = append(out, name)
			}
		case "file":
			if strings.Contains(v, "/") && !strings.Contains(v, "*") {
				out = append(out, v)
			}
		case "condition", "condition_part":
			out = append(out, identifiers(v)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// identifiers are the C identifiers in a text that HAProxy's source must have.
// Keywords and the names of C's own types and constants are left out, and, since
// signatures keep conditions without blanks, words that begin with one.
func identifiers(text string) []string {
	var out []string
	isWord := func(c rune) bool {
		return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for _, w := range strings.FieldsFunc(text, func(c rune) bool { return !isWord(c) }) {
		if w[0] >= '0' && w[0] <= '9' || w == "NULL" || w == "sizeof" || w == "typeof" ||
			slices.ContainsFunc(typeWords(), func(k string) bool { return strings.HasPrefix(w, k) }) {
			continue
		}
		out = append(out, w)
	}
	return out
}

func typeWords() []string {
	return []string{"const", "struct", "union", "enum", "unsigned", "signed", "void", "char", "short", "int", "long"}
}

// foreign says that a function is of a library and not of HAProxy's: by the
// prefixes that libc and Lua keep for what no other program calls, and the names of
// libc's allocator. What HAProxy calls (free, memcpy, SSL_free) stands in its source
// anyhow and needs no exception.
func foreign(name string) bool {
	for _, p := range [...]string{"__libc_", "__GI_", "_IO_", "_int_", "__mem", "__str", "__pthread_", "_dl_", "malloc_", "luaV_", "luaD_", "luaC_", "luaH_", "luaF_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return name == "unlink_chunk" || name == "sysmalloc" || name == "cfree" || name == "gsignal"
}
