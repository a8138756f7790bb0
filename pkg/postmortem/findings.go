package postmortem

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Options of Read.
type Options struct {
	// Workers search memory at the same time; 0 lets elfcore choose.
	Workers int
}

// Findings is what memory told.
type Findings struct {
	// HAProxy says that the core is one of HAProxy.
	HAProxy bool
	// Name and Arguments say whose core it is: the executable's base name and
	// its command line as far as the kernel kept it.
	Name, Arguments string

	// Version is verbatim; VersionAddress is where it stands.
	Version        string
	VersionAddress uint64
	// Released is the date of the release as printed: 2026/10/17.
	Released string
	// BuildOptions is the TARGET … OPTIONS … text of haproxy -vv, Features the
	// +X -Y list; empty where the version does not keep them in memory.
	BuildOptions string
	Features     []string
	System       *System
	// Object is the post_mortem object; nil if there is none, or its layout is not known.
	Object *Object
	// Counters, those that counted something, and Rings are read with the executable
	// only: see UseProgram.
	Counters []crash.Counter
	Rings    []crash.Ring

	// Texts are what HAProxy printed, or was about to: the most telling first.
	Texts []Text
	// Typed are commands that stand in memory as one types them on the CLI. Clients can
	// put them there too; Command is the one that the state says ended the process.
	Typed   []Typed
	Command string
	// AbortMessage is what the C library said before it aborted; see UseLibrary.
	AbortMessage string
	// StartupLog is what HAProxy said while starting, one message a line.
	StartupLog []string
	// Numbers are HAProxy's thread numbers by pthread_t, as dumps print them.
	Numbers map[uint64]int
	// Problems say what could not be read, for people.
	Problems []string

	places         places
	commandAddress uint64
	startupAt      []uint64 // where each message of StartupLog starts
	abortAddress   uint64
	debugCommands  int      // -1 if not known
	tokens         []uint64 // where the words of a command begin that was cut by NULs
	program        *program // nil without the executable
}

// TextKind says what a Text is.
type TextKind string

// Kinds of text, the most telling first.
const (
	SpinText      TextKind = "spin"      // A bogus … is spinning …
	PanicText     TextKind = "panic"     // Thread N is about to kill the process.
	PoolText      TextKind = "pool"      // pool inconsistency, corrupted cache
	AssertionText TextKind = "assertion" // FATAL: bug condition …, ABORT at …
	ThreadText    TextKind = "thread"    // one thread's block of a dump
	TraceText     TextKind = "trace"     // call trace(N): without a head
	WarningText   TextKind = "warning"   // not fatal: blocked traffic, WARN_ON
)

// Text is a piece of text found in memory.
type Text struct {
	Kind TextKind
	// Address is a runtime address, Where the place in words: "heap",
	// "stack of thread 2" (the second one of the core), "module data".
	Address uint64
	Where   string
	Text    string
	// Copies is how many copies of it were found; the longest is given.
	Copies int
	// Agrees: the state of the process bears it out, so that it is HAProxy's (see Crash).
	// Anybody could have written the others.
	Agrees bool
}

// Typed is a command found in the CLI's buffers.
type Typed struct {
	Address uint64
	Command string // words with one blank between
}

// Read looks through the memory of a core. It is an error only if memory
// cannot be searched.
func Read(ctx context.Context, c *elfcore.Core, o Options) (*Findings, error) {
	s, err := SearchMemory(ctx, c, o)
	if err != nil {
		return nil, err
	}
	return s.Read(), nil
}

// Search is where the fixed parts of HAProxy's texts lie in the memory of a core.
type Search struct {
	c    *elfcore.Core
	f    *Findings
	hits hitsOf
}

// SearchMemory finds them. It takes as long as all else, and needs of the core only
// [elfcore.Core.Search]: stacks may be walked meanwhile.
func SearchMemory(ctx context.Context, c *elfcore.Core, o Options) (s Search, err error) {
	s = Search{c: c, f: &Findings{places: findPlaces(c), Numbers: map[uint64]int{}}}
	s.f.whose(c)
	if !s.f.HAProxy {
		if s.f.HAProxy, err = markerInProgram(ctx, c); err != nil || !s.f.HAProxy {
			return s, err
		}
	}
	s.hits, err = s.f.search(ctx, c, o)
	return s, err
}

// Read reads what stands around the places that were found.
func (s Search) Read() *Findings {
	f, c, hits := s.f, s.c, s.hits
	if !f.HAProxy {
		return f
	}
	f.readVersion(c, hits)
	f.readBuild(c, hits)
	f.readSystem(c, hits)
	f.readTexts(c, hits)
	f.readTyped(c, hits)
	f.readStartup(c, hits)
	return f
}

// whose fills Name, Arguments and HAProxy from names alone.
//
// Folklore: the process name is that of its main thread and may have been
// changed; containers and test builds run HAProxy under names such as
// haproxy-3.2 or hapee-lb, and what stands beside it is called haproxy-ingress. So
// any of the names will do, and the marker in the program's data decides for the rest.
func (f *Findings) whose(c *elfcore.Core) {
	var names []string
	if m := c.MainModule(); m != nil && m.Path != "" {
		names = append(names, filepath.Base(m.Path))
	}
	if p := c.Process; p != nil {
		f.Arguments = p.Arguments
		first, _, _ := strings.Cut(p.Arguments, " ")
		names = append(names, p.Name, filepath.Base(first))
	}
	for _, name := range names {
		if f.Name == "" && name != "." {
			f.Name = name
		}
		if haproxy.IsProgram(name) {
			f.HAProxy = true
		}
	}
}
