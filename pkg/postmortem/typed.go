package postmortem

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

const (
	maxTyped     = 64
	longestTyped = 64 // bytes of a command that are looked at
)

// readTyped finds "debug dev …" commands as they were typed.
//
// Folklore: 2.x keep the line as it came in the channel's buffer, and a copy cut
// into words by NULs; 3.x only the latter. The words "debug dev …" also stand in the
// help text, in memory when somebody typed "help": there a description follows,
// which the command's own syntax does not allow.
func (f *Findings) readTyped(c *elfcore.Core, hits hitsOf) {
	r := reader{c: c}
	seen := map[string]bool{}
	for _, lit := range []int{litTokens, litTyped} {
		for _, at := range hits[lit] {
			if c.Module(at) != nil || !startsCommand(r.before(at, 1)) {
				continue
			}
			command := typedCommand(&r, at)
			if command == "" || seen[command] || len(f.Typed) == maxTyped {
				continue
			}
			seen[command] = true
			f.Typed = append(f.Typed, Typed{at, command})
		}
	}
}

// startsCommand says whether a command may follow b: nothing, the end of
// another command, or the blank behind it.
func startsCommand(b []byte) bool {
	return len(b) == 0 || slices.Contains([]byte("\x00\n; \t"), b[0])
}

// typedCommand reads a command whose words are set apart by blanks or single
// NULs, and returns it if it could have been executed.
func typedCommand(r *reader, at uint64) string {
	b := string(r.read(at, longestTyped))
	tokens := strings.HasPrefix(b, "debug\x00")
	if tokens {
		if i := strings.Index(b, "\x00\x00"); i >= 0 {
			b = b[:i]
		}
		b = strings.ReplaceAll(b, "\x00", " ")
	}
	if i := strings.IndexAny(b, "\x00\n\r;"); i >= 0 {
		b = b[:i]
	} else if !tokens {
		return ""
	}
	words := strings.Fields(b)
	if len(words) < 3 {
		return ""
	}
	args := words[3:]
	k := validArguments(words[2], args)
	if k < 0 || !tokens && k < len(args) {
		return ""
	}
	// Words behind the arguments are what an earlier line left in the buffer.
	return strings.Join(words[:3+k], " ")
}

// validArguments says how many of args belong to a "debug dev" command that
// ends the process, -1 if it is none. Their syntax: src/debug.c
// debug_parse_cli_*.
func validArguments(command string, args []string) int {
	numbers := func(most int) int {
		n := 0
		for n < len(args) && n < most && isNumber(args[n]) {
			n++
		}
		return n
	}
	switch command {
	case "panic", "bug", "abort":
		return 0
	case "tkill":
		return numbers(2)
	case "deadlock", "exit":
		return numbers(1)
	case "loop":
		n := numbers(1)
		if n == 0 {
			return -1
		}
		if len(args) > n && (args[n] == "isolated" || args[n] == "warn") {
			n++
		}
		return n
	}
	return -1
}

func isNumber(s string) bool {
	return s != "" && len(s) < 10 && strings.Trim(s, "0123456789") == ""
}

// Provoked gives the typed command that explains how the process ended, or "":
// that a command stands in memory does not mean that it did this.
func (f *Findings) Provoked(c *elfcore.Core) string {
	s := c.Signal
	if s == nil {
		return ""
	}
	for _, t := range f.Typed {
		words := strings.Fields(t.Command)
		fits := false
		switch words[2] {
		case "panic":
			fits = s.Number == sigABRT && ownSignal(c)
		case "loop", "deadlock":
			fits = s.Number == sigABRT && ownSignal(c)
		case "bug", "abort":
			fits = deliberate(s) || s.Number == sigABRT && ownSignal(c)
		case "tkill":
			want := sigABRT
			if len(words) > 4 {
				want = number(words[4])
			}
			fits = s.Number == want && ownSignal(c)
		}
		if fits {
			return t.Command
		}
	}
	return ""
}
