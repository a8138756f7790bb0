package advice

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// fact is a set of what rules ask of a crash, a bit each.
type fact uint64

const (
	fatal      fact = 1 << iota // it ended the process
	provoked                    // on purpose, by a command
	alien                       // it is another program
	outside                     // another process sent the signal
	sender                      // which one is known
	sigkill                     // by SIGKILL
	seccomp                     // by SIGSYS
	stopping                    // by a signal that asks a process to stop
	contained                   // it ran in a container
	coreRead                    // a core was read
	debugged                    // a debugger or the like printed the stack
	traced                      // the stack of the thread at fault is known
	named                       // and the innermost function of HAProxy on it has a name
	scripted                    // that thread was running Lua
	foreign                     // it died in code that is no part of HAProxy
	library                     // it died in a library that HAProxy is built with
	printed                     // the stack is what HAProxy, or a debugger, printed
	stated                      // the version is stated
	production                  // and it is that of a release
	inferred                    // the version is not stated, but known to be one of some
	doubted                     // the lines are not those of the version that is stated
	packaged                    // a distribution or vendor made the build
	newest                      // no newer release of the branch is known
	ended                       // the branch gets no more releases
	lacking                     // the newest release of the branch has crash fixes that it lacks
	near                        // and some touch what is on the stack
	affected                    // the best match: the version lacks the fix
	unsure                      // the best match: that is not known
	several                     // several signatures fit
	ownBranch                   // the branch of the version has a release with the fix
	unreleased                  // no release has the fix
	helped                      // the newest release of the branch has some of the suspects
)

// notOurs is what ended by nothing in HAProxy.
const notOurs = provoked | outside | alien

// situation is a crash with all that rules ask of it.
type situation struct {
	crash  *crash.Crash
	status crash.Status
	facts  fact
	values values
	// version is set where stated is.
	version haproxy.Version
}

func (s *situation) set(f fact, is bool) {
	if is {
		s.facts |= f
	}
}

func (s *situation) is(f fact) bool { return s.facts&f != 0 }

// situation finds out what rules may ask.
func (a *Adviser) situation(c *crash.Crash) *situation {
	s := &situation{crash: c, status: crash.CannotTell, values: values{}}
	if c.Verdict != nil {
		s.status = c.Verdict.Status
	}
	s.set(fatal, c.Fatal)
	s.end()
	s.place()
	s.inputs()
	s.process()
	s.distribution(a.System)
	s.history(a)
	s.bug(a)
	return s
}

// end is what ended the process.
func (s *situation) end() {
	c := s.crash
	s.set(provoked, c.Provoked != "")
	s.set(alien, c.Lacks(crash.LacksHAProxy))
	s.values.read("provoked", c.Provoked, isWords)
	name := c.SignalName()
	s.values.read("signal", name, isWords)
	s.set(sigkill, name == "SIGKILL")
	s.set(seccomp, name == "SIGSYS")
	s.set(stopping, name == "SIGTERM" || name == "SIGINT" || name == "SIGHUP" || name == "SIGQUIT" || name == "SIGUSR1")
	if c.Signal != nil && c.Signal.Outside {
		s.set(outside, true)
		if c.Signal.SenderPID > 0 {
			s.set(sender, true)
			s.values.ours("sender", strconv.Itoa(c.Signal.SenderPID))
		}
	}
	s.values.ours("around", around(c.Time))
	for _, m := range c.Missing {
		if m.ID == crash.LacksLines {
			s.values.read("lines", m.What, isSentence)
			s.values.read("effect", m.Effect, isSentence)
		}
	}
}

// How much of a log is of interest before and after a crash.
const (
	before = 10 * time.Minute
	after  = 2 * time.Minute
)

// around are the options of journalctl for the time of a crash.
func around(when string) string {
	const layout = "2006-01-02 15:04:05"
	t, form, ok := crash.ParseTime(when)
	switch {
	case !ok || form > crash.Local || t.Year() < 1970 || t.Year() > 9998:
		return "--since yesterday"
	case form == crash.Zoned:
		t = t.UTC()
		return "--since '" + t.Add(-before).Format(layout) + " UTC' --until '" + t.Add(after).Format(layout) + " UTC'"
	}
	return "--since '" + t.Add(-before).Format(layout) + "' --until '" + t.Add(after).Format(layout) + "'"
}

// place is in whose code the thread died, and what is known of its stack.
func (s *situation) place() {
	t := s.crash.Faulty()
	if t == nil {
		return
	}
	s.set(scripted, t.Lua != "")
	s.set(traced, len(t.Frames) > 0)
	f := t.Culprit()
	if f == nil {
		return
	}
	s.set(printed, f.Trust == crash.TrustPrinted)
	s.set(named, s.names(t))
	if s.own(f) {
		return
	}
	name := path.Base(f.Module)
	s.values.read("library", name, isLibrary)
	s.values.read("library_path", f.Module, isPath)
	switch known := haproxy.KnownLibrary(name) || haproxy.KnownLibrary(name+".so"); {
	case known && !isRuntime(name):
		s.set(library, true)
	case !known && strings.Contains(name, ".so"):
		s.set(foreign, true)
	}
}

// names says that the innermost function of HAProxy's own code has a name. A call of nothing
// is none.
func (s *situation) names(t *crash.Thread) bool {
	for i := range t.Frames {
		f := &t.Frames[i]
		if !f.Lead && !f.Signal && s.own(f) && (f.Function != "" || f.Symbol != "" || f.Module != "") {
			return f.Function != ""
		}
	}
	return false
}

// own says that a frame is of HAProxy's own code, as far as is known.
func (s *situation) own(f *crash.Frame) bool {
	return f.Module == "" || f.Module == s.crash.Executable() || haproxy.IsProgram(path.Base(f.Module))
}

// isLibrary tells file names of libraries.
func isLibrary(s string) bool { return s[0] != '-' && only(s, "_-.+") }

// isRuntime tells the C library, sanitizers and the kernel's own: who dies there was handed
// something wrong by others.
func isRuntime(name string) bool {
	for _, p := range [...]string{"libc.", "libc-", "libm.", "libm-", "libpthread", "ld-", "ld.", "[v", "linux-", "libasan", "libubsan", "libtsan", "liblsan", "libclang_rt"} {
		if strings.HasPrefix(name+".", p) {
			return true
		}
	}
	return false
}

// inputs are the files that tell of the crash, as commands may name them.
func (s *situation) inputs() {
	var names []string
	for i := range s.crash.Evidence {
		e := &s.crash.Evidence[i]
		s.set(debugged, e.Rank == crash.RankOther && strings.HasSuffix(e.Fact, " backtrace"))
		if e.Source == "" || e.Rank == crash.RankWords || len(names) == mostInputs {
			continue
		}
		if e.Rank == crash.RankState {
			s.values.read("core", e.Source, isFile)
		}
		if usable(e.Source, isFile) && !slices.Contains(names, lex.ShellWord(e.Source)) {
			names = append(names, lex.ShellWord(e.Source))
		}
	}
	s.set(coreRead, len(s.crash.Modules) > 0)
	if len(names) > 0 {
		s.values.ours("inputs", strings.Join(names, " "))
	}
}

// mostInputs is how many files a command names.
const mostInputs = 4

// process is what is known of the process and its build.
func (s *situation) process() {
	c := s.crash
	if p := c.PostMortem; p != nil && p.Platform != nil {
		s.set(contained, p.Platform.Container != "" && p.Platform.Container != "no")
	}
	p := c.Process
	if p == nil {
		return
	}
	s.set(contained, p.Container)
	if p.PID > 0 {
		s.values.ours("pid", strconv.Itoa(p.PID))
	}
	exe := cmp.Or(c.Executable(), p.Executable)
	s.values.read("exe", exe, isPath)
	s.values.read("build_id", p.BuildID, isHash)
	s.values.read("program", path.Base(exe), isWords)
	var missing []string
	for i := range c.Modules {
		m := &c.Modules[i]
		if m.Main {
			s.values.read("build_id", m.BuildID, isHash)
		} else if m.Status == "missing" || m.Status == "mismatch" {
			if usable(m.Path, isPath) && len(missing) < mostLibraries {
				missing = append(missing, lex.ShellWord(m.Path))
			}
		}
	}
	if len(missing) > 0 {
		s.values.ours("libraries", strings.Join(missing, " "))
	}
	if r := p.Releases; r != nil && r.Contradicts {
		s.set(doubted, true)
		s.values.read("range", r.Range, isSentence)
	}
	s.set(inferred, p.Version == "" && p.Releases != nil && len(p.Releases.Versions) > 0)
	if v, err := haproxy.ParseVersion(p.Version); err == nil && isVersion(v.Raw) {
		s.version = v
		s.set(stated, true)
		s.set(production, !v.IsDev() && !v.BranchOnly())
		s.set(packaged, v.Distro())
		s.values.read("version", v.Raw, isVersion)
		s.values.ours("branch", v.Branch())
	}
}

// mostLibraries is how many libraries a command names.
const mostLibraries = 8
