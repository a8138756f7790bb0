package module

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/elffile"
)

// What is lacking.
const (
	FileKind      = "file"      // the executable or library
	DebugKind     = "debug"     // its debug data
	AlternateKind = "alternate" // the part of its debug data that dwz moved elsewhere
	SplitKind     = "split"     // debug data that the compiler wrote into files of their own
	CutKind       = "cut"       // a file that was found, and cut while it was read
)

// MissingFile is a file that was asked for and could not be used.
type MissingFile struct {
	// What is one of the Kinds.
	What string
	// Path is the module's, as the process saw it; for an alternate file, as the
	// debug data name it; for a cut one, where it lies.
	Path string
	// BuildID of what is lacking, in lower-case hex; empty if not known.
	BuildID string
	// Main: the module is the executable.
	Main bool
	// Symbols: of debug data, that a full symbol table is there all the same.
	Symbols bool
	// Status is Missing or Mismatch; OK or Unverified if only the executable that
	// was named could not be used, and another one was found.
	Status Status
	// Reason and Do are sentences for people, without a full stop: what was
	// found instead, and what to do.
	Reason, Do string
}

// Missing lists, by address, what was asked for so far and could not be used:
// files of modules, and the debug data of the main one. It searches nothing.
func (s *Set) Missing() []MissingFile {
	var out []MissingFile
	for _, m := range s.Modules {
		if m.asked {
			out = append(out, m.missingFile()...)
		}
		if m.Main && m.debugAsked {
			out = append(out, m.missingDebug()...)
		}
		if m.Main && m.altAsked {
			out = append(out, m.missingAlternate()...)
		}
		out = append(out, m.missingSplit()...)
		out = append(out, m.cutFiles()...)
	}
	return out
}

// cutFiles are those of which a part is gone.
func (m *Module) cutFiles() (out []MissingFile) {
	for f, of := range m.set.held {
		if of == m && f.Cut() {
			out = append(out, MissingFile{
				What: CutKind, Path: f.Path, BuildID: m.BuildID, Main: m.Main, Status: m.status,
				Reason: elffile.ErrCut.Error(), Do: "copy the file to where nobody changes it, and pass it with --exe or --sysroot",
			})
		}
	}
	slices.SortFunc(out, func(a, b MissingFile) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func (m *Module) missingFile() []MissingFile {
	l := MissingFile{What: FileKind, Path: m.Path, BuildID: m.BuildID, Main: m.Main, Status: m.status}
	given := m.set.o.Executable
	switch {
	case m.VDSO && m.status == Missing:
		l.Reason, l.Do = reasonOf(m.misses, m.status), "nothing can be done: copy the core again if it was cut"
	case m.status == Missing || m.status == Mismatch:
		l.Reason, l.Do = reasonOf(m.misses, m.status), m.fileAdvice()
	case m.Main && given != "" && m.file.Path != given:
		l.Reason = m.misses[0].String() + "; " + m.file.Path + " is the one, and was used"
		l.Do = "leave out --exe, or pass the executable that left this core"
	default:
		return nil
	}
	if m.Deleted && m.status != OK {
		l.Reason += "; it was replaced or removed while the process ran"
	}
	return []MissingFile{l}
}

// fileAdvice says how to give us the file.
func (m *Module) fileAdvice() string {
	way := "copy it from the machine of the crash, and pass the directory with --sysroot"
	if m.Main {
		way = "pass the executable that left this core with --exe"
	}
	return m.advice(m.BuildID, way)
}

// advice joins the ways to help, and names a server if that could and was not used yet.
func (m *Module) advice(id string, ways ...string) string {
	if id != "" && m.set.o.Debuginfod == nil {
		ways = append(ways, "the URL of the distribution's server with --debuginfod")
	}
	return strings.Join(ways, ", or ")
}

func (m *Module) missingDebug() []MissingFile {
	if m.debug != nil && m.debug.Has(".debug_info") {
		return nil
	}
	id := m.BuildID
	if id == "" && m.file != nil {
		id = m.file.BuildID()
	}
	l := MissingFile{What: DebugKind, Path: m.Path, BuildID: id, Main: m.Main, Status: statusOf(m.debugMisses)}
	l.Symbols = m.debug != nil || m.file != nil && m.file.Has(".symtab")
	switch {
	case m.debug != nil:
		l.Reason = m.debug.Path + " has a symbol table, but no debug data"
	case m.file == nil && id == "":
		l.Reason = "without the executable nothing tells what to look for"
	case m.file != nil && m.file.Has(".symtab"):
		l.Reason = "the executable has a symbol table, but no debug data; " + reasonOf(m.debugMisses, l.Status)
	default:
		l.Reason = reasonOf(m.debugMisses, l.Status)
	}
	ways := []string{"install its debug symbols", "pass a directory that has them below .build-id with --debug-dir"}
	if id == "" {
		ways = []string{"pass an executable that has its debug data with --exe"}
	}
	l.Do = m.advice(id, ways...)
	return []MissingFile{l}
}

func (m *Module) missingAlternate() []MissingFile {
	if m.alt != nil || len(m.altMisses) == 0 {
		return nil
	}
	name, id, _ := m.debug.DebugAltLink()
	return []MissingFile{{
		What: AlternateKind, Path: name, BuildID: id, Main: m.Main, Status: statusOf(m.altMisses),
		Reason: reasonOf(m.altMisses, statusOf(m.altMisses)),
		Do:     m.advice(id, "install it: it is of the same package as the debug symbols", "pass the directory that has it with --debug-dir"),
	}}
}

// statusOf is Mismatch if something else was found.
func statusOf(misses []miss) Status {
	if slices.ContainsFunc(misses, func(m miss) bool { return m.other }) {
		return Mismatch
	}
	return Missing
}

// reasonOf tells why the search ended as it did, with what matters most: that
// another file was found, that one could not be read, that servers have none,
// that there was none at the first place.
func reasonOf(misses []miss, status Status) string {
	switch {
	case status == OK || len(misses) == 0:
		return ""
	case status == Unverified:
		return misses[len(misses)-1].String()
	}
	said := misses[0].String()
	for _, m := range misses {
		if m.other {
			return m.String()
		}
		if m.why != "" && misses[0].why == "" {
			said = misses[0].String() + "; " + m.String()
		}
	}
	return said
}
