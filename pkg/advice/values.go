package advice

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// values fill the templates of rules, by the names between braces.
type values map[string]value

// value is what one name stands for: in a sentence, and in a command.
type value struct{ plain, quoted string }

// Bounds of a step. A longer one is not said.
const (
	maxDo      = 100
	maxWhy     = 240
	maxCommand = 480
)

// ours sets a value that holds words of this package only, commands among them.
func (v values) ours(name, text string) {
	if text != "" {
		v[name] = value{text, text}
	}
}

// read sets a value that comes from an input or a file of somebody, if it is printable
// text of the right shape.
func (v values) read(name, text string, shape func(string) bool) {
	if usable(text, shape) {
		v[name] = value{text, lex.ShellWord(text)}
	}
}

func usable(text string, shape func(string) bool) bool {
	return text != "" && len(text) <= maxWhy && printable(text) && shape(text)
}

// fill puts the values into a template; false when one is not known.
func (v values) fill(template string, command bool) (string, bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed || !isName(name) { // braces of a shell are not ours
			b.WriteString(before)
			if !found {
				return b.String(), true
			}
			b.WriteByte('{')
			template = rest
			continue
		}
		b.WriteString(before)
		x, known := v[name]
		if !known {
			return "", false
		}
		if command {
			b.WriteString(x.quoted)
		} else {
			b.WriteString(x.plain)
		}
		template = after
	}
}

// isName tells the names of values: small letters and the underscore.
func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// step fills in a rule. It is none when a value is not known, or the step gets too long.
func (s *situation) step(r *rule) (step crash.Step, ok bool) {
	if step.Do, ok = s.values.fill(r.do, false); !ok || utf8.RuneCountInString(step.Do) > maxDo {
		return step, false
	}
	if step.Why, ok = s.values.fill(r.why, false); !ok || len(step.Why) > maxWhy {
		return step, false
	}
	step.Command, ok = s.values.fill(r.command, true)
	return step, ok && len(step.Command) <= maxCommand
}

// printable says that a terminal shows a text as it is.
func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}

// only says that a text holds letters and digits of ASCII, and the given bytes.
func only(s, more string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return s != ""
}

// The shapes of what inputs tell.

func isVersion(s string) bool { return len(s) <= 48 && only(s, "_-.+~") }

func isHash(s string) bool { return only(s, "") && strings.Trim(s, "0123456789abcdef") == "" }

// isFile tells names that a command can be given. One that begins with a dash would be an
// option, and one with a colon may be that of a member of an archive.
func isFile(s string) bool { return s[0] != '-' && s != "stdin" && !strings.Contains(s, ":") }

func isPath(s string) bool { return s[0] == '/' && isFile(s) && len(s) <= 160 }

// isWords tells names of signals, signatures and commands of the CLI.
func isWords(s string) bool { return len(s) <= 64 && only(s, " _-.") }

// isSentence tells words of signature files.
func isSentence(string) bool { return true }
