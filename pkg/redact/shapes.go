package redact

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// shape is what the strings of a field look like when they are what they should be.
type shape struct {
	// fits says whether a string has the shape; nil: none has, and how counts.
	fits func(string) fit
	// how is how the field is read when it does not.
	how reading
}

// fit is how a string stands to a shape.
type fit int

const (
	other  fit = iota // it has another shape: it is read as text
	fine              // it passes
	chance            // it has the shape, and was made by chance: a token
)

// maxShaped is longer than any name, version or word. What is longer is text.
const maxShaped = 256

// made tells other shapes, long strings and strings made by chance from those that pass.
func made(s string, has bool) fit {
	switch {
	case !has || len(s) > maxShaped || strings.ContainsAny(s, ":=?>") && says(s):
		return other
	case hasRandomPart(s):
		return chance
	}
	return fine
}

// only reports whether s has letters, digits and the given bytes only.
func only(s, more string) bool {
	for i := 0; i < len(s); i++ {
		if !isAlnum(s[i]) && strings.IndexByte(more, s[i]) < 0 {
			return false
		}
	}
	return true
}

// says reports whether a string that should be a name or a version has a pair of a name
// that says secret and a value.
func says(s string) bool {
	next := reading{}.pairs(s)
	return next != s
}

// isWord: a word of an enumeration, or some: core memory, ILL_ILLOPN, SIGRT+3.
func isWord(s string) fit { return made(s, only(s, "_-+. ")) }

// isPlain: a sentence of words without digits, in which nothing stands for anything.
func isPlain(s string) fit {
	if s == "" || len(s) > maxShaped || strings.ContainsAny(s, "0123456789") || !only(s, " ,;.'()-") {
		return other
	}
	if made(s, true) != fine {
		return other
	}
	return fine
}

// isFunction: a name of C or C++, perhaps with what a compiler or linker adds.
//
// Folklore: memcpy@GLIBC_2.14, h1_process.part.0, operator new(unsigned long),
// _ZN4llvm…, <lambda(int)>, ?? of gdb, ngx::Pool<char*>::get().
func isFunction(s string) fit {
	if s == "" || !isAlnum(s[0]) && strings.IndexByte("_<?.~(*[@$", s[0]) < 0 {
		return other
	}
	if strings.HasPrefix(s, "_Z") && only(s, "_.$") {
		return fine
	}
	return made(s, only(s, "_.:<>?~@$*&, ()[]+-"))
}

// isSymbol: a function with an offset: main+0x12/0x30, libc:+0x3c050.
func isSymbol(s string) fit {
	name := s
	for range 2 {
		if at := strings.LastIndexAny(name, "+/-"); at >= 0 && isPointer(name[at+1:]) {
			name = name[:at]
		}
	}
	if strings.HasSuffix(name, ":") {
		return isPath(strings.TrimSuffix(name, ":"))
	}
	return isFunction(name)
}

// isName: what HAProxy calls a pool, an applet, a field of a dump, a register.
func isName(s string) fit { return made(s, only(s, "_-.<>[]:/ ")) }

// isHost: the name of a machine.
func isHost(s string) fit { return made(s, only(s, "_-.:")) }

// isVersion: 3.2-dev5-9f6a2e-12, 2.6.12-1+deb12u2, 3.0.11-1ubuntu1~24.04.
func isVersion(s string) fit {
	if s == "" || !lex.IsDigit(s[0]) && s[0] != 'v' || len(s) > 64 || !only(s, "_-.+~:") {
		return other
	}
	if _, n := nameKind(s); n != harmless {
		return other
	}
	if versionRandom(s) {
		return chance
	}
	return fine
}

// versionRandom is hasRandomPart but for the hash of a commit.
func versionRandom(s string) bool {
	for part := range strings.FieldsFuncSeq(s, func(c rune) bool { return !isAlnum(byte(c)) }) {
		part = strings.TrimPrefix(part, "g") // git describe
		if hexOnly(part) && len(part) <= 12 || len(part) == 40 && hexOnly(part) {
			continue
		}
		if len(part) > 20 || hasRandomPart(part) {
			return true
		}
	}
	return false
}

// isHash: the hexadecimal digits of a build-id or a commit, or a list's word for none.
func isHash(s string) fit {
	if len(s) >= 4 && len(s) <= 64 && allHex(s) {
		return fine
	}
	return other
}

// isPrint: a fingerprint, HC2-segfault-7ee1a507b564.
func isPrint(s string) fit {
	cut := strings.LastIndexAny(s, "-:")
	if cut < 0 || len(s)-cut > 17 || !hexOnly(s[cut+1:]) {
		return other
	}
	return isWord(strings.ReplaceAll(s[:cut], ":", "-"))
}

// isTime: as RFC 3339 has it, syslog or HAProxy: Feb 10 09:12:44, 041/091244.
func isTime(s string) fit {
	if len(s) > 40 || !only(s, "-+:./ ,") {
		return other
	}
	run := 0
	for i := 0; i < len(s); i++ {
		if run++; !isLower(s[i]) && !isUpper(s[i]) {
			run = 0
		}
		if run > 9 { // September, Wednesday
			return other
		}
	}
	return made(s, true)
}

// isWhere: a place in an input: line 12, lines 3-8, 0x55…, core memory, NT_PRSTATUS.
func isWhere(s string) fit {
	if isPointer(s) {
		return fine
	}
	return made(s, only(s, "_-+.,: ()"))
}

// isBytes: code in hexadecimal, ba d9 00, perhaps with the byte at the pc in brackets.
func isBytes(s string) fit {
	for word := range strings.FieldsSeq(s) {
		word = strings.Trim(word, "<>()[]")
		if len(word) > 2 && word != "..." || word != "..." && !allHex(word) {
			return other
		}
	}
	return fine
}

// isInstruction: one line of assembly.
func isInstruction(s string) fit {
	return made(s, only(s, " \t%$(),*_.+-<>:[]@!#{}/") && reading{}.numbers(s) == s)
}

// isPath: a path or a file's name, without a name in a home directory and without what
// looks like a pair or a token.
func isPath(s string) fit {
	if s == "" || len(s) > 4096 || strings.ContainsAny(s, "\n\r\t\"'`=;|<>\\") {
		return other
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return other
		}
	}
	if (reading{}).text(s, func(string) {}) != s {
		return other
	}
	for part := range strings.SplitSeq(s, "/") {
		if hasShortRandom(part) {
			return other
		}
	}
	return fine
}

// longestID is how long a part of a file's name may be that looks made by chance: a hash of
// SHA-1 in hex has 40 digits.
const longestID = 48

// isInput: the name of a file that the user named, or that lies where the user said. It
// is a path whose parts may look like tokens up to a length.
//
// Folklore: systemd-coredump names a core by the boot-id, 32 digits that look like a token.
func isInput(s string) fit {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '.' || r == '-' || r == '_' })
	for _, part := range parts {
		if len(part) >= randomPart && len(part) <= longestID && only(part, "") {
			s = strings.ReplaceAll(s, part, "x")
		}
	}
	return isPath(s)
}

// hasShortRandom tells a part of a path that was made by chance from one that a system
// makes: boot-ids, build-ids, hashes of packages.
func hasShortRandom(part string) bool {
	n, mixed := takesTurns(part)
	return len(part) >= randomPart && mixed && n*10 >= len(part)*4 && only(part, "")
}

// isFeature: +EPOLL, -KQUEUE.
func isFeature(s string) fit { return made(s, only(s, "+-_")) }
