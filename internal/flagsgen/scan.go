package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// What a C file says about constants: macros without arguments, and the
// constants of its enums. Conditions are not evaluated: what stands in any
// branch counts, and a name that is defined twice keeps its first meaning when
// both cannot be told apart (see catalogue.compute). So a compiler, which sees one
// branch, cannot be asked for the names; it is asked what they are worth.

// constant is a name and what it is defined as, in C.
type constant struct {
	name, text string
	// conditional says that the value hangs on how HAProxy was built: of enum
	// obj_type, those after the one that only builds with QUIC have.
	conditional bool
}

// maxSource bounds a file.
const maxSource = 4 << 20

var (
	quoted      = regexp.MustCompile(`^(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`)
	condition   = regexp.MustCompile(`^[ \t]*(?:if|ifdef|ifndef)\b`)
	definition  = regexp.MustCompile(`^[ \t]*define[ \t]+([A-Za-z_]\w*)[ \t]+(\S.*)`)
	enumeration = regexp.MustCompile(`enum\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?(?:\b\w+\s*)?\{([^}]*)`)
	enumerator  = regexp.MustCompile(`^([\s#]*)([A-Za-z_]\w*)\s*(?:=([^#]*))?`)
)

// scan finds the constants of a C file.
func scan(src []byte) []constant {
	var found []constant
	var code []byte
	for line := range bytes.Lines(plain(src[:min(len(src), maxSource)])) {
		body, ok := directive(line)
		if !ok {
			code = append(code, line...)
			continue
		}
		if m := definition.FindSubmatch(body); m != nil {
			found = append(found, constant{name: string(m[1]), text: string(m[2])})
		}
		if condition.Match(body) {
			code = append(code, "#\n"...) // an enum is told where its builds part
		}
	}
	for _, m := range enumeration.FindAllSubmatch(code, -1) {
		found = enum(m[1], found)
	}
	return found
}

// directive gives what follows the '#' of a line for the preprocessor.
func directive(line []byte) ([]byte, bool) {
	return bytes.CutPrefix(bytes.TrimLeft(line, " \t"), []byte("#"))
}

// plain is the source without comments and with joined lines.
func plain(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for {
		i := bytes.IndexAny(src, "/\\\"'")
		if i < 0 {
			return append(out, src...)
		}
		out, src = append(out, src[:i]...), src[i:]
		switch {
		case bytes.HasPrefix(src, []byte("\\\n")):
			src = src[2:]
		case bytes.HasPrefix(src, []byte("//")):
			_, src, _ = bytes.Cut(src, []byte("\n"))
			out = append(out, '\n')
		case bytes.HasPrefix(src, []byte("/*")):
			_, src, _ = bytes.Cut(src[2:], []byte("*/"))
			out = append(out, ' ')
		default:
			n := max(len(quoted.Find(src)), 1)
			out, src = append(out, src[:n]...), src[n:]
		}
	}
}

// enum appends the constants of an enum: one without a value of its own is the last
// one with a value, plus its distance.
func enum(body []byte, found []constant) []constant {
	base, plus, conditional := "0", 0, false
	for item := range bytes.SplitSeq(body, []byte(",")) {
		m := enumerator.FindSubmatch(item)
		if m == nil {
			conditional = conditional || bytes.Contains(item, []byte("#"))
			continue
		}
		conditional = conditional || bytes.Contains(m[1], []byte("#"))
		if m[3] != nil {
			base, plus, conditional = strings.TrimSpace(string(m[3])), 0, false
		}
		found = append(found, constant{string(m[2]), fmt.Sprintf("((%s) + %d)", strings.Join(strings.Fields(base), " "), plus), conditional})
		plus++
		conditional = conditional || bytes.Contains(item[len(m[0]):], []byte("#"))
	}
	return found
}
