package logparse

import (
	"cmp"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/backtrace"
)

// stack is a debugger's backtrace in the making.
type stack struct {
	draft
	block *backtrace.Block
	first line
	tool  string // that printed it, when it is finished
}

// newStack opens a backtrace when a line of one comes, else nil.
func newStack(input string, l line) *stack {
	if l.alert.level != "" {
		return nil
	}
	b := backtrace.Start(l.text, l.Number)
	if b == nil {
		return nil
	}
	st := &stack{block: b, first: l}
	st.draft = newDraft(input, &l, join.Coredump, crash.Unknown)
	st.keep(&l)
	return st
}

// line takes the next line; false when it belongs to somebody else. A block has no end but
// its own: what is over its caps is dropped, and a rest would look like another crash.
func (st *stack) line(l line) bool {
	if l.alert.level != "" || !st.block.Line(l.text, l.Number) {
		return false
	}
	st.keep(&l)
	return true
}

// finish gives the parts of the backtrace: itself, and HAProxy's messages that
// stood in variables. What is not HAProxy's, or no crash, gives none.
func (st *stack) finish(o *owners) []join.Part {
	res := st.block.Result()
	st.tool = res.Tool
	if res.Empty() && !res.Leak {
		o.heads(&st.first, &res)
		return nil
	}
	if !o.ours(&st.first, &res) {
		return nil
	}
	if res.Leak {
		o.other(OtherLeak, "a report of memory that was not freed, which is no crash", st.first.Number)
		return nil
	}
	st.settle(&res)
	return append([]join.Part{st.done()}, supported(st.messages(&res), res.Threads)...)
}

// settle puts what the backtrace tells into the draft.
func (st *stack) settle(res *backtrace.Result) {
	c := &st.part.Crash
	c.Kind = st.kind(res)
	c.Fatal = !res.Live && (c.Kind != crash.Unknown || res.Signal != nil || res.Tool == backtrace.ToolCoredump || res.Tool == backtrace.ToolABRT || res.Tool == backtrace.ToolApport)
	c.Threads, c.Signal, c.Spin = res.Threads, res.Signal, res.Spin
	c.Stacks, c.Memory, c.Objects = res.Stacks, res.Memory, res.Objects
	if res.Kind == crash.HeapCorruption && res.Error != "" {
		c.Pool = &crash.Pool{Error: res.Error}
	}
	c.Host, c.Time = cmp.Or(res.Host, c.Host), cmp.Or(c.Time, res.Time)
	st.died(res.PID)
	if res.Executable != "" || res.Arguments != "" {
		st.process().Executable, st.process().Arguments = res.Executable, res.Arguments
	}
	if v := packaged(res.Package); v != "" {
		st.process().Version, st.process().VersionSource = v, "package"
	}
	if res.CoreFile != "" {
		st.lacks(crash.LacksKept, "the core", "systemd-coredump kept it, and it holds more than this text", "analyze "+res.CoreFile)
	}
	for _, m := range res.Missing {
		st.lacks(m.ID, m.What, m.Effect, m.Remedy)
	}
	if res.CoreWithin {
		st.lacks(crash.LacksKept, "the core", "the report holds the core too, which was not read", "take it out with apport-unpack, and analyze it")
	}
	if c.Spin != nil {
		st.points(c.Spin.Address)
	}
	st.part.Prefix, st.part.Tag = 0, 0
	if res.Detail != "" {
		st.note(res.Detail, &st.first)
	}
	st.note(res.Tool+" backtrace", &st.first)
}

// kind takes what the stack makes likely where nothing names the signal, or only that the
// code stopped itself.
func (st *stack) kind(res *backtrace.Result) crash.Kind {
	if res.Plausible == "" || res.Kind != crash.Unknown && res.Kind != crash.IllegalInstruction {
		return res.Kind
	}
	if res.Kind == crash.Unknown {
		st.part.Likely = true
		st.lacks(crash.LacksSignal, "the signal", "what ended the process is likely, but the backtrace alone does not prove it",
			"look for the signal in the kernel's log, the journal, or the debugger's first lines")
	}
	return res.Plausible
}

// packaged gives the version in a package's name, in the forms of dpkg, rpm and systemd:
//
//	haproxy 2.4.14-1ubuntu1      haproxy-1.8.27-2.el8.x86_64      haproxy/2:2.6.12-1+deb12u1
//
// Packages of other names (haproxy-doc, haproxy24) are no matter: the version is what follows
// the last blank, dash or slash before it.
func packaged(name string) string {
	rest, ok := strings.CutPrefix(strings.TrimSpace(name), "haproxy")
	if !ok || len(name) > 256 {
		return ""
	}
	rest = strings.TrimLeft(rest, "0123456789")
	if rest == "" || !strings.ContainsRune(" -/", rune(rest[0])) {
		return ""
	}
	rest = strings.TrimLeft(rest, " -/")
	if epoch, after, has := strings.Cut(rest, ":"); has && lex.Digits(epoch) {
		rest = after
	}
	v, _, _ := strings.Cut(rest, " ")
	for _, machine := range [...]string{".x86_64", ".aarch64", ".amd64", ".arm64", ".i686", ".i386", ".ppc64le", ".s390x", ".armhf", ".riscv64"} {
		v = strings.TrimSuffix(v, machine)
	}
	parsed, err := haproxy.ParseVersion(v)
	if err != nil || parsed.Patch < 0 && !parsed.IsDev() {
		return ""
	}
	return v
}

// messages parses HAProxy's texts that a debugger printed as values.
func (st *stack) messages(res *backtrace.Result) []join.Part {
	var parts []join.Part
	p := newParser(st.part.Input, func(part join.Part) error {
		parts = append(parts, part)
		return nil
	})
	s := &stream{p: p}
	for _, m := range res.Messages {
		for text := range strings.SplitSeq(m, "\n") {
			l := st.first.Line
			l.Text = text
			l.Number = res.FirstLine
			if l := newLine(l); l.trim != "" {
				if s.head(l) || s.report != nil && s.report.line(l) {
					continue
				}
			}
		}
		s.end()
		p.release()
	}
	return parts
}
