package suspects

import (
	"math"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// nearness is how much less a function counts for each known one that stands
// nearer to the crash: 1, 2/3, 1/2, 2/5 …
const nearness = 0.5

// foreign is how much of a place a function takes that no fix ever named: one of
// a library, or a helper that the compiler made.
const foreign = 0.2

// alias is how much a function counts that has the name in later versions only
// by a rule.
const alias = 0.7

// inFunctions are the columns of functions.
const inFunctions = fixes.InChanged | fixes.InCalled | fixes.InNamed

// a term is a function that is looked for.
type term struct {
	name   string
	depth  int // of the frame
	helper bool
	number int // in the dictionary, -1 when no fix has it
	alias  bool
	weight float64
	fixes  int
	habit  habit
}

// search is a query with what the history says of its names.
type search struct {
	r          *Ranker
	terms      []term
	conditions []int // numbers of words
	others     []int // of functions
	// files are groups of stems and what they count, near those in which the terms
	// are repaired, labels and related groups of subsystems.
	files, near, related map[int]float64
	labels               map[int]bool
}

func (r *Ranker) search(q *Query) *search {
	s := &search{r: r, files: map[int]float64{}, near: map[int]float64{}, related: map[int]float64{}, labels: map[int]bool{}}
	for _, c := range q.Conditions {
		if n, ok := r.names.Find(c); ok {
			s.conditions = append(s.conditions, n)
		}
	}
	for _, o := range q.Others {
		if n, ok := s.r.names.Find(o); ok && !stopped(o, q.Kind) {
			s.others = append(s.others, n)
		}
	}
	for _, l := range q.Labels {
		if g, ok := r.subsystems.byName[subsystem(l)]; ok {
			s.labels[g] = true
		}
	}
	frames := q.useful()
	s.filesOf(q.Files, frames)
	s.lookFor(frames)
	s.weigh()
	s.lead()
	return s
}

// maxFiles bounds the frames whose source files count.
const maxFiles = 3

// filesOf takes the files that the crash names, then those of its frames.
func (s *search) filesOf(files []string, frames []Frame) {
	for i := range frames {
		if f := &frames[i]; f.File != "" && !helper(f) && len(files) < maxFiles {
			files = append(files, f.File)
		}
	}
	for i, f := range files {
		w, name := 1/(1+nearness*float64(i)), stem(f)
		s.file(name, w)
		for _, l := range became(name) {
			s.file(l, alias*w)
		}
	}
}

func (s *search) file(stem string, weight float64) {
	if g, ok := s.r.stems.byName[stem]; ok {
		s.files[g] = max(s.files[g], weight)
	}
}

// lookFor makes the terms, and learns how rare they are and where they are
// repaired.
func (s *search) lookFor(frames []Frame) {
	seen := map[string]bool{}
	add := func(name string, f *Frame, alias bool) {
		t := term{name: name, number: -1, alias: alias, depth: f.Depth, helper: helper(f)}
		seen[name] = true
		if n, ok := s.r.names.Find(name); ok {
			t.number = n
			s.r.names.Each(n, func(fix int, in fixes.Column) {
				if in&inFunctions != 0 {
					t.fixes++
					s.r.vote(&t.habit, fix)
				}
			})
		}
		if t.fixes < 2 {
			t.habit = s.relatives(name)
		}
		s.terms = append(s.terms, t)
	}
	for i := range frames {
		f := &frames[i]
		add(f.Function, f, false)
		for _, l := range later(f.Function) {
			if !seen[l] {
				add(l, f, true)
			}
		}
	}
}

// relatives is where functions are repaired that begin alike.
func (s *search) relatives(function string) habit {
	var h habit
	p := prefix(function)
	if p == "" {
		return h
	}
	// The words are in order; some functions have a name that is another's behind
	// underscores.
	for _, p := range [...]string{p, "_" + p, "__" + p} {
		first, _ := s.r.names.Find(p)
		for n := first; strings.HasPrefix(s.r.names.Word(n), p); n++ {
			s.r.names.Each(n, func(fix int, in fixes.Column) {
				if in&fixes.InChanged != 0 {
					s.r.vote(&h, fix)
				}
			})
		}
	}
	return h
}

// weigh says how much each term counts, by its place on the stack.
func (s *search) weigh() {
	place, named := 0.0, 0.0 // named is the weight of the function whose aliases follow
	for i := range s.terms {
		t := &s.terms[i]
		if t.alias {
			t.weight = alias * named
			continue
		}
		if i == 0 {
			place = cut * float64(t.depth)
		}
		t.weight = 1 / (1 + nearness*place)
		switch {
		case t.helper:
			t.weight *= helping
			place += foreign
		case t.habit.votes > 0:
			t.weight *= seldom(t.name)
			place++
		default:
			place += foreign
		}
		named = t.weight
	}
}

// cut is how much of a place a frame takes that the input lacks.
const cut = 0.3

// helping is how much a helper counts.
const helping = 0.3

// lead finds the files and subsystems that the habits lead to.
func (s *search) lead() {
	for g, weight := range s.files {
		var h habit
		for _, fix := range s.r.stems.fixes(g) {
			s.r.vote(&h, fix)
		}
		for sub, votes := range h.subsystems {
			s.related[sub] = max(s.related[sub], weight*h.share(votes))
		}
	}
	for i := range s.terms {
		t := &s.terms[i]
		for g, votes := range t.habit.files {
			s.near[g] += t.weight * t.habit.share(votes)
		}
		for g, votes := range t.habit.subsystems {
			s.related[g] = max(s.related[g], t.weight*t.habit.share(votes))
		}
	}
}

// rarity is the inverse document frequency, about 1 for one in a thousand.
func (s *search) rarity(n int) float64 {
	return math.Log((float64(s.r.x.Count())+1)/(float64(n)+0.5)) / math.Log(1000)
}

// each calls yield for everything that a fix and the crash share, with what it
// counts. A part of a fix may come several times: the sum counts.
func (s *search) each(yield func(fix int, p Part, value float64, name string)) {
	for i := range s.terms {
		t := &s.terms[i]
		value := t.weight * s.rarity(t.fixes)
		s.r.names.Each(t.number, func(fix int, in fixes.Column) {
			for _, c := range [...]struct {
				in   fixes.Column
				part Part
			}{{fixes.InChanged, Changed}, {fixes.InCalled, Called}, {fixes.InNamed, Named}} {
				if in&c.in != 0 {
					yield(fix, c.part, value, t.name)
				}
			}
		})
	}
	words := func(list []int, p Part, column fixes.Column) {
		for _, n := range list {
			count := 0
			s.r.names.Each(n, func(_ int, in fixes.Column) { count += int(in & column / column) })
			value := s.rarity(count)
			s.r.names.Each(n, func(fix int, in fixes.Column) {
				if in&column != 0 {
					yield(fix, p, value, s.r.names.Word(n))
				}
			})
		}
	}
	words(s.conditions, Condition, fixes.InConditions)
	words(s.others, Other, fixes.InChanged)
	spread := func(p Part, of *grouping, g int, weight float64) {
		list := of.fixes(g)
		value := weight * s.rarity(len(list))
		for _, fix := range list {
			yield(fix, p, value, of.groups[g].name)
		}
	}
	for g, weight := range s.files {
		spread(File, &s.r.stems, g, weight)
	}
	for g, weight := range s.near {
		if weight > 0 {
			spread(Near, &s.r.stems, g, weight)
		}
	}
	for g := range s.labels {
		spread(Label, &s.r.subsystems, g, 1)
	}
	for g, weight := range s.related {
		if weight > 0 {
			spread(Related, &s.r.subsystems, g, weight)
		}
	}
}

// prefix is what functions of one file have in common by habit: "h2c_", "qc_".
func prefix(function string) string {
	function = strings.TrimLeft(function, "_")
	return function[:strings.IndexByte(function, '_')+1]
}
