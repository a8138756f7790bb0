package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// facts are what is known of a crash beside its threads, its dump and its verdict.
// Those that only help to rebuild the binary are left to full reports.
func (b *builder) facts() {
	var version, more rows
	if p := b.c.Process; p != nil {
		buildRows(&version, p, b.full)
		more.addData("Executable", p.Executable)
		more.addData("Arguments", p.Arguments)
		if p.MasterPID > 0 {
			more.add("Master", "process "+strconv.Itoa(p.MasterPID))
		}
	}
	signalRows(&more, b.c)
	spinRows(&more, b.c.Spin)
	if a := b.c.Assertion; a != nil {
		more.addData("Condition", a.Condition)
		more.addData("Message", a.Message)
		more.addData("Place", place(a.File, a.Line))
	}
	memoryRows(&more, b.c.Memory)
	poolRows(&more, b.c.Pool)
	more.addData("Provoked by", b.c.Provoked)
	first := Section{Title: "Facts", Field: FieldVersion}
	b.section(first, Block{Rows: version})
	rest := Section{Title: "Facts"}
	if len(version) > 0 {
		rest.Title = ""
	}
	b.section(rest, Block{Rows: more})
}

func buildRows(r *rows, p *crash.Process, full bool) {
	if p.Version != "" {
		v := data(p.Version)
		if p.VersionSource != "" {
			v += " (from: " + data(p.VersionSource) + ")"
		}
		r.add("Version", v)
	} else if p.Releases != nil && p.Releases.Range != "" {
		r.add("Version", data(p.Releases.Range)+" (from: "+data(p.Releases.Basis)+", "+plural(p.Releases.Places, "place")+")")
	}
	r.addData("Build ID", p.BuildID)
	r.addData("System", p.System)
	if full {
		r.addData("Features", strings.Join(p.Features, " "))
		r.addData("Build options", strings.Join(strings.Fields(p.BuildOptions), " "))
	}
}

// signal adds the signal and how the parent saw the end.
func signalRows(r *rows, c *crash.Crash) {
	if s := c.Signal; s != nil {
		var parts []string
		add := func(known bool, text string) {
			if known {
				parts = append(parts, text)
			}
		}
		add(s.Name != "", data(s.Name))
		add(s.Name == "" && s.Number > 0, "signal "+strconv.Itoa(s.Number))
		add(s.CodeName != "", data(s.CodeName))
		if s.Address != nil {
			add(true, "address "+s.Address.String())
		}
		if s.Instruction != nil && (s.Address == nil || *s.Instruction != *s.Address) {
			add(true, "instruction at "+s.Instruction.String())
		}
		add(s.SenderPID > 0, fmt.Sprintf("sent by process %d", s.SenderPID))
		r.add("Signal", strings.Join(parts, ", "))
	}
	if e := c.Exit; e != nil {
		v := strconv.Itoa(e.Code)
		if e.Signal != "" && (c.Signal == nil || c.Signal.Name != e.Signal) {
			v += " (" + data(e.Signal) + ")"
		}
		r.add("Exit code", v)
	}
}

func spinRows(r *rows, s *crash.Spin) {
	if s == nil {
		return
	}
	object := named(s.Object, s.Address)
	if s.Rate > 0 {
		object = strings.TrimPrefix(object+", "+number(s.Rate)+" calls per second", ", ")
	}
	r.add("Spinning", object)
	r.add("Applet", named(s.Applet, s.AppletAddress))
	handler := s.Handler
	if handler == "" && s.HandlerMatched != nil {
		handler = guessedName(s.HandlerMatched)
	}
	r.add("Handler", named(handler, s.HandlerAddress))
}

// memoryRows are the access that a sanitizer or valgrind saw.
func memoryRows(r *rows, m *crash.Memory) {
	if m == nil {
		return
	}
	r.add("Access", accessOf(m, data))
	if m.Address != nil {
		r.add("Accessed", m.Address.String())
	}
	r.addData("Which is", m.Place)
}

func poolRows(r *rows, p *crash.Pool) {
	if p == nil {
		return
	}
	r.addData("Damage", p.Error)
	name := string(dataText(p.Name))
	if p.Size > 0 {
		name = strings.TrimSpace(name + " of " + number(p.Size) + " bytes")
	}
	r.add("Pool", name)
	r.add("Object", named("", p.Item))
	r.addData("Tag points to", p.Origin)
	r.add("Freed by", named(p.CallerFunction, p.Caller))
	if p.Thread > 0 {
		r.add("Thread", strconv.Itoa(p.Thread))
	}
}

// named is a name with its address.
func named(name string, a crash.Addr) string {
	switch {
	case name == "" && a == 0:
		return ""
	case name == "":
		return a.String()
	case a == 0:
		return data(name)
	}
	return data(name) + " at " + a.String()
}
