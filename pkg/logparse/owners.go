package logparse

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse/backtrace"
	"github.com/hacrash/hacrash/pkg/logparse/system"
)

// Other is what was seen instead of a crash of HAProxy.
type Other struct {
	Kind OtherKind
	// What says it: "a backtrace of nginx, not of HAProxy".
	What string
	// Line is where it begins.
	Line int64
}

// OtherKind says what sort of thing it is.
type OtherKind int

// The kinds.
const (
	OtherProgram OtherKind = iota // the end of a program that is not HAProxy, as far as one can tell
	OtherLeak                     // a report of memory that was not freed
	OtherWords                    // the text of a crash, in somebody else's words
	OtherPrefix                   // what looks like a dump, behind a prefix that is not known
)

// owners remembers whose the backtraces of an input are: one that names no program is
// of the session that the last head began (backtrace.Result.Heads).
type owners struct {
	// last is that of the last block of each writer; what HAProxy printed itself
	// counts too.
	last  map[writer]backtrace.Owner
	names map[writer]string
	scene system.Scene
	// said is the version that a HAProxy printed where a shell's word is awaited.
	said   map[writer]crash.Process
	others []Other
}

const (
	maxOwners = 256
	maxOthers = 16
)

func keyOf(l *line) writer { return writer{l.Host, l.Ident, l.PID} }

// heads notes the beginning of a session that has no stack.
func (o *owners) heads(l *line, r *backtrace.Result) {
	if r.Owner != backtrace.OwnerUnsaid || r.Heads {
		o.set(keyOf(l), r.Owner, r.Program)
	}
}

// printed notes that HAProxy itself wrote a line, where nothing else is said yet: a
// terminal in which it ran, or a report that begins with its version.
func (o *owners) printed(l *line) {
	o.scene.Ran()
	if key := keyOf(l); o.last[key] == backtrace.OwnerUnsaid {
		o.set(key, backtrace.OwnerHAProxy, "haproxy")
	}
}

// version notes which version a HAProxy says that it is; a terminal shows the end of the one
// that it showed last.
func (o *owners) version(l *line, p *crash.Process) {
	if o.said == nil {
		o.said = map[writer]crash.Process{}
	}
	key := keyOf(l)
	if _, known := o.said[key]; known || len(o.said) < maxOwners {
		o.said[key] = *p
	}
}

// foreground gives the version of the HAProxy that ran in the foreground of the shell that
// wrote the line; empty when another command was started since, or none said its version.
func (o *owners) foreground(l *line) (version, source string) {
	if !o.scene.Running() {
		return "", ""
	}
	p := o.said[keyOf(l)]
	return p.Version, p.VersionSource
}

func (o *owners) set(key writer, owner backtrace.Owner, name string) {
	if o.last == nil {
		o.last, o.names = map[writer]backtrace.Owner{}, map[writer]string{}
	}
	if _, known := o.last[key]; !known && len(o.last) >= maxOwners {
		return
	}
	o.last[key], o.names[key] = owner, name
}

// ours says whether a backtrace is HAProxy's, and notes what it is if not.
func (o *owners) ours(l *line, r *backtrace.Result) bool {
	key := keyOf(l)
	owner, name := r.Owner, r.Program
	switch {
	case owner != backtrace.OwnerUnsaid:
	case haproxy.IsProgram(l.Ident) || haproxy.IsService(l.Ident):
		owner, name = backtrace.OwnerHAProxy, l.Ident
	case !r.Heads || o.last[key] == backtrace.OwnerHAProxy:
		owner, name = o.last[key], o.names[key]
	}
	if owner != backtrace.OwnerUnsaid || r.Heads {
		o.set(key, owner, name)
	}
	if owner == backtrace.OwnerHAProxy {
		return true
	}
	if owner == backtrace.OwnerForeign {
		o.other(OtherProgram, fmt.Sprintf("%s of %s, not of HAProxy", noun(r.Tool), lex.Clip(name, 80)), l.Number)
	} else {
		o.other(OtherProgram, noun(r.Tool)+" that names neither HAProxy nor two of its functions", l.Number)
	}
	return false
}

// event says whether the event of a line that names no program is HAProxy's: because
// HAProxy wrote the line, or wrote in the same place before and no other program was
// started since, or because the table or the command above names it. Else it gives the
// program that it is of, if anything tells.
func (o *owners) event(l *line, e *system.Event) (ours bool, other string) {
	if system.IsHAProxy(l.Ident) {
		return true, ""
	}
	if e.Container != "" {
		for key, owner := range o.last {
			ours = ours || key.ident == e.Container && owner == backtrace.OwnerHAProxy
		}
		return ours, e.Container
	}
	ours, other = o.scene.Whose(e)
	return ours || other == "" && o.last[keyOf(l)] == backtrace.OwnerHAProxy, other
}

// foreign notes the end of a process that is not HAProxy's, as far as one can tell.
func (o *owners) foreign(program string, number int64) {
	what := "the end of a process that nothing names"
	if program != "" {
		what = "the end of " + lex.Clip(program, 80) + ", not of HAProxy"
	}
	o.other(OtherProgram, what, number)
}

func noun(tool string) string {
	switch tool {
	case backtrace.ToolCoredump:
		return "a core dump"
	case backtrace.ToolASAN:
		return "a sanitizer's report"
	case backtrace.ToolValgrind:
		return "a report of valgrind"
	}
	return "a backtrace"
}

// other notes what was seen instead of a crash of HAProxy.
func (o *owners) other(kind OtherKind, what string, number int64) {
	for i := range o.others {
		if o.others[i].What == what {
			return
		}
	}
	if len(o.others) < maxOthers {
		o.others = append(o.others, Other{kind, what, number})
	}
}
