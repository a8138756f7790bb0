package lines

import (
	"slices"
	"sort"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// place is how a line of the source lies in one release.
type place uint8

const (
	nowhere  place = iota // the file or the function is not there
	outside               // the line is in no function of the name
	blank                 // it is, and holds no code
	right                 // it holds code
	mismatch              // it holds code, and not the call that was made there
)

// Candidates gives the releases that the evidence fits.
func (e Evidence) Candidates() Candidates { return table().candidates(e) }

func (t *lineTable) candidates(e Evidence) Candidates {
	var c Candidates
	n := len(t.releases)
	wrong, idle, odd := make([]int, n), make([]int, n), make([]int, n)
	for _, f := range e.Frames {
		places := t.locate(f)
		if places == nil {
			c.Skipped++
			continue
		}
		c.Used++
		for i, p := range places {
			switch p {
			case nowhere, outside:
				wrong[i]++
			case blank:
				idle[i]++
			case mismatch:
				odd[i]++
			}
		}
	}
	if places := t.assertion(e.Assertion); places != nil {
		c.Used++
		for i, p := range places {
			if p != right {
				wrong[i]++
			}
		}
	}
	if c.Used == 0 {
		return c
	}
	in, may := make([]bool, n), make([]bool, n)
	for i := range in {
		in[i] = t.released(i, e.Day)
		may[i] = wrong[i] <= c.Used/strays
	}
	c.known = func(v haproxy.Version) (bool, bool) { return t.among(may, v) }
	c.Wrong = least(in, wrong)
	if c.Wrong > c.Used/strays {
		return c // no release fits: patched, or of two programs
	}
	least(in, idle)
	least(in, odd)
	for i := range in {
		if in[i] {
			c.Releases = append(c.Releases, t.releases[i].version)
		}
	}
	c.runs = t.describe(in)
	return c
}

// strays is of how many places one may lie wrong: compilers give one in 200 to 1,000
// calls a line that is outside of its function.
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

// released says whether a build of a release, or a snapshot on the way to it, may have
// been there on a day. Snapshots have the lines of the next release.
func (t *lineTable) released(i, day int) bool {
	p := t.releases[i].parent
	return day == 0 || p < 0 || t.releases[p].day <= day
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
		h := nameHash(f.Callee)
		callee = append([]byte(t.aliases[h]), byte(h)&callBits)
	}
	for _, p := range t.paths(f.File) {
		file := t.file(p)
		if file == nil || !file.has(name) {
			continue
		}
		found := file.each(t.releases, func(functions []function) place { return file.locate(functions, name, f.Line, callee) })
		if out == nil {
			out = found
			continue
		}
		for i := range out {
			out[i] = better(out[i], found[i])
		}
	}
	return out
}

// better is that of two places which fits better.
func better(a, b place) place {
	if a == right || b == right {
		return right
	}
	return max(a, b)
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
	best, end := nowhere, 0
	for i := range functions {
		fn := &functions[i]
		start := end + int(fn.gap) + 1
		end = start - 1 + int(fn.length)
		switch {
		case fn.name != name:
		case line < start || line > end:
			best = better(best, outside)
		default:
			best = better(best, at(f.body(fn), line-start, callee))
		}
	}
	return best
}

// at says what stands on a line of a body, counted from 0.
func at(body []byte, n int, callee []byte) place {
	l := lineOf(body, n)
	switch {
	case len(l) == 0 || l[0] == noCode:
		return blank
	case n == 0 || len(callee) == 0:
		return right // the first has the function's own name
	}
	for _, b := range l {
		if b >= lastCall && b < lastAssert && slices.Contains(callee, b&callBits) {
			return right
		}
	}
	return mismatch
}

// assertion says in which releases an assertion begins on the line that has a word of
// what was printed; nil when the table knows nothing of the file.
func (t *lineTable) assertion(a Assertion) []place {
	if a.Line <= 0 {
		return nil
	}
	paths := t.paths(a.File)
	if len(paths) != 1 {
		return nil
	}
	file := t.file(paths[0])
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
		return outside
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
