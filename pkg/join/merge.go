package join

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// merge puts c's facts into the group's crash. Of somebody's words it keeps the evidence
// alone, and of a part whose kind a higher rank denies, what does not go with that kind.
func (g *group) merge(c *crash.Crash, s source) {
	m := merger{g: g, source: s, evidence: c.Evidence}
	d := &g.crash
	defer m.mention(c)
	if s.rank == crash.RankWords {
		return
	}
	if m.kind(c) {
		m.death(c)
	}
	m.text("host", &d.Host, c.Host)
	m.first(&d.Time, c.Time)
	m.process(c.Process)
	m.exit(c.Exit)
	m.signal(c.Signal)
	if c.Blocked != nil {
		d.Blocked = c.Blocked // the latest warning is the one before the panic
	}
	if len(d.Objects) == 0 {
		d.Objects = c.Objects
	}
	g.mergeThreads(c.Threads)
	if d.Memory == nil {
		d.Memory = c.Memory
	}
	if len(d.Stacks) == 0 {
		d.Stacks = c.Stacks
	}
	d.ThreadsOmitted = max(d.ThreadsOmitted, c.ThreadsOmitted)
	if len(d.Modules) == 0 {
		d.Modules = c.Modules
	}
	if len(d.StartupLog) == 0 {
		d.StartupLog = c.StartupLog
	}
	if d.PostMortem == nil {
		d.PostMortem = c.PostMortem
	}
	if len(d.Counters) == 0 {
		d.Counters = c.Counters
	}
	if len(d.Rings) == 0 {
		d.Rings = c.Rings
	}
	if d.Verdict == nil {
		d.Verdict = c.Verdict
	}
	g.mergeMissing(c.Missing, s.role)
}

// source says where a partial crash comes from.
type source struct {
	role  Role
	rank  crash.Rank
	input string
	// likely: its kind is a guess.
	likely bool
	// weights of single facts, where they are not all the same.
	weights map[string]weight
}

// death takes what belongs to the kind.
func (m *merger) death(c *crash.Crash) {
	d := &m.g.crash
	m.first(&d.Provoked, c.Provoked)
	m.spin(c.Spin)
	m.assertion(c.Assertion)
	m.pool(c.Pool)
	if c.Stream != nil && (d.Stream == nil || len(c.Stream.Fields) > len(d.Stream.Fields) && m.atLeast("stream")) {
		d.Stream = c.Stream
		m.g.weight["stream"] = m.weight("stream")
	}
	if len(c.Text) > len(d.Text) && m.atLeast("text") {
		d.Text = c.Text
		m.g.weight["text"] = m.weight("text")
	}
}

// mention keeps the evidence.
func (m *merger) mention(c *crash.Crash) {
	d := &m.g.crash
	for _, e := range c.Evidence {
		if len(d.Evidence) == maxEvidence {
			break
		}
		if e.Source == "" {
			e.Source = m.input
		}
		if e.Rank == "" {
			e.Rank = m.rank
		}
		d.Evidence = append(d.Evidence, e)
	}
	if len(d.Conflicts)+len(c.Conflicts) <= maxConflicts {
		d.Conflicts = append(d.Conflicts, c.Conflicts...)
	}
	m.g.bytes += size(c)
}

// mergeMissing keeps apart what a body lacks: the head it was found without is
// not missing once there is one.
func (g *group) mergeMissing(l []crash.Missing, r Role) {
	dst := &g.crash.Missing
	if r == Body {
		dst = &g.headless
	}
	for _, x := range l {
		if !hasMissing(*dst, x) {
			*dst = append(*dst, x)
		}
	}
}

func hasMissing(l []crash.Missing, x crash.Missing) bool {
	for _, y := range l {
		if x.What == y.What {
			return true
		}
	}
	return false
}

// size is about how many bytes a partial crash holds.
func size(c *crash.Crash) int {
	n := 512 + len(c.Text)
	for _, e := range c.Evidence {
		n += 64 + len(e.Text)
	}
	for _, t := range c.Threads {
		n += 256 + 256*len(t.Frames) + 64*len(t.Fields) + len(t.Lua)
	}
	if c.Stream != nil {
		n += 64 * len(c.Stream.Fields)
	}
	for i := range c.Objects {
		n += 64 * (1 + len(c.Objects[i].Fields))
	}
	return n
}

// merger merges one partial crash, and knows what its source is worth.
type merger struct {
	g *group
	source
	evidence []crash.Evidence
}

// weight is what the source's word on a fact is worth.
func (m *merger) weight(fact string) weight {
	if w, ok := m.weights[fact]; ok {
		return w
	}
	return weigh(m.rank, m.role)
}

// atLeast says that the source's rank is not below that of what is known of a fact.
func (m *merger) atLeast(fact string) bool {
	return m.weight(fact)/rankStep >= m.g.weight[fact]/rankStep
}

// where finds the place that a fact was read at, from the evidence of the part.
func (m *merger) where(fact string) string {
	for _, e := range m.evidence {
		if strings.Contains(e.Fact, fact) {
			return e.Where
		}
	}
	if len(m.evidence) > 0 {
		return m.evidence[0].Where
	}
	return ""
}

func (m *merger) first(dst *string, v string) {
	if *dst == "" {
		*dst = v
	}
}

// set decides about one fact: it reports whether v is to be taken, and notes a
// conflict when both sides are known and differ.
func (m *merger) set(fact, have, v string) bool {
	if v == "" {
		return false
	}
	now := crash.ConflictValue{Value: v, Source: m.input, Where: m.where(fact)}
	w := m.weight(fact)
	better := w > m.g.weight[fact]
	if have == "" || have == v {
		if better || have == "" {
			m.g.weight[fact], m.g.from[fact] = w, now
		}
		return have == ""
	}
	old := m.g.from[fact]
	old.Value = have
	pair := []crash.ConflictValue{old, now}
	if better {
		pair[0], pair[1] = now, old
		m.g.weight[fact], m.g.from[fact] = w, now
	}
	m.conflict(fact, pair)
	return better
}

func (m *merger) conflict(fact string, pair []crash.ConflictValue) {
	d := &m.g.crash
	for i := range d.Conflicts {
		if d.Conflicts[i].Fact == fact {
			for _, v := range d.Conflicts[i].Values {
				if v.Value == pair[1].Value {
					return
				}
			}
			d.Conflicts[i].Values = append(d.Conflicts[i].Values, pair[1])
			return
		}
	}
	if len(d.Conflicts) < maxConflicts {
		d.Conflicts = append(d.Conflicts, crash.Conflict{Fact: fact, Values: pair})
	}
}

func (m *merger) text(fact string, dst *string, v string) {
	if m.set(fact, *dst, v) {
		*dst = v
	}
}

func (m *merger) num(fact string, dst *int, v int) {
	if m.set(fact, number(int64(*dst)), number(int64(v))) {
		*dst = v
	}
}

func (m *merger) num64(fact string, dst *int64, v int64) {
	if m.set(fact, number(*dst), number(v)) {
		*dst = v
	}
}

func (m *merger) addr(fact string, dst *crash.Addr, v crash.Addr) {
	have, new := "", ""
	if *dst != 0 {
		have = dst.String()
	}
	if v != 0 {
		new = v.String()
	}
	if m.set(fact, have, new) {
		*dst = v
	}
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (m *merger) process(p *crash.Process) {
	if p == nil {
		return
	}
	if m.g.crash.Process == nil {
		m.g.crash.Process = &crash.Process{}
	}
	d := m.g.crash.Process
	if m.role != Exit || d.PID == 0 {
		m.num("pid", &d.PID, p.PID)
	}
	if d.MasterPID == 0 {
		d.MasterPID = p.MasterPID
	}
	m.first(&d.Role, p.Role)
	m.first(&d.Executable, p.Executable)
	if len(p.Arguments) > len(d.Arguments) {
		d.Arguments = p.Arguments
	}
	m.version(d, p)
	m.first(&d.BuildID, p.BuildID)
	m.first(&d.BuildOptions, p.BuildOptions)
	m.first(&d.System, p.System)
	d.Container = d.Container || p.Container
	if len(d.Features) == 0 {
		d.Features = p.Features
	}
	if len(d.Uses)+len(d.Unused) == 0 {
		d.Uses, d.Unused = p.Uses, p.Unused
	}
}

// version takes the longer of two that agree: 3.2.3 and 3.2.3-1844da7 are one.
func (m *merger) version(d, p *crash.Process) {
	switch {
	case p.Version == "":
	case d.Version != "" && (strings.HasPrefix(d.Version, p.Version+"-") || d.Version == p.Version):
	case d.Version == "" || strings.HasPrefix(p.Version, d.Version+"-"):
		m.g.weight["version"], m.g.from["version"] = m.weight("version"), crash.ConflictValue{Value: p.Version, Source: m.input, Where: m.where("version")}
		d.Version, d.VersionSource = p.Version, p.VersionSource
	case m.set("version", d.Version, p.Version):
		d.Version, d.VersionSource = p.Version, p.VersionSource
	}
}

func (m *merger) exit(e *crash.Exit) {
	if e == nil {
		return
	}
	if m.g.crash.Exit == nil {
		m.g.crash.Exit = &crash.Exit{}
	}
	d := m.g.crash.Exit
	m.num("exit code", &d.Code, e.Code)
	m.first(&d.Signal, e.Signal)
}

func (m *merger) signal(s *crash.Signal) {
	if s == nil {
		return
	}
	if m.g.crash.Signal == nil {
		m.g.crash.Signal = &crash.Signal{}
	}
	d := m.g.crash.Signal
	if m.set("signal", d.Name, s.Name) {
		d.Name, d.Number = s.Name, s.Number
	}
	if d.Number == 0 {
		d.Number = s.Number
	}
	if d.CodeName == "" && d.Code == 0 {
		d.Code, d.CodeName = s.Code, s.CodeName
	}
	if d.Address == nil {
		d.Address = s.Address
	}
	if d.SenderPID == 0 {
		d.SenderPID = s.SenderPID
	}
	d.Outside = d.Outside || s.Outside
	if d.Instruction == nil {
		d.Instruction = s.Instruction
	}
}

func (m *merger) spin(s *crash.Spin) {
	if s == nil {
		return
	}
	if m.g.crash.Spin == nil {
		m.g.crash.Spin = &crash.Spin{}
	}
	d := m.g.crash.Spin
	m.text("object", &d.Object, s.Object)
	m.addr("object address", &d.Address, s.Address)
	m.num64("rate", &d.Rate, s.Rate)
	m.text("applet", &d.Applet, s.Applet)
	m.text("handler", &d.Handler, s.Handler)
	m.addr("handler address", &d.HandlerAddress, s.HandlerAddress)
	if d.HandlerMatched = cmp.Or(d.HandlerMatched, s.HandlerMatched); d.Handler != "" {
		d.HandlerMatched = nil
	}
	m.addr("applet address", &d.AppletAddress, s.AppletAddress)
}

func (m *merger) assertion(a *crash.Assertion) {
	if a == nil {
		return
	}
	if m.g.crash.Assertion == nil {
		m.g.crash.Assertion = &crash.Assertion{}
	}
	d := m.g.crash.Assertion
	m.text("level", &d.Level, a.Level)
	m.text("macro", &d.Macro, a.Macro)
	m.text("condition", &d.Condition, a.Condition)
	m.text("file", &d.File, a.File)
	m.num("line", &d.Line, a.Line)
	m.first(&d.Message, a.Message)
}

func (m *merger) pool(p *crash.Pool) {
	if p == nil {
		return
	}
	if m.g.crash.Pool == nil {
		m.g.crash.Pool = &crash.Pool{}
	}
	d := m.g.crash.Pool
	m.first(&d.Error, p.Error)
	m.first(&d.Name, p.Name)
	m.first(&d.CallerFunction, p.CallerFunction)
	m.first(&d.Origin, p.Origin)
	if d.Thread == 0 {
		d.Thread = p.Thread
	}
	if d.Caller == 0 {
		d.Caller = p.Caller
	}
	if d.Item == 0 {
		d.Item = p.Item
	}
	if d.Size == 0 {
		d.Size = p.Size
	}
}
