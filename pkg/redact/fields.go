package redact

import (
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
)

// marks are the fields of the model that cannot hold what a client or an operator sent, by
// type and name, each with the shape that its strings have. A string of another shape is
// read as text, and so is every field that is not here. The test of this table lists the
// fields that are text: whoever adds a field to the model says in one of the two places
// what it is.
var marks = sync.OnceValue(func() map[string]*shape {
	all := map[string]*shape{}
	put := func(s *shape, fields string) {
		for name := range strings.FieldsSeq(fields) {
			all[name] = s
		}
	}
	put(&shape{fits: isWord}, `
		Crash.Kind Process.Uses Process.Unused Crash.Strength Group.Strength Process.Role Process.VersionSource Exit.Signal Signal.Name Signal.CodeName Spin.Object
		Assertion.Level Assertion.Macro Field.Type Field.Flags Observation.ID Task.Type Frame.Trust Register.Name Module.Status
		Verdict.Status Match.ID Match.Confidence Match.CVEs Match.Lacks Match.VersionStatus Suspect.Confidence Suspect.VersionStatus
		PostMortem.By Lock.Label Limit.Soft Limit.Hard Counter.Type Group.Kind GroupVerdict.Status GroupVerdict.ID GroupVerdict.VersionStatus
		Input.Type Input.Compression Missing.ID Knowledge.Date Evidence.Rank Memory.Access`)
	put(&shape{fits: isName}, `
		Report.Schema Spin.Applet Task.Applet Pool.Name Object.Role Object.Type Observation.Fields Thread.Name Component.Name Ring.Name Memory.Tool`)
	put(&shape{fits: isFunction}, `Spin.Handler Pool.CallerFunction Task.Function Lock.Function Frame.Function Counter.Function Matched.Function`)
	put(&shape{fits: isSymbol}, `Frame.Symbol Frame.Target`)
	put(&shape{fits: isInstruction}, `Frame.Instruction`)
	put(&shape{fits: isBytes}, `Frame.Bytes`)
	put(&shape{fits: isWhere}, `Frame.Where Evidence.Where ConflictValue.Where GroupExample.Where`)
	put(&shape{fits: isPath}, `
		Process.Executable Assertion.File Frame.Module Frame.File Module.Path Component.Path Counter.File`)
	put(&shape{fits: isInput}, `Evidence.Source ConflictValue.Source GroupExample.Input Input.Name`)
	put(&shape{fits: isVersion}, `Process.Version Releases.Versions Match.FixedIn Suspect.FixedIn Component.Version GroupVersion.Version GroupVerdict.FixedIn Tool.Version`)
	put(&shape{fits: isHash}, `
		Process.BuildID Module.BuildID Commit.Commit Match.Fixes Match.ExposedBy Match.IntroducedBy Suspect.Commit GroupVerdict.Fix
		Knowledge.Commit`)
	put(&shape{fits: isPrint}, `Crash.Fingerprint Group.Fingerprint`)
	put(&shape{fits: isTime}, `Crash.Time Group.FirstSeen Group.LastSeen GroupExample.Time`)
	put(&shape{fits: isHost}, `Crash.Host GroupExample.Host`)
	put(&shape{fits: isFeature}, `Process.Features`)
	put(&shape{how: reading{prose: true}}, `Commit.Subject Suspect.Sentence Suspect.Workaround Releases.Range Releases.Basis Match.Title Match.Basis Match.Advice Match.Facts`)
	put(&shape{fits: isPlain, how: reading{prose: true}}, `Step.Do Step.Why Step.Command`)
	put(&shape{how: reading{build: true}}, `Process.BuildOptions Component.Compiler Component.CompilerFlags Component.Build`)
	put(&shape{how: reading{code: true}}, `Assertion.Condition Counter.Condition`)
	put(&shape{how: reading{lua: true}}, `Thread.Lua`)
	put(handled, `Field.Name Field.Value Argument.Name Difference.Name`)
	return all
})

// handled is the shape of fields that special has seen: a name says how its value is read.
var (
	handled = &shape{}
	named   = &shape{fits: isName}
)

// special visits structures whose fields say together what may be shown. It reports
// whether v was one and nothing is left to visit.
func (w *walker) special(v any) bool {
	switch v := v.(type) {
	case *crash.Field:
		w.field(v)
		return false
	case *crash.Argument:
		w.argument(v)
	case *crash.Difference:
		w.difference(v)
	case *crash.Register:
		w.register(v)
	default:
		return false
	}
	return true
}

// field is one value of a dump.
func (w *walker) field(f *crash.Field) {
	f.Name = w.shaped(f.Name, named)
	last := lastName(f.Name)
	switch last {
	case "src", "source", "addr", "dst_addr":
		w.hold(holdAddresses, isAddress(f.Value))
	case "fe", "be", "frontend", "backend", "listener", "server", "dst":
		w.hold(holdNames, f.Value != "" && f.Value[0] != '<' && f.Value != "unknown")
	}
	f.Value = w.valueOf(last, f.Value)
}

// lastName is the last part of the name of a field, as it may be shown, without the marks
// in it: these say secret, and the name need not.
func lastName(name string) string {
	for {
		i := strings.Index(name, markOpen)
		if i < 0 {
			break
		}
		n, _ := leadingMark(name[i:])
		name = name[:i] + name[i+max(n, 1):]
	}
	return name[strings.LastIndexByte(name, '.')+1:]
}

// valueOf is the value of a field of a dump, by the last part of its name.
func (w *walker) valueOf(last, value string) string {
	if kind, n := nameKind(last); n != harmless && !mayStay(value, kind, n) {
		return w.secret(value, kind)
	}
	shown := value
	if q := strings.IndexByte(value, '?'); q >= 0 && last == "uri" {
		if query := strings.TrimSuffix(value[q+1:], `"`); query != "" {
			shown = value[:q+1] + mark(secretQuery) + value[q+1+len(query):]
		}
	}
	return w.rest(value, shown, reading{})
}

func (w *walker) difference(d *crash.Difference) {
	d.Name = w.shaped(d.Name, named)
	last := lastName(d.Name)
	d.Dump, d.Core = w.valueOf(last, d.Dump), w.valueOf(last, d.Core)
}

// argument takes out the text that a debugger prints behind a char*: 0x55… "text".
func (w *walker) argument(a *crash.Argument) {
	a.Name = w.shaped(a.Name, named)
	value := a.Value
	kind, n := nameKind(lastName(a.Name))
	// What is hidden within a value may leave one that does not look like a pointer's.
	for range 4 {
		if n == harmless {
			break
		}
		next := withoutText(value, kind, n)
		next = reading{debugger: true, strings: w.reading.strings, near: w.reading.near}.text(next, func(string) {})
		if next == value {
			break
		}
		value = next
	}
	if strings.Contains(value, `"`) && !strings.Contains(value, `""`) && w.reading.strings && strings.Trim(value, `"`) != value {
		w.held[holdStrings] = true
	}
	a.Value = w.rest(a.Value, value, reading{debugger: true})
}

// withoutText hides the value of an argument whose name says secret, but for the pointer to it.
func withoutText(value, kind string, n naming) string {
	open := strings.IndexByte(value, '"')
	if open < 0 {
		// <optimized out>, a structure, a function's address with its name.
		word, _, _ := strings.Cut(value, " ")
		switch {
		case mayStay(value, kind, n), strings.HasPrefix(value, "<optimized"), strings.HasPrefix(value, "<error"), strings.HasPrefix(value, "{"),
			isPointer(word) && strings.HasPrefix(value[len(word):], " <"):
			return value
		}
		return mark(kind)
	}
	stop := strings.LastIndexByte(value, '"')
	if stop == open {
		stop = len(value) // cut short
	}
	inner := value[open+1 : stop]
	if inner == "" || isMark(inner) {
		return value
	}
	tail := ""
	if stop < len(value) {
		tail = value[stop+1:]
	}
	return value[:open+1] + mark(kind) + `"` + tail
}

// register hides a word that is text, for code moves text in words, and one that is of a key: a
// number that is neither small nor an address.
func (w *walker) register(r *crash.Register) {
	r.Name = w.shaped(r.Name, marks()["Register.Name"])
	if r.Redacted {
		w.secrets[secretWord] = true
	}
	if n := uint64(r.Value); !isText(n, textRegister, w.reading.near) && (shortWord(n) || w.reading.near == nil || w.reading.near(n)) {
		return
	}
	w.secrets[secretWord] = true
	if !w.o.Off {
		r.Value, r.Redacted = 0, true
	}
}
