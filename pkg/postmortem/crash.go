package postmortem

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/signals"
)

// coreMemory is the VersionSource of what was read in a core.
const coreMemory = "core memory"

const maxProblems = 16

// Crash makes a crash of what is known. stack is that of the thread that died, as far as it
// was unwound and named: it decides about the kind, whether somebody asked for it, and
// which of the texts agree; Texts are not parsed. Each thread has one frame, that of its
// registers; unwinding adds the rest. Evidence.Source is left to the caller, who knows
// the input's name.
func (f *Findings) Crash(c *elfcore.Core, stack []crash.Frame) crash.Crash {
	if f.HAProxy {
		f.debugCommands = f.issued(c)
	}
	if f.HAProxy && c.Signal != nil && len(c.Threads) > 0 {
		live := f.liveStack(c)
		f.agree(c, live)
		f.Command = f.provoked(c, stack, live)
	}
	kind, fatal := f.kind(c, stack)
	x := crash.Crash{
		Kind:       kind,
		Fatal:      fatal,
		Process:    f.process(c),
		Signal:     signalOf(c),
		Threads:    f.threads(c, fatal),
		Modules:    modulesOf(c),
		StartupLog: f.StartupLog,
		Counters:   f.Counters,
		Rings:      f.Rings,
		Missing:    f.missing(c, kind),
	}
	x.ThreadsOmitted = c.ThreadsOmitted
	if f.Object != nil {
		x.PostMortem = &f.Object.PostMortem
	}
	x.Evidence = f.evidence()
	f.useAbort(&x)
	if fatal {
		x.Provoked = f.Command
	}
	return x
}

func (f *Findings) process(c *elfcore.Core) *crash.Process {
	p := &crash.Process{
		Executable:   f.Name,
		Arguments:    f.Arguments,
		Version:      f.Version,
		Features:     f.Features,
		BuildOptions: f.BuildOptions,
	}
	if f.Version != "" {
		p.VersionSource = coreMemory
	}
	if c.Process != nil {
		p.PID = c.Process.PID
	} else if f.System != nil {
		p.PID = f.System.PID
	}
	if m := c.MainModule(); m != nil {
		if m.Path != "" {
			p.Executable = m.Path
		}
		p.BuildID = m.BuildID
	}
	if f.System != nil {
		p.System = f.System.String()
	}
	if f.HAProxy {
		p.Role = f.role(c)
	}
	// The kernel keeps 79 bytes of them, HAProxy all.
	if o := f.Object; o != nil {
		if len(o.Components) > 0 && p.BuildOptions == "" {
			p.BuildOptions = o.Components[0].Build
		}
		if all := strings.Join(o.Arguments, " "); strings.HasPrefix(all, strings.TrimSpace(p.Arguments)) {
			p.Arguments = all
		}
	}
	return p
}

func signalOf(c *elfcore.Core) *crash.Signal {
	s := c.Signal
	if s == nil || s.Number == 0 {
		return nil
	}
	out := &crash.Signal{Number: s.Number, Name: signals.Name(s.Number)}
	if len(c.Threads) > 0 {
		pc := crash.Addr(c.Threads[0].Registers.PC())
		out.Instruction = &pc
	}
	if s.Bare {
		return out
	}
	out.Code = s.Code
	out.CodeName = signals.CodeName(s.Number, s.Code)
	if signals.HasAddress(s.Number, s.Code) {
		at := crash.Addr(s.Address)
		out.Address = &at
	}
	if signals.HasSender(s.Code) {
		out.SenderPID = s.SenderPID
		out.Outside = fromOutside(c)
	}
	return out
}

// threads lists them as the core does: the first one is at fault, if any.
func (f *Findings) threads(c *elfcore.Core, fatal bool) []crash.Thread {
	out := make([]crash.Thread, len(c.Threads))
	for i := range c.Threads {
		t := &c.Threads[i]
		pc := t.Registers.PC()
		frame := crash.Frame{Address: crash.Addr(pc), Trust: crash.TrustContext}
		if m := c.Module(pc); m != nil {
			frame.Module = m.Path
			frame.ModuleOffset = crash.Addr(pc - m.Bias)
		}
		out[i] = crash.Thread{
			LWP:    t.LWP,
			Faulty: i == 0 && fatal,
			Frames: []crash.Frame{frame},
		}
		// Folklore: elsewhere pthread_t lies before the thread pointer, at a distance
		// that depends on the library.
		if c.Machine.ThreadID && t.Registers.ThreadPointer != 0 {
			out[i].Number = f.Numbers[t.Registers.ThreadPointer]
		}
		for _, n := range c.Machine.Manual {
			value, _ := t.Registers.Get(n)
			out[i].Registers = append(out[i].Registers, crash.Register{
				Name: c.Machine.RegisterName(n), Value: crash.Addr(value),
			})
		}
	}
	return out
}

func modulesOf(c *elfcore.Core) []crash.Module {
	out := make([]crash.Module, 0, len(c.Modules))
	for _, m := range c.Modules {
		out = append(out, crash.Module{
			Path: m.Path, Start: crash.Addr(m.Start), End: crash.Addr(m.End),
			Bias: crash.Addr(m.Bias), BuildID: m.BuildID, Main: m.Main,
		})
	}
	return out
}

// cut says what the core lost when it was cut.
func cut(c *elfcore.Core) []crash.Missing {
	const remedy = "copy it again, or raise the limit that cut it (ulimit -c, free disk, ExternalSizeMax and ProcessSizeMax of systemd-coredump)"
	switch t := c.Truncated(); {
	case t.Headers:
		return []crash.Missing{{
			ID:     crash.LacksWhole,
			What:   "the core ends within its headers",
			Effect: "threads, mappings and memory are missing",
			Remedy: remedy,
		}}
	case t.Segments > 0:
		return []crash.Missing{{
			ID:     crash.LacksWhole,
			What:   fmt.Sprintf("the core is cut: %d bytes in %d segments", t.Bytes, t.Segments),
			Effect: "stacks and texts that lay there cannot be shown; the main thread's stack is the first to be lost",
			Remedy: remedy,
		}}
	}
	return nil
}

// missing says what the core lacks, whatever files are at hand.
func (f *Findings) missing(c *elfcore.Core, kind crash.Kind) []crash.Missing {
	var out []crash.Missing
	if n := c.ThreadsOmitted; n > 0 {
		out = append(out, crash.Missing{
			What:   fmt.Sprintf("%d of %d threads", n, n+len(c.Threads)),
			Effect: fmt.Sprintf("they are not shown; the first %d are, and the one that died is among them", len(c.Threads)),
			Remedy: "HAProxy has 1024 threads at most: look for what else makes threads in this process",
		})
	}
	out = append(out, cut(c)...)
	if len(c.Threads) == 0 {
		out = append(out, crash.Missing{What: "the core lists no threads", Effect: "no stacks, no registers"})
	} else if s := c.Segment(c.Threads[0].Registers.SP()); s != nil && s.FileSize == 0 && kind != crash.StackOverflow {
		out = append(out, crash.Missing{
			ID:     crash.LacksMemory,
			What:   "the stack of the thread that died was not dumped",
			Effect: "only its registers are known",
			Remedy: "set bit 0 of /proc/PID/coredump_filter (0x33 is the default)",
		})
	}
	if kind == crash.Snapshot {
		out = append(out, crash.Missing{
			What:   "the core names no signal that ends a process",
			Effect: "it is a snapshot of a living process (gcore): what is shown is no crash",
		})
	}
	if m := c.MainModule(); m != nil && !m.Header {
		out = append(out, crash.Missing{
			ID:     crash.LacksMemory,
			What:   "the ELF header of " + filepath.Base(m.Path) + " was not dumped",
			Effect: "its build-id is not known, so no file can be verified to be the one that crashed",
			Remedy: "set bit 4 of /proc/PID/coredump_filter (0x33 is the default)",
		})
	}
	if f.HAProxy && f.Version == "" {
		out = append(out, crash.Missing{
			ID:     crash.LacksVersion,
			What:   "HAProxy's version is not in the core",
			Effect: "whether a bug is fixed cannot be told",
			Remedy: "give it with --haproxy-version, or the executable with --exe",
		})
	}
	// What Truncated told is above; the rest in the words of those who found it.
	problems := f.Problems
	for _, p := range problems[:min(len(problems), maxProblems)] {
		out = append(out, crash.Missing{What: p})
	}
	return out
}

func (f *Findings) evidence() []crash.Evidence {
	var out []crash.Evidence
	if f.Version != "" {
		out = append(out, crash.Evidence{Fact: "version", Where: where(f.VersionAddress), Text: f.Version})
	}
	if f.System != nil {
		out = append(out, crash.Evidence{Fact: "system", Where: where(f.System.Address), Text: f.System.String()})
	}
	if f.Command != "" {
		out = append(out, crash.Evidence{Fact: "typed on the CLI", Where: where(f.commandAddress), Text: f.Command})
	}
	if n := f.debugCommands; n > 0 {
		out = append(out, crash.Evidence{Fact: "debug commands", Where: "debug_commands_issued", Text: strconv.Itoa(n) + " were run"})
	}
	for i := range out {
		out[i].Rank = crash.RankState
	}
	return append(out, f.words()...)
}

// maxWords are the texts that are mentioned although nothing bears them out.
const maxWords = 4

// words mentions texts that nobody but their writer vouches for.
func (f *Findings) words() []crash.Evidence {
	var out []crash.Evidence
	for _, t := range f.Texts {
		if t.Agrees {
			continue
		}
		if len(out) == maxWords {
			break
		}
		first, _, _ := strings.Cut(t.Text, "\n")
		out = append(out, crash.Evidence{
			Fact: "unconfirmed text", Where: where(t.Address), Rank: crash.RankWords,
			Text: first[:min(len(first), 200)],
		})
	}
	return out
}

func where(addr uint64) string { return crash.Addr(addr).String() }
