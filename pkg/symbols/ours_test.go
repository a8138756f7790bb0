package symbols

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/oracle"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// walked is a core with what we make of it.
type walked struct {
	core    *elfcore.Core
	modules *module.Set
	stacks  []unwind.Stack
	frames  [][]Frame
}

// walkCore walks every stack of the core in a file.
func walkCore(t testing.TB, path string, o module.Options, so Options) walked {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	core, err := elfcore.Open(file, st.Size(), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set := module.New(t.Context(), core, o)
	t.Cleanup(func() {
		set.Close()
		file.Close()
	})
	u := unwind.New(core, set)
	s := New(core, set, so)
	w := walked{core: core, modules: set}
	for i := range core.Threads {
		st := u.Thread(&core.Threads[i])
		w.stacks = append(w.stacks, st)
		w.frames = append(w.frames, s.Stack(st))
	}
	return w
}

// modulesOf says where the files of a program of coretest are.
func modulesOf(c coretest.Crashed) module.Options {
	o := module.Options{Executable: c.Exe, Sysroot: c.Sysroot}
	if c.DebugDir != "" {
		o.DebugDirs = []string{c.DebugDir}
	}
	return o
}

// threads puts what we found into the words of the oracles.
func (w walked) threads() []oracle.Thread {
	var out []oracle.Thread
	for i, frames := range w.frames {
		t := oracle.Thread{LWP: w.core.Threads[i].LWP}
		if !w.stacks[i].Whole {
			t.Stop = w.stacks[i].Reason
		}
		for n, f := range frames {
			o := oracle.Frame{
				Number: n, PC: f.Address, Function: f.Function, File: filepath.Clean(f.File), Line: f.Line,
				Signal: f.Signal, Inline: f.Inlined, TailCall: f.Tail,
			}
			if f.MadeUp {
				o.Function = ""
			}
			if f.Module != nil {
				o.Object = f.Module.Path
			}
			for _, a := range f.Arguments {
				// The oracle has no symbol behind a pointer.
				value, _, _ := strings.Cut(a.Value, " <")
				entry, _, _ := strings.Cut(a.Entry, " <")
				if value == "..." {
					value = "" // structs are not shown, by default by gdb neither
				}
				o.Args = append(o.Args, oracle.Arg{Name: a.Name, Value: value, Entry: entry})
			}
			for _, a := range f.Locals {
				value, _, _ := strings.Cut(a.Value, " <")
				if value == "..." {
					value = ""
				}
				o.Locals = append(o.Locals, oracle.Arg{Name: a.Name, Value: value})
			}
			t.Frames = append(t.Frames, o)
		}
		out = append(out, t)
	}
	return out
}
