package report

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// tally counts crashes by their fingerprint. What it keeps does not depend on how
// many crashes there are.
type tally struct {
	o     redact.Options
	list  []*tallied
	index map[string]*tallied
	// dead are the processes that were counted.
	dead map[process]death
	// hosts are those of all groups, seed is of their hashes.
	hosts map[hostOf]struct{}
	seed  maphash.Seed
	left  int // crashes that found no room
	// times are for a time line.
	times moments
	// holds says what kinds of data the groups hold.
	holds redact.Holdings
}

type tallied struct {
	crash.Group
	span span
	// fromCore: the example is of a core.
	fromCore bool
}

// process is one process of a host, by a hash of its name.
type process struct {
	host uint64
	pid  int
}

// death is where a process was counted, and as what. One of a weak fingerprint moves to
// the group of a strong one when another input tells more of the same process.
type death struct {
	group    *tallied
	version  string
	verdict  crash.GroupVerdict
	provoked bool
	weak     bool
}

// hostOf is one host of one group.
type hostOf struct {
	group *tallied
	name  uint64
}

// The bounds of a tally. Ten thousand hosts of a fleet with ten groups each find
// room.
const (
	maxGroups        = 1024
	maxGroupHosts    = 100_000
	maxDead          = 100_000
	maxGroupVersions = 32
	maxGroupVerdicts = 16
)

func newTally(o redact.Options) *tally {
	return &tally{o: o, index: map[string]*tallied{}, dead: map[process]death{}, hosts: map[hostOf]struct{}{}, seed: maphash.MakeSeed()}
}

// take counts a crash that has its secrets.
func (s *tally) take(c *crash.Crash) {
	if s.has(c) {
		s.addAnother(c)
		return
	}
	redact.Crash(c, s.o)
	s.add(c)
}

// addAnother counts a crash that has its secrets, and of whose kind one was counted. It gives what a
// repeat may show of it.
func (s *tally) addAnother(c *crash.Crash) *crash.Crash {
	if part := s.countable(c); part != nil {
		c = part
	} else {
		redact.Crash(c, s.o)
	}
	s.add(c)
	return c
}

// add counts a crash. It keeps no part of it.
func (s *tally) add(c *crash.Crash) {
	if s.again(c) {
		return
	}
	key := groupKey(c)
	g := s.index[key]
	if g == nil {
		if len(s.list) == maxGroups {
			s.left++
			return
		}
		g = &tallied{Group: crash.Group{Fingerprint: c.Fingerprint, Strength: c.Strength, Kind: c.Kind}}
		s.index[key] = g
		s.list = append(s.list, g)
	}
	g.Count++
	if c.Provoked != "" {
		g.Provoked++
	}
	version := g.addVersion(c.Version())
	t, form, ok := g.span.add(c.Time)
	s.times.add(moment{g, version, t, form}, ok)
	g.addVerdict(c.Verdict)
	s.bury(g, c)
	s.addHost(g, c.Host)
	if fromCore := len(c.Modules) > 0; g.Example == nil || fromCore && !g.fromCore {
		g.fromCore = fromCore
		s.example(g, c)
	}
}

// countable is what a group counts of a crash, and what a repeat prints, secrets taken out: a
// small part of it. There is none of a core, which may become the example.
func (s *tally) countable(c *crash.Crash) *crash.Crash {
	if len(c.Modules) > 0 {
		return nil
	}
	out := &crash.Crash{
		Kind: c.Kind, Fatal: c.Fatal, Fingerprint: c.Fingerprint, Strength: c.Strength, Time: c.Time, Host: c.Host, Provoked: c.Provoked,
		Evidence: slices.Clone(c.Evidence[:min(len(c.Evidence), 1)]),
	}
	if p := c.Process; p != nil {
		out.Process = &crash.Process{PID: p.PID, Version: p.Version}
	}
	if v := c.Verdict; v != nil {
		out.Verdict = &crash.Verdict{Status: v.Status, Matches: slices.Clone(v.Matches[:min(len(v.Matches), 1)])}
	}
	redact.Crash(out, s.o)
	return out
}

// has says that a crash only counts: its group has an example.
func (s *tally) has(c *crash.Crash) bool {
	g := s.index[groupKey(c)]
	return g != nil && g.Example != nil
}

func groupKey(c *crash.Crash) string { return cmp.Or(c.Fingerprint, "\x00"+string(c.Kind)) }

// again says that a crash is one of a process that was counted with a strong fingerprint,
// and this one tells less. Where it tells more, the other is taken back.
func (s *tally) again(c *crash.Crash) bool {
	p, ok := s.processOf(c)
	if !ok {
		return false
	}
	old, known := s.dead[p]
	switch {
	case !known || old.weak == (c.Strength != crash.Strong):
		return false
	case c.Strength != crash.Strong:
		return true
	}
	delete(s.dead, p)
	old.takeBack()
	return false
}

func (s *tally) processOf(c *crash.Crash) (process, bool) {
	if c.Process == nil || c.Process.PID <= 0 {
		return process{}, false
	}
	return process{maphash.String(s.seed, c.Host), c.Process.PID}, true
}

func (s *tally) bury(g *tallied, c *crash.Crash) {
	if p, ok := s.processOf(c); ok && len(s.dead) < maxDead {
		s.dead[p] = death{g, strings.Clone(clip(c.Version(), 300)), groupVerdict(c.Verdict), c.Provoked != "", c.Strength != crash.Strong}
	}
}

// takeBack takes a death out of its group.
func (d *death) takeBack() {
	g := d.group
	g.Count--
	if d.provoked {
		g.Provoked--
	}
	if i := slices.IndexFunc(g.Versions, func(v crash.GroupVersion) bool { return v.Version == d.version }); i >= 0 {
		if g.Versions[i].Count--; g.Versions[i].Count == 0 {
			g.Versions = slices.Delete(g.Versions, i, i+1)
		}
	}
	if i := slices.IndexFunc(g.Verdicts, d.verdict.Same); i >= 0 {
		if g.Verdicts[i].Count--; g.Verdicts[i].Count == 0 {
			g.Verdicts = slices.Delete(g.Verdicts, i, i+1)
		}
	}
}

// addVersion counts a version, and gives it as it is kept.
func (g *tallied) addVersion(version string) string {
	version = clip(version, 300)
	i := slices.IndexFunc(g.Versions, func(v crash.GroupVersion) bool { return v.Version == version })
	switch {
	case i >= 0:
		g.Versions[i].Count++
		return g.Versions[i].Version
	case len(g.Versions) == maxGroupVersions:
		g.OtherVersions++
		return ""
	}
	version = strings.Clone(version)
	g.Versions = append(g.Versions, crash.GroupVersion{Version: version, Count: 1})
	return version
}

func (g *tallied) addVerdict(v *crash.Verdict) {
	if v == nil {
		return
	}
	w := groupVerdict(v)
	i := slices.IndexFunc(g.Verdicts, w.Same)
	switch {
	case i >= 0:
		g.Verdicts[i].Count++
	case len(g.Verdicts) == maxGroupVerdicts:
		g.OtherVerdicts++
	default:
		g.Verdicts = append(g.Verdicts, w)
	}
}

func groupVerdict(v *crash.Verdict) crash.GroupVerdict {
	if v == nil {
		return crash.GroupVerdict{}
	}
	w := crash.GroupVerdict{Count: 1, Status: v.Status}
	if len(v.Matches) > 0 {
		m := &v.Matches[0]
		w.ID, w.VersionStatus, w.FixedIn = m.ID, m.VersionStatus, m.FixedIn
		if len(m.Fixes) > 0 {
			w.Fix = m.Fixes[0]
		}
	}
	return w
}

// addHost keeps a hash of the name: a fleet has many, and a hostile log long ones.
func (s *tally) addHost(g *tallied, host string) {
	if host == "" {
		return
	}
	h := hostOf{g, maphash.String(s.seed, host)}
	if _, known := s.hosts[h]; known {
		return
	}
	if len(s.hosts) == maxGroupHosts {
		g.MoreHosts = true
		return
	}
	s.hosts[h] = struct{}{}
	g.Hosts++
}

// short is a text that is kept: no part of a longer one, and not longer than a
// report shows.
func short(s string) string { return strings.Clone(clip(s, 300)) }

// example makes a crash the one that stands for its group, secrets taken out.
func (s *tally) example(g *tallied, c *crash.Crash) {
	e := &crash.GroupExample{Host: short(c.Host), Time: short(c.Time), Input: sources(c)}
	if c.Process != nil {
		e.PID = c.Process.PID
	}
	if len(c.Evidence) > 0 {
		e.Where = short(c.Evidence[0].Where)
	}
	alike := gist(c)
	shown := crash.Crash{Host: e.Host, Provoked: what(&alike, func(v string) string { return v })}
	s.holds.Add(redact.Crash(&shown, s.o))
	g.What = short(shown.Provoked)
	g.Example = e
}

// gist is a crash without what differs between two of one cause: rates, lines,
// numbers of threads and processes, addresses but that of a null pointer.
func gist(c *crash.Crash) crash.Crash {
	g := crash.Crash{Kind: c.Kind, Fatal: c.Fatal, Exit: c.Exit, Pool: c.Pool, Memory: c.Memory, Process: c.Process, Modules: c.Modules}
	if c.Spin != nil {
		g.Spin = &crash.Spin{Object: c.Spin.Object, Applet: c.Spin.Applet}
	}
	if s := c.Signal; s != nil {
		g.Signal = &crash.Signal{Name: s.Name}
		if s.Address != nil && *s.Address == 0 {
			g.Signal.Address = s.Address
		}
	}
	if a := c.Assertion; a != nil {
		g.Assertion = &crash.Assertion{Macro: a.Macro, File: a.File, Message: cmp.Or(a.Message, a.Condition)}
	}
	if t := c.Faulty(); t != nil {
		g.Threads = []crash.Thread{{Faulty: true, Task: t.Task, Frames: t.Frames}}
	}
	return g
}

// sorted gives the groups, the most frequent first and of those the one that was
// seen last.
func (s *tally) sorted() []crash.Group {
	s.list = slices.DeleteFunc(s.list, func(g *tallied) bool { return g.Count == 0 })
	slices.SortStableFunc(s.list, func(a, b *tallied) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.span.lastSeen().Compare(a.span.lastSeen()))
	})
	var out []crash.Group
	for _, g := range s.list {
		g.FirstSeen, g.LastSeen, g.Undated = g.span.ends()
		slices.SortStableFunc(g.Versions, func(a, b crash.GroupVersion) int { return b.Count - a.Count })
		slices.SortStableFunc(g.Verdicts, func(a, b crash.GroupVerdict) int { return b.Count - a.Count })
		out = append(out, g.Group)
	}
	return out
}

// sameAs is equal for crashes whose report would read the same but for time
// and process; empty when that cannot be told.
func sameAs(c *crash.Crash) string {
	print := cmp.Or(c.Fingerprint, appearance(c))
	if print == "" {
		return ""
	}
	word, id := verdictOf(c)
	return strings.Join([]string{print, string(c.Kind), c.Version(), word, id, c.Provoked}, "\x00")
}

// appearance is what a crash without a fingerprint shows but for times, addresses and the numbers of
// processes; empty when it shows what no other one does: a core, a stream, frames without any name.
func appearance(c *crash.Crash) string {
	if len(c.Modules)+len(c.Stacks)+len(c.Objects) > 0 || c.Stream != nil || len(c.Conflicts) > 0 {
		return ""
	}
	g := gist(c)
	var b strings.Builder
	fmt.Fprintf(&b, "%+v %+v %d", g.Spin, g.Assertion, len(c.Threads))
	if e := c.Exit; e != nil {
		fmt.Fprintf(&b, " %d %s", e.Code, e.Signal)
	}
	if s := c.Signal; s != nil {
		fmt.Fprintf(&b, " %s %s", s.Name, s.CodeName)
	}
	if p := c.Pool; p != nil {
		fmt.Fprintf(&b, " %s %s %s", p.Error, p.Name, p.CallerFunction)
	}
	if m := c.Memory; m != nil {
		fmt.Fprintf(&b, " %s %s %s", m.Tool, m.Error, m.Access)
	}
	for i := range c.Threads {
		t := &c.Threads[i]
		if t.Stream != nil || t.Lua != "" {
			return ""
		}
		fmt.Fprintf(&b, "\n%d %t %t", t.Number, t.Faulty, t.Stuck)
		if t.Task != nil {
			fmt.Fprintf(&b, " %s %s", t.Task.Function, t.Task.Applet)
		}
		for k := range t.Frames {
			f := &t.Frames[k]
			name := cmp.Or(f.Function, f.Symbol)
			if name == "" && f.ModuleOffset == 0 {
				return ""
			}
			fmt.Fprintf(&b, "\n%s %s %x %s %d", name, f.Module, uint64(f.ModuleOffset), f.File, f.Line)
		}
	}
	return b.String()
}

// verdictOf is the verdict in a word, and the bug that fits best.
func verdictOf(c *crash.Crash) (word, id string) {
	v := c.Verdict
	if v == nil {
		return "", ""
	}
	if len(v.Matches) > 0 {
		id = v.Matches[0].ID
	}
	return strings.ToLower(verdictWord(v.Status)), id
}
