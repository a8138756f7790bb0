package postmortem

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/internal/lex"
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
	f.tokens = hits[litTokens]
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

// provoked gives the command that somebody typed to end the process. A client can put the
// words anywhere; what it cannot do is to put the function that runs the command on the
// stack, or pointers to the words into the arguments of that function.
func (f *Findings) provoked(c *elfcore.Core, stack []crash.Frame, live []uint64) string {
	// Pointers to the words of a command that was refused may be left on the stack; where
	// the counter can be read it has the last word.
	if fromOutside(c) || f.debugCommands == 0 {
		return ""
	}
	if t := f.arguments(c, live); fits(c.Signal, t.Command) {
		f.commandAddress = t.Address
		return t.Command
	}
	running := ending.Read(stack).Command
	for _, t := range f.Typed {
		// Of a signal that no code raises by itself it is enough that the process sent it:
		// the thread that typed the command may be another one.
		own := c.Signal.Code == siTkill && c.Signal.Number != sigABRT && strings.HasPrefix(t.Command, "debug dev tkill") && f.debugCommands > 0
		if (own || running != "" && strings.HasPrefix(t.Command+" ", running+" ")) && fits(c.Signal, t.Command) {
			f.commandAddress = t.Address
			return t.Command
		}
	}
	if fits(c.Signal, running) {
		return running
	}
	return ""
}

// issued is how many debugging commands were run; -1 if the counter cannot be read (it came
// with 2.2).
func (f *Findings) issued(c *elfcore.Core) int {
	if f.program == nil {
		return -1
	}
	at, size, ok := f.program.variable("debug_commands_issued")
	var b [4]byte
	if n, _ := c.ReadMemory(b[:], at); !ok || size != 4 || n < 4 {
		return -1
	}
	return int(binary.LittleEndian.Uint32(b[:]))
}

// arguments finds the words of a command by the pointers to them on the stack of the thread
// that died: the CLI cuts a line into words and hands on an array of them (HAProxy
// src/cli.c, cli_parse_request in 2.0, cli_process_cmdline later).
func (f *Findings) arguments(c *elfcore.Core, words []uint64) Typed {
	known := map[uint64]bool{}
	for _, at := range f.tokens {
		known[at] = true
	}
	if len(known) == 0 {
		return Typed{}
	}
	r := reader{c: c}
	for i := range words {
		if !known[words[i]] {
			continue
		}
		var args []string
		for _, at := range words[i:min(i+8, len(words))] {
			b := r.read(at, longestTyped)
			word := string(printable(b))
			if word == "" || len(word) == len(b) || b[len(word)] != 0 {
				break
			}
			args = append(args, word)
		}
		if len(args) < 3 || args[0] != "debug" || args[1] != "dev" {
			continue
		}
		if k := validArguments(args[2], args[3:]); k >= 0 {
			return Typed{words[i], strings.Join(args[:3+k], " ")}
		}
	}
	return Typed{}
}

// fits says whether a command ends a process by that signal.
func fits(s *elfcore.Signal, command string) bool {
	words := strings.Fields(command)
	if len(words) < 3 {
		return false
	}
	switch words[2] {
	case "panic", "loop", "deadlock":
		return s.Number == sigABRT
	case "bug", "abort":
		return deliberate(s) || s.Number == sigABRT || s.Bare && s.Number == sigSEGV
	case "tkill":
		want := sigABRT
		if len(words) > 4 {
			want, _, _ = lex.Int(words[4])
		}
		return s.Number == want && (s.Bare || s.Code == siTkill || s.Code == siUser)
	}
	return false
}
