package suspects

import (
	"slices"
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/fixes"
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
	groups []group
	byName map[string]int
	ofWord []int // the group of each word
}

type group struct {
	name  string
	fixes []int // in order
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
	r := &Ranker{x: x, names: names, stems: groupsOf(paths, stem), subsystems: groupsOf(topics, subsystem), inProgram: make([]bool, x.Count())}
	for n := range paths.Len() {
		if ofProgram(paths.Word(n)) {
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

func ofProgram(path string) bool {
	for _, dir := range [...]string{"src/", "include/", "addons/", "ebtree/", "contrib/"} {
		if strings.HasPrefix(path, dir) {
			return true
		}
	}
	return false
}

func groupsOf(d *fixes.Dictionary, name func(string) string) grouping {
	g := grouping{byName: make(map[string]int, d.Len()), ofWord: make([]int, d.Len())}
	joined := map[int]bool{} // groups of several words
	for n := range d.Len() {
		s := name(d.Word(n))
		i, ok := g.byName[s]
		if !ok {
			i = len(g.groups)
			g.byName[s] = i
			g.groups = append(g.groups, group{name: s})
		} else {
			joined[i] = true
		}
		g.ofWord[n] = i
		d.Each(n, func(fix int, _ fixes.Column) { g.groups[i].fixes = append(g.groups[i].fixes, fix) })
	}
	for i := range joined {
		slices.Sort(g.groups[i].fixes)
		g.groups[i].fixes = slices.Compact(g.groups[i].fixes)
	}
	return g
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
