package lines

import (
	"slices"
	"sort"

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
	return t.candidates(e, t.until(e.Day))
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
		may[i] = f.wrong[i] <= f.used/strays
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
}

func (t *lineTable) fit(e Evidence) *fit {
	n := len(t.releases)
	f := &fit{wrong: make([]int, n), other: make([]int, n)}
	for _, frame := range e.Frames {
		f.add(t.locate(frame))
	}
	f.add(t.assertion(e.Assertion))
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
	var out []place
	name := nameHash(f.Function)
	var callee []byte
	if f.Callee != "" {
		callee = t.callers(f.Callee)
	}
	for _, e := range t.filesOf(f.File) {
		file := t.file(e)
		if file == nil || !file.has(name) {
			continue
		}
		found := file.each(t.releases, func(functions []function) place { return file.locate(functions, name, f.Line, callee) })
		if out == nil {
			out = found
			continue
		}
		for i := range out {
			out[i] = max(out[i], found[i])
		}
	}
	return out
}

func (f *file) has(name uint32) bool {
	for i, functions := range f.versions {
		if f.changed[i] && slices.ContainsFunc(functions, func(fn function) bool { return fn.name == name }) {
			return true
		}
	}
	return false
}

// each asks every release once that differs from its parent.
func (f *file) each(releases []release, ask func([]function) place) []place {
	out := make([]place, len(releases))
	for i := range releases {
		switch p := releases[i].parent; {
		case f.changed[i]:
			out[i] = ask(f.versions[i])
		case p >= 0:
			out[i] = out[p]
		}
	}
	return out
}

// locate finds a line in the functions of a name, of which a file may have several (in
// branches of an #if).
func (f *file) locate(functions []function, name uint32, line int, callee []byte) place {
	best, end := wrong, 0
	for i := range functions {
		fn := &functions[i]
		start := end + int(fn.gap) + 1
		end = start - 1 + int(fn.length)
		if fn.name == name && line >= start && line <= end {
			best = max(best, at(f.body(fn), line-start, callee))
		}
	}
	return best
}

// at says what stands on a line of a body, counted from 0.
func at(body []byte, n int, callee []byte) place {
	l := lineOf(body, n)
	switch {
	case len(l) == 0 || l[0] == noCode:
		return wrong
	case n == 0 || len(callee) == 0:
		return right // the first has the function's own name
	}
	for _, b := range l {
		if b >= lastCall && b < lastAssert && slices.Contains(callee, b&callBits) {
			return right
		}
	}
	return other
}

// assertion says in which releases an assertion begins on the line that has a word of
// what was printed; nil when the table knows nothing of the file.
func (t *lineTable) assertion(a Assertion) []place {
	if a.Line <= 0 {
		return nil
	}
	files := t.filesOf(a.File)
	if len(files) != 1 {
		return nil
	}
	file := t.file(files[0])
	if file == nil {
		return nil
	}
	words := wordsOf(a.Condition)
	return file.each(t.releases, func(functions []function) place {
		end := 0
		for i := range functions {
			fn := &functions[i]
			start := end + int(fn.gap) + 1
			end = start - 1 + int(fn.length)
			if a.Line >= start && a.Line <= end && asserts(lineOf(file.body(fn), a.Line-start), words) {
				return right
			}
		}
		return wrong
	})
}

func asserts(line, words []byte) bool {
	for _, b := range line {
		if b >= lastAssert && (b&wordBits == 0 || slices.Contains(words, b&wordBits)) {
			return true
		}
	}
	return false
}
