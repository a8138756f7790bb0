package suspects

import (
	"slices"
	"sync"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Ranker ranks the fixes of one history. It is safe for concurrent use.
type Ranker struct {
	x     *fixes.Index
	names *fixes.Dictionary
	// Source files by their stems, subsystems by one name each.
	stems, subsystems grouping
	// inProgram is false for fixes of documents, tests and separate tools.
	inProgram []bool
	// ranked is how many are in the program.
	ranked int
	memo   memo
	rooms  sync.Pool
}

// grouping joins the words of a dictionary that mean the same.
type grouping struct {
	words  *fixes.Dictionary
	groups []group
	byName map[string]int
	ofWord []int // the group of each word
	found  sync.Mutex
}

type group struct {
	name  string
	words []int
	fixes []int // in order; nil until they are asked for
}

// NewRanker prepares a history.
func NewRanker(x *fixes.Index) (*Ranker, error) {
	names, err := x.Words(fixes.Names)
	if err != nil {
		return nil, err
	}
	paths, err := x.Words(fixes.Paths)
	if err != nil {
		return nil, err
	}
	topics, err := x.Words(fixes.Topics)
	if err != nil {
		return nil, err
	}
	r := &Ranker{x: x, names: names, inProgram: make([]bool, x.Count())}
	r.stems.join(paths, stem)
	r.subsystems.join(topics, subsystem)
	for n := range paths.Len() {
		if _, ok := haproxy.SourceFile(paths.Word(n)); ok {
			paths.Each(n, func(fix int, _ fixes.Column) { r.inProgram[fix] = true })
		}
	}
	for _, in := range r.inProgram {
		if in {
			r.ranked++
		}
	}
	return r, nil
}

func (g *grouping) join(d *fixes.Dictionary, name func(string) string) {
	g.words, g.byName, g.ofWord = d, make(map[string]int, d.Len()), make([]int, d.Len())
	g.groups = make([]group, 0, d.Len())
	for n := range d.Len() {
		s := name(d.Word(n))
		i, ok := g.byName[s]
		if !ok {
			i = len(g.groups)
			g.byName[s] = i
			g.groups = append(g.groups, group{name: s})
		}
		g.ofWord[n] = i
		g.groups[i].words = append(g.groups[i].words, n)
	}
}

// fixes are those that have a word of a group, each once.
func (g *grouping) fixes(i int) []int {
	g.found.Lock()
	defer g.found.Unlock()
	x := &g.groups[i]
	if x.fixes != nil {
		return x.fixes
	}
	x.fixes = []int{}
	for _, w := range x.words {
		g.words.Each(w, func(fix int, _ fixes.Column) { x.fixes = append(x.fixes, fix) })
	}
	if len(x.words) > 1 {
		slices.Sort(x.fixes)
		x.fixes = slices.Compact(x.fixes)
	}
	return x.fixes
}

// of are the groups of words, each once.
func (g *grouping) of(words []int) []int {
	var out []int
	for _, w := range words {
		if w < len(g.ofWord) && !slices.Contains(out, g.ofWord[w]) {
			out = append(out, g.ofWord[w])
		}
	}
	return out
}

// A habit is where functions, or files, are repaired: how many votes the groups
// of files and of subsystems have.
type habit struct {
	files, subsystems map[int]float64
	votes             float64
}

func (r *Ranker) vote(h *habit, fix int) {
	if h.files == nil {
		h.files, h.subsystems = map[int]float64{}, map[int]float64{}
	}
	topics, paths := r.x.Topical(fix)
	files, subsystems := r.stems.of(paths), r.subsystems.of(topics)
	for _, s := range files {
		h.files[s] += 1 / float64(len(files))
	}
	for _, s := range subsystems {
		h.subsystems[s] += 1 / float64(len(subsystems))
	}
	h.votes++
}

// least is the share of repairs below which a file or subsystem is no lead.
const least = 0.05

// share is a part of the votes, less sure while they are few.
func (h *habit) share(votes float64) float64 {
	if p := votes / (h.votes + 1); p > least {
		return p
	}
	return 0
}
