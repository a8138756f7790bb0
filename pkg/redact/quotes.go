package redact

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// memory hides what a debugger shows of memory: text between quotes, the letters of
// arrays, words whose bytes are text.
func (r reading) memory(s string) string {
	if r.strings {
		s = asked(s)
	} else {
		s = r.quotes(s)
		if r.debugger {
			s = printed(s)
			s = r.letters(s)
			s = arrays(s)
		}
		s = r.lines(s)
		s = captures(s)
		s = r.scripts(s)
	}
	return r.numbers(s)
}

// quotes hides the text between double quotes where a debugger prints it: behind an
// address, a sign with blanks, or anywhere in what a debugger printed.
//
// Folklore: gdb quotes the names of threads, and those of libraries and files that it
// could not open; these are no text of the process.
func (r reading) quotes(s string) string {
	out := replacer{s: s}
	for i := strings.IndexByte(s, '"'); i >= 0; {
		stop, closed := quoteEnd(s, i+1)
		from := i + 1
		if stop > from && r.isPayload(s, i) {
			out.hide(from, stop, secretString)
		}
		if closed {
			stop++
		}
		next := strings.IndexByte(s[stop:], '"')
		if next < 0 {
			break
		}
		i = stop + next
	}
	return out.String()
}

// asked hides the text that somebody asked a debugger for by a name that says secret, also
// where the text of pointers may stay: (gdb) p pass.
func asked(s string) string {
	out := replacer{s: s}
	kind, plain := "", false
	for at := 0; at < len(s); {
		line := s[at : at+lineEnd(s[at:])]
		switch {
		case isPrompt(line):
			kind, plain = "", printsPlain(line)
			for word := range strings.FieldsFuncSeq(line, func(c rune) bool { return c > 0x7f || !isNameByte(byte(c)) }) {
				if k, n := nameKind(word); n == strong {
					kind = k
				}
			}
		case kind != "" && plain && !endsPlain(line):
			out.hide(at, at+len(line), kind)
		case kind != "":
			for i := strings.IndexByte(line, '"'); i >= 0; {
				stop, closed := quoteEnd(line, i+1)
				out.hide(at+i+1, at+stop, kind)
				next := -1
				if closed {
					next = strings.IndexByte(line[stop+1:], '"')
				}
				if next < 0 {
					break
				}
				i = stop + 1 + next
			}
		}
		at += len(line) + 1
	}
	return out.String()
}

// quoteEnd is where the text ends that begins behind a quote: at a quote that is not
// escaped, or at the end of the line.
func quoteEnd(s string, i int) (end int, closed bool) {
	for ; i < len(s) && s[i] != '\n'; i++ {
		switch s[i] {
		case '"':
			return i, true
		case '\\':
			i++
		}
	}
	return min(i, len(s)), false
}

// isPayload reports whether the text behind the quote at s[i] is of the process.
func (r reading) isPayload(s string, i int) bool {
	line := s[max(0, i-200):i]
	line = line[strings.LastIndexByte(line, '\n')+1:]
	if r.debugger {
		end, _ := quoteEnd(s, i+1)
		return !isOfDebugger(line, s[i+1:end])
	}
	before := strings.TrimRight(line, " \t")
	if before == line {
		return false
	}
	if strings.HasSuffix(before, " =") || strings.HasSuffix(before, ":") && isAddressed(strings.TrimLeft(line, " \t")+"\t") {
		return true
	}
	word := before[strings.LastIndexAny(before, " \t=(,")+1:]
	return strings.HasPrefix(word, "0x") && isPointer(word)
}

// isOfDebugger reports whether a debugger, which wrote line before a quoted string, speaks of
// something else than memory.
func isOfDebugger(line, quoted string) bool {
	bare := strings.TrimRight(line, " ")
	for _, w := range [...]string{"library", "File", "file", "string", "condition", "symbols from", "separate debuginfo for", "configured as",
		"Type", "type"} {
		if strings.HasSuffix(bare, w) && bare != line && !strings.Contains(bare, "=") {
			return true
		}
	}
	if isOfFile(bare, quoted) || isSource(quoted) || calledFunction(bare) && haproxy.IsFunction(quoted) {
		return true
	}
	if strings.HasSuffix(bare, "__func__ =") || strings.HasSuffix(bare, "FUNCTION__ =") {
		return isFunction(quoted) == fine
	}
	// Thread 1 "haproxy", * 1 Thread 0x7f… (LWP 12) "haproxy"
	at := strings.LastIndex(bare, "Thread ")
	if at < 0 || len(line) == len(bare) {
		return false
	}
	word := bare[at+len("Thread "):]
	return word != "" && strings.Trim(word, "0123456789.") == "" || strings.HasSuffix(bare, ")") && strings.Contains(word, "LWP ")
}

// isOfFile reports whether a string is a file that a debugger was told of, or the operand of
// an instruction that it speaks of, by what stands before it.
//
// Folklore: (lldb) target create "haproxy" --core "core.1"; apport's source "0x8(%rax)".
func isOfFile(bare, s string) bool {
	switch lastWord(bare) {
	case "create", "--core":
		return isPrompt(bare) && isPath(s) == fine
	case "source", "destination":
		return strings.IndexByte(s, '%') >= 0 && isInstruction(s) == fine
	}
	return false
}

// isSource reports whether a string is the name of a file of HAProxy's sources, as locks and
// pools note their callers: src/queue.c.
func isSource(s string) bool {
	if len(s) > 64 || !strings.HasSuffix(s, ".c") && !strings.HasSuffix(s, ".h") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isLower(s[i]) && !lex.IsDigit(s[i]) && strings.IndexByte("_-./", s[i]) < 0 {
			return false
		}
	}
	return strings.HasPrefix(s, "src/") || strings.HasPrefix(s, "include/haproxy/") || strings.HasPrefix(s, "include/import/")
}

// calledFunction reports whether a line ends in the name func and perhaps a pointer.
func calledFunction(line string) bool {
	if at := strings.LastIndex(line, "0x"); at >= 0 && isPointer(line[at:]) {
		line = line[:at]
	}
	name := strings.TrimRight(line, " =")
	return name != line && strings.HasSuffix(name, "func")
}

// letters hides the letters of arrays, and the numbers that are these letters: 80 'P'. A
// zero says where a text ends, and stays.
func (r reading) letters(s string) string {
	out := replacer{s: s}
	for i := strings.IndexByte(s, '\''); i >= 0 && i < len(s); {
		stop := letterEnd(s, i)
		if stop == 0 {
			// No single letter: 'text' behind a sign or a bracket is a string of a script.
			stop = i + 1
			if end := scriptString(s, i); end > i+1 {
				out.hide(i+1, end, secretString)
				stop = end + 1
			}
		} else if inner := s[i+1 : stop-1]; strings.Trim(inner, `\0`) != "" {
			from := i
			for from > out.done && s[from-1] == ' ' {
				from--
			}
			digits := from
			for digits > out.done && lex.IsDigit(s[digits-1]) {
				digits--
			}
			switch {
			case from == i || digits == from:
				out.hide(i, stop, secretString)
			case isSmall(inner) && strings.HasSuffix(s[:digits], " = "):
				// A number that happens to be kept in a byte: what = 5 '\005'.
			default:
				if digits > out.done && s[digits-1] == '-' {
					digits--
				}
				out.hide(digits, stop, secretString)
			}
		}
		next := strings.IndexByte(s[stop:], '\'')
		if next < 0 {
			break
		}
		i = stop + next
	}
	return out.String()
}

// letterEnd is behind the letter between single quotes at s[i], or 0: 'P', '\n', '\377'.
func letterEnd(s string, i int) int {
	rest := s[i+1 : min(len(s), i+12)]
	if len(rest) < 2 || rest[0] == '\n' {
		return 0
	}
	k := 1
	if rest[0] == '\\' {
		for k = 2; k < len(rest) && k < 5 && lex.IsHex(rest[k]); k++ {
		}
	} else {
		for k < len(rest) && k < 4 && rest[k]&0xc0 == 0x80 {
			k++
		}
	}
	if k >= len(rest) || rest[k] != '\'' || i > 0 && isAlnum(s[i-1]) {
		return 0
	}
	return i + 1 + k + 1
}

// isSmall reports whether a letter is a control byte in octal: \005.
func isSmall(letter string) bool {
	return len(letter) == 4 && letter[0] == '\\' && letter[1] == '0' && letter[2] < '4'
}

// scriptString is the end of the text between single quotes that begins at s[i], or 0.
// What stands before and behind tells it from an apostrophe.
func scriptString(s string, i int) int {
	before := strings.TrimRight(s[max(0, i-3):i], " ")
	if before == "" || strings.IndexByte("=([{,:", before[len(before)-1]) < 0 {
		return 0
	}
	// thread #1, name = 'haproxy'
	if line := s[max(0, i-48):i]; strings.HasSuffix(line, ", name = ") && strings.Contains(line, "thread #") {
		return 0
	}
	for end := i + 1; end < len(s) && end-i < 1024 && s[end] != '\n'; end++ {
		switch s[end] {
		case '\'':
			if end+1 == len(s) || strings.IndexByte(",)]}: \n", s[end+1]) >= 0 {
				return end
			}
		case '\\':
			end++
		}
	}
	return 0
}

// lines hides the words of lines that show memory: "0x7ffe: 0x50 0x61", but for zeros and
// addresses of the process.
func (r reading) lines(s string) string {
	out := replacer{s: s}
	for at := 0; at < len(s); {
		line := s[at:]
		if stop := strings.IndexByte(line, '\n'); stop >= 0 {
			line = line[:stop]
		}
		trimmed := strings.TrimLeft(line, " ")
		n, rest := 0, ""
		if r.debugger {
			n, rest = cutAddress(trimmed)
		}
		dump := n > 0 && isDump(rest)
		if n == 0 && hexdump(trimmed) {
			n = strings.IndexByte(trimmed, ' ')
			rest, dump = trimmed[n:], true
		}
		if dump {
			from := at + len(line) - len(rest)
			r.dumped(&out, from, at+len(line))
		}
		at += len(line) + 1
	}
	return out.String()
}

// isDump reports whether what follows an address is numbers, two at least, and perhaps
// the same as text.
//
// Folklore: sanitizers show their own notes on memory in the same form. These are bytes of
// which none is a letter.
func isDump(rest string) bool {
	numbers, notes := 0, true
	for word := range strings.FieldsSeq(rest) {
		digits := strings.TrimPrefix(strings.TrimPrefix(word, "-"), "0x")
		if digits == "" || !allHex(digits) || len(digits) != 2 && len(digits) == len(word) && strings.Trim(word, "-0123456789") != "" {
			break
		}
		numbers++
		notes = notes && len(word) == 2 && (word < "20" || word >= "7f")
	}
	if notes {
		return false
	}
	return numbers >= 2 || numbers == 1 && len(strings.Fields(rest)) == 1
}

// hexdump reports whether a line is one of hexdump -C, xxd or objdump -s: an offset and
// groups of as many digits each, 16 digits at least.
func hexdump(line string) bool {
	at := 0
	for at < len(line) && lex.IsHex(line[at]) {
		at++
	}
	if at < 4 || at > 16 || at == len(line) || line[at] != ' ' && line[at] != ':' {
		return false
	}
	digits, size, letters := 0, 0, false
	for word := range strings.FieldsSeq(line[at+1:]) {
		if !allHex(word) || len(word)%2 != 0 || len(word) > 8 || size > 0 && len(word) != size {
			break
		}
		size = len(word)
		digits += size
		letters = letters || isLetters(word)
	}
	return digits >= 16 && letters
}

// isLetters reports whether one of the bytes that a word of hexadecimal digits has may be a
// letter. A sanitizer's notes on memory have none.
func isLetters(word string) bool {
	for i := 0; i+2 <= len(word); i += 2 {
		if w := word[i : i+2]; w >= "20" && w < "7f" {
			return true
		}
	}
	return false
}

func allHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if !lex.IsHex(s[i]) {
			return false
		}
	}
	return true
}

// dumped hides the words of s[from:end] but for addresses and zeros.
func (r reading) dumped(out *replacer, from, end int) {
	for from < end {
		for from < end && isSpace(out.s[from]) {
			from++
		}
		stop := from
		for stop < end && !isSpace(out.s[stop]) {
			stop++
		}
		if stop == from {
			return
		}
		word := out.s[from:stop]
		if !allHex(strings.TrimPrefix(word, "0x")) {
			// What follows the numbers is the same as text.
			out.hide(from, end, secretWord)
			return
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(word, "0x"), 16, 64)
		if err != nil || n != 0 && (r.near == nil || !r.near(n)) {
			out.hide(from, stop, secretWord)
		}
		from = stop
	}
}
