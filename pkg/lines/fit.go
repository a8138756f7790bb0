package lines

import (
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// place is how a line of the source lies in one release.
type place uint8

const (
	wrong place = iota // it is in no function of the name, or holds no code
	other              // it holds code, and not the call that was made there
	right
)

// Candidates gives the releases that the evidence fits.
func (e Evidence) Candidates() Candidates {
	t := table()
	return t.memo.get(fmt.Sprint(e), func() Candidates { return t.candidates(e, t.until(e.Day)) })
}

// memo remembers what was found: a fleet crashes thousands of times in one place.
type memo struct {
	sync.Mutex
	found map[string]Candidates
}

// maxMemo bounds it.
const maxMemo = 256

func (m *memo) get(key string, find func() Candidates) Candidates {
	m.Lock()
	defer m.Unlock()
	if c, ok := m.found[key]; ok {
		return c
	}
	if m.found == nil || len(m.found) >= maxMemo {
		m.found = map[string]Candidates{}
	}
	c := find()
	m.found[key] = c
	return c
}

// candidates gives those of a set of releases that the evidence fits.
func (t *lineTable) candidates(e Evidence, in []bool) Candidates {
	f := t.fit(e)
	c := Candidates{Used: f.used, Skipped: len(e.Frames) - f.used}
	if f.used == 0 {
		return c
	}
	may := make([]bool, len(in))
	for i := range may {
		may[i] = f.wrong[i] <= max(f.used/strays, 1) && (f.asserted == nil || f.asserted[i] == right)
	}
	c.known = func(v haproxy.Version) (bool, bool) { return t.among(may, v) }
	if c.Wrong = least(in, f.wrong); c.Wrong > f.used/strays {
		return c // no release fits: patched, or of two programs
	}
	if least(in, f.other) > 1+(f.used+3)/6 {
		return c
	}
	for i := range in {
		if in[i] {
			c.Releases = append(c.Releases, t.releases[i].version)
		}
	}
	c.runs = t.describe(in)
	return c
}

// fit is how many places of a crash lie wrong in each release, or make another call than they
// should, and how many were compared.
type fit struct {
	wrong, other []int
	used         int
	asserted     []place // of the assertion, nil when the table does not know it
}

func (t *lineTable) fit(e Evidence) *fit {
	n := len(t.releases)
	f := &fit{wrong: make([]int, n), other: make([]int, n)}
	for _, frame := range e.Frames {
		f.add(t.locate(frame))
	}
	f.asserted = t.assertion(e.Assertion)
	f.add(f.asserted)
	return f
}

func (f *fit) add(places []place) {
	if places == nil {
		return // the table knows nothing of it
	}
	f.used++
	// What no release calls by its name was called through a pointer.
	named := slices.Contains(places, right)
	for i, p := range places {
		switch {
		case p == wrong:
			f.wrong[i]++
		case p == other && named:
			f.other[i]++
		}
	}
}

// strays is of how many places one may lie wrong: compilers give one in 200 to 1,000 a line
// that is outside of its function. Calls are less certain (one in 120 is hidden by a macro,
// and the lines of a snapshot are those of no tag), so of these some more may be others.
const strays = 8

// least keeps in the set what has the least of something, and gives how much that is.
func least(in []bool, of []int) int {
	low := -1
	for i := range in {
		if in[i] && (low < 0 || of[i] < low) {
			low = of[i]
		}
	}
	for i := range in {
		in[i] = in[i] && of[i] == low
	}
	return max(low, 0)
}

// until gives the releases of which a build, or a snapshot on the way to one, may have been
// there on a day. Snapshots have the lines of the next release.
func (t *lineTable) until(day int) []bool {
	in := make([]bool, len(t.releases))
	for i, r := range t.releases {
		in[i] = day == 0 || r.parent < 0 || t.releases[r.parent].day <= day
	}
	return in
}

// among says whether a version may be in a set of releases: itself, or for a build
// between two tags one of them.
func (t *lineTable) among(in []bool, v haproxy.Version) (fits, known bool) {
	if v.BranchOnly() {
		for i := range in {
			if t.releases[i].version.CompareBranch(v) == 0 && !t.releases[i].version.IsDev() {
				fits, known = fits || in[i], true
			}
		}
		return fits, known
	}
	v.CommitCount = 0
	i := sort.Search(len(t.releases), func(i int) bool { return t.releases[i].version.Compare(v) >= 0 })
	if i == len(t.releases) || t.releases[i].version.Compare(v) != 0 {
		return false, false
	}
	if in[i] {
		return true, true
	}
	// A snapshot follows its tag.
	return v.Commit != "" && slices.ContainsFunc(t.children(i), func(k int) bool { return in[k] }), true
}

// children are the releases that came from one.
func (t *lineTable) children(parent int) []int {
	var out []int
	for i := parent + 1; i < len(t.releases); i++ {
		if t.releases[i].parent == parent {
			out = append(out, i)
		}
	}
	return out
}

// locate says how a frame lies in each release; nil when the table knows nothing of it.
func (t *lineTable) locate(f Frame) []place {
	var callers []byte
	if f.Callee != "" {
		callers = t.callers(f.Callee)
	}
	var out []place
	for _, e := range t.filesOf(f.File) {
		file := t.file(e)
		if file == nil {
			continue
		}
		spans := file.spans(nameHash(f.Function))
		if len(spans) == 0 {
			continue
		}
		found := make([]place, len(t.releases))
		for _, s := range spans {
			if int(s.first) <= f.Line && f.Line <= int(s.last) {
				found[s.release] = max(found[s.release], s.at(f.Line, callers))
			}
		}
		t.inherit(found, file)
		if out == nil {
			out = found
		}
		for i := range out {
			out[i] = max(out[i], found[i])
		}
	}
	return out
}

// inherit gives the releases in which a file has not changed what their parents have.
func (t *lineTable) inherit(places []place, f *file) {
	for i, r := range t.releases {
		if !f.changed[i] && r.parent >= 0 {
			places[i] = places[r.parent]
		}
	}
}

// at says what stands on a line.
func (s *span) at(line int, callers []byte) place {
	n := line - int(s.first)
	l := lineOf(s.body, n)
	switch {
	case len(l) == 0 || l[0] == noCode:
		return wrong
	case n == 0 || len(callers) == 0:
		return right // the first has the function's own name
	}
	for _, b := range l {
		if b >= lastCall && b < lastAssert && slices.Contains(callers, b&callBits) {
			return right
		}
	}
	return other
}

// assertion says in which releases an assertion begins on the line that has a word of
// what was printed; nil when it does in none.
func (t *lineTable) assertion(a Assertion) []place {
	files := t.filesOf(a.File)
	if a.Line <= 0 || len(files) != 1 {
		return nil
	}
	file := t.file(files[0])
	if file == nil {
		return nil
	}
	words := wordsOf(a.Condition)
	out := make([]place, len(t.releases))
	file.each(func(release int, fn *function, first, last int32) {
		if int(first) <= a.Line && a.Line <= int(last) && asserts(lineOf(file.bodies[fn.start:fn.end], a.Line-int(first)), words) {
			out[release] = right
		}
	})
	if !slices.Contains(out, right) {
		return nil
	}
	t.inherit(out, file)
	return out
}

func asserts(line, words []byte) bool {
	for _, b := range line {
		if b >= lastAssert && (b&wordBits == 0 || slices.Contains(words, b&wordBits)) {
			return true
		}
	}
	return false
}
