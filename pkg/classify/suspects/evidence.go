package suspects

import (
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Evidence is what speaks for one fix, and against it.
type Evidence struct {
	Fix   *fixes.Fix
	Value [Parts]float64
	// Name is the name that gave most of each part that is made of names.
	Name [Related + 1]string
}

// Gather finds what speaks for each fix of a history, in its order. Fixes of
// documents, tests and tools are left out, but not those that the version has.
func Gather(q *Query, x *fixes.Index) ([]Evidence, error) {
	list, err := x.Fixes()
	if err != nil {
		return nil, err
	}
	s := newSearch(q, list)
	day := buildDay(q, x, list)
	out := make([]Evidence, 0, len(list))
	for i := range list {
		if !inProgram(&list[i]) {
			continue
		}
		e := Evidence{Fix: &list[i]}
		s.names(&e, s.hits[i])
		circumstances(&e, q, day, x, list)
		out = append(out, e)
	}
	return out, nil
}

// nearness is how much less a function counts for each known one that stands
// nearer to the crash: 1, 2/3, 1/2, 2/5 …
const nearness = 0.5

// foreign is how much of a place a function takes that no fix ever named: one of
// a library, or a helper that the compiler made.
const foreign = 0.2

// alias is how much a function counts that has the name in later versions only
// by a rule.
const alias = 0.7

// least is the share of repairs below which a file or subsystem is no lead.
const least = 0.05

// a term is a function that is looked for.
type term struct {
	name   string
	alias  bool
	weight float64
	fixes  int
	habit  habit
}

// A habit is where functions, or files, are repaired.
type habit struct {
	files, subsystems map[string]float64
	votes             float64
}

func (h *habit) vote(f *fixes.Fix) {
	if h.files == nil {
		h.files, h.subsystems = map[string]float64{}, map[string]float64{}
	}
	files, subsystems := stems(f), subsystems(f)
	for _, s := range files {
		h.files[s] += 1 / float64(len(files))
	}
	for _, s := range subsystems {
		h.subsystems[s] += 1 / float64(len(subsystems))
	}
	h.votes++
}

// share is a part of the votes, less sure while they are few.
func (h *habit) share(votes float64) float64 {
	if p := votes / (h.votes + 1); p > least {
		return p
	}
	return 0
}

type hit struct {
	term int
	part Part
}

// search is a query with what the history says of its names.
type search struct {
	terms      []term
	hits       [][]hit // for each fix
	conditions map[string]float64
	files      map[string]float64
	labels     map[string]bool
	// ofFiles are the subsystems of which repairs of the query's files are.
	ofFiles map[string]float64
	// How many fixes have a file, a subsystem, an identifier.
	nFile, nSubsystem, nCondition map[string]int
	n                             int
}

func newSearch(q *Query, list []fixes.Fix) *search {
	s := &search{
		conditions: map[string]float64{}, files: map[string]float64{}, labels: map[string]bool{}, ofFiles: map[string]float64{},
		nFile: map[string]int{}, nSubsystem: map[string]int{}, nCondition: map[string]int{},
		hits: make([][]hit, len(list)), n: len(list),
	}
	for _, c := range q.Conditions {
		s.conditions[c] = 1
	}
	for _, l := range q.Labels {
		s.labels[subsystem(l)] = true
	}
	for i, f := range q.Files {
		w, name := 1/(1+nearness*float64(i)), stem(f)
		s.files[name] = max(s.files[name], w)
		for _, l := range became(name) {
			s.files[l] = max(s.files[l], alias*w)
		}
	}
	byName := s.lookFor(q.useful())
	s.count(list, byName)
	return s
}

// lookFor makes the terms.
func (s *search) lookFor(functions []string) map[string][]int {
	byName := map[string][]int{}
	add := func(name string, alias bool) {
		byName[name] = append(byName[name], len(s.terms))
		s.terms = append(s.terms, term{name: name, alias: alias})
	}
	for _, f := range functions {
		add(f, false)
		if l := later(f); l != "" && byName[l] == nil {
			add(l, true)
		}
	}
	return byName
}

// count goes through the history once and learns how rare the names are and
// where they are repaired.
func (s *search) count(list []fixes.Fix, byName map[string][]int) {
	prefixes := map[string][]int{}
	for i := range s.terms {
		if p := prefix(s.terms[i].name); p != "" {
			prefixes[p] = append(prefixes[p], i)
		}
	}
	relatives := make([]habit, len(s.terms)) // of functions that begin alike
	ofFiles := map[string]*habit{}
	for name := range s.files {
		ofFiles[name] = &habit{}
	}
	for i := range list {
		f := &list[i]
		s.hits[i] = find(f, byName)
		for k, h := range s.hits[i] {
			if k == 0 || s.hits[i][k-1].term != h.term {
				s.terms[h.term].fixes++
				s.terms[h.term].habit.vote(f)
			}
		}
		for _, name := range f.Changed {
			for _, t := range prefixes[prefix(name)] {
				relatives[t].vote(f)
			}
		}
		for _, name := range stems(f) {
			s.nFile[name]++
			if h := ofFiles[name]; h != nil {
				h.vote(f)
			}
		}
		for _, name := range subsystems(f) {
			s.nSubsystem[name]++
		}
		for _, c := range f.Conditions {
			if s.conditions[c] > 0 {
				s.nCondition[c]++
			}
		}
	}
	place := 0.0
	for i := range s.terms {
		t := &s.terms[i]
		if t.fixes < 2 {
			t.habit = relatives[i]
		}
		switch {
		case t.alias:
			t.weight = alias / (1 + nearness*max(place-1, 0))
		case t.habit.votes > 0:
			t.weight = 1 / (1 + nearness*place)
			place++
		default:
			t.weight = 1 / (1 + nearness*place)
			place += foreign
		}
	}
	for name, h := range ofFiles {
		for sub, votes := range h.subsystems {
			s.ofFiles[sub] = max(s.ofFiles[sub], s.files[name]*h.share(votes))
		}
	}
}

// rarity is the inverse document frequency, about 1 for one in a thousand.
func (s *search) rarity(fixes int) float64 {
	return math.Log((float64(s.n)+1)/(float64(fixes)+0.5)) / math.Log(1000)
}

// names fills in the parts that are made of names.
func (s *search) names(e *Evidence, hits []hit) {
	var most [Related + 1]float64
	add := func(p Part, value float64, name string) {
		e.Value[p] += value
		if value > most[p] {
			most[p], e.Name[p] = value, name
		}
	}
	for _, h := range hits {
		t := &s.terms[h.term]
		add(h.part, t.weight*s.rarity(t.fixes), t.name)
	}
	for _, c := range e.Fix.Conditions {
		if w := s.conditions[c]; w > 0 {
			add(Condition, w*s.rarity(s.nCondition[c]), c)
		}
	}
	for _, name := range stems(e.Fix) {
		if w := s.files[name]; w > 0 {
			add(File, w*s.rarity(s.nFile[name]), name)
		}
		for i := range s.terms {
			t := &s.terms[i]
			if p := t.habit.share(t.habit.files[name]); p > 0 {
				add(Near, t.weight*p*s.rarity(s.nFile[name]), name)
			}
		}
	}
	for _, name := range subsystems(e.Fix) {
		if s.labels[name] {
			add(Label, s.rarity(s.nSubsystem[name]), name)
		}
		related := s.ofFiles[name]
		for i := range s.terms {
			t := &s.terms[i]
			related = max(related, t.weight*t.habit.share(t.habit.subsystems[name]))
		}
		if related > 0 {
			add(Related, related*s.rarity(s.nSubsystem[name]), name)
		}
	}
	for p := Changed; p.shared(); p++ {
		e.Value[p] = math.Sqrt(e.Value[p])
	}
}

// find gives each term once for each list of the fix that has it, by term.
func find(f *fixes.Fix, byName map[string][]int) []hit {
	var out []hit
	for part, names := range [...][]string{Changed: f.Changed, Called: f.Called, Named: f.Named} {
		for _, n := range names {
			for _, t := range byName[n] {
				if h := (hit{t, Part(part)}); !slices.Contains(out, h) {
					out = append(out, h)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b hit) int { return a.term - b.term })
	return out
}

// circumstances fills in what is true of the fix, not of its names. The day is that
// of the version, zero when it is not known.
func circumstances(e *Evidence, q *Query, day time.Time, x *fixes.Index, list []fixes.Fix) {
	f := e.Fix
	switch relate(q.Kind, f.Kinds) {
	case sameKind:
		e.Value[SameKind] = 1
	case anyCrash:
		e.Value[AnyCrash] = 1
	}
	switch f.Severity {
	case "MAJOR", "CRITICAL":
		e.Value[Major] = 1
	case "MINOR", "":
		e.Value[Minor] = 1
	}
	if len(f.Kinds) == 1 && f.Kinds[0] == "leak" {
		e.Value[Leak] = 1
	}
	if day.IsZero() {
		return
	}
	after := f.Date.Sub(day)
	e.Value[Soon] = fade(after, 150)
	if q.Version.IsDev() {
		e.Value[SoonDev] = fade(after, 20)
		// Nobody needs a backport of what no release has: the bug was born in
		// the same cycle.
		if f.Backport.Kind == fixes.None && after < 200*24*time.Hour {
			e.Value[Fresh] = 0.6
		}
	}
	// What came after the release cannot have come with it; the fix went to the
	// branch for another reason.
	if born := born(f, x, list); !born.IsZero() && !born.After(day) {
		e.Value[Fresh] = max(e.Value[Fresh], fade(day.Sub(born), 120))
	}
}

func fade(d time.Duration, days float64) float64 {
	return math.Exp(-math.Abs(d.Hours()) / 24 / days)
}

// born is when the last of the commits came that brought the bug, or showed it.
func born(f *fixes.Fix, x *fixes.Index, list []fixes.Fix) time.Time {
	last := -1
	for _, commits := range [...][]string{f.Introduced, f.Exposed} {
		for _, c := range commits {
			if p, err := x.Order(c); err == nil {
				last = max(last, p)
			}
		}
	}
	if last < 0 {
		return time.Time{}
	}
	return dayAt(last, list)
}

// buildDay is about the day of the version: of its commit, else of its release.
func buildDay(q *Query, x *fixes.Index, list []fixes.Fix) time.Time {
	if q.Version.Raw == "" {
		return time.Time{}
	}
	if q.Version.IsDev() {
		if p, err := x.Build(q.Version); err == nil {
			return dayAt(p, list)
		}
	}
	if day, ok := x.Release(q.Version); ok || q.Version.Patch <= 0 {
		return day
	}
	return likelyDay(q.Version, x)
}

// likelyDay is when a release came of whose branch there is no table: as long
// after X.Y.0 as in the branches that have one, on average. With 21 to 38 days
// between releases this is right to some months, which is enough for Soon.
func likelyDay(v haproxy.Version, x *fixes.Index) time.Time {
	zero := func(v haproxy.Version) (time.Time, bool) {
		v.Patch = 0
		return x.Release(v)
	}
	first, ok := zero(v)
	if !ok {
		return time.Time{}
	}
	var sum time.Duration
	n := 0
	for _, branch := range x.Branches() {
		other, err := haproxy.ParseVersion(branch)
		if err != nil {
			continue
		}
		begin, ok := zero(other)
		other.Patch = v.Patch
		if day, known := x.Release(other); ok && known {
			sum += day.Sub(begin)
			n++
		}
	}
	if n == 0 {
		return time.Time{}
	}
	return first.Add(sum / time.Duration(n))
}

// dayAt is about when master had a commit: the day of the next fix.
func dayAt(position int, list []fixes.Fix) time.Time {
	if len(list) == 0 {
		return time.Time{}
	}
	i := sort.Search(len(list), func(i int) bool { return list[i].Position >= position })
	return list[min(i, len(list)-1)].Date
}

type relation uint8

const (
	noRelation relation = iota
	anyCrash
	sameKind
)

// relate compares the kind of a crash with the words of a fix.
func relate(kind crash.Kind, words []string) relation {
	best := noRelation
	for _, w := range words {
		r := noRelation
		switch w {
		case "crash":
			r = anyCrash
		case "segfault", "use_after_free", "double_free", "null", "out_of_bounds", "corruption":
			switch kind {
			case crash.Segfault, crash.Abort, crash.BusError, crash.HeapCorruption, crash.PoolCorruption, crash.IllegalInstruction, crash.FPE:
				r = sameKind
			}
		case "loop", "watchdog", "deadlock":
			switch kind {
			case crash.Spinning, crash.Watchdog, crash.BlockedTraffic, crash.Panic:
				r = sameKind
			}
		case "freeze":
			switch kind {
			case crash.Spinning, crash.Watchdog, crash.BlockedTraffic:
				r = anyCrash
			}
		case "bug_on":
			switch kind {
			case crash.BugOn, crash.WarnOn, crash.IllegalInstruction:
				r = sameKind
			}
		}
		best = max(best, r)
	}
	return best
}

// inProgram is false for fixes of documents, tests and separate tools.
func inProgram(f *fixes.Fix) bool {
	return slices.ContainsFunc(f.Files, func(name string) bool {
		for _, dir := range [...]string{"src/", "include/", "addons/", "ebtree/", "contrib/"} {
			if strings.HasPrefix(name, dir) {
				return true
			}
		}
		return false
	})
}

func stems(f *fixes.Fix) []string { return unique(f.Files, stem) }

func subsystems(f *fixes.Fix) []string { return unique(f.Subsystems, subsystem) }

func unique(names []string, of func(string) string) []string {
	var out []string
	for _, n := range names {
		if s := of(n); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// prefix is what functions of one file have in common by habit: "h2c_", "qc_".
func prefix(function string) string {
	function = strings.TrimLeft(function, "_")
	return function[:strings.IndexByte(function, '_')+1]
}
