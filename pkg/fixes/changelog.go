package fixes

import (
	"bufio"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// MarkOf is a number for the subject of a commit: the same for the subject on
// master and for the line of a CHANGELOG, which differ in blanks and at times in
// case or in the last dot. 32 bits are enough: of some 5,000 subjects no two that
// differ have the same, and a line that is none of them hits one in a million.
func MarkOf(subject string) uint32 {
	s := strings.ToLower(strings.Join(strings.Fields(subject), " "))
	h := fnv.New32a()
	io.WriteString(h, strings.TrimRight(s, "."))
	return h.Sum32()
}

// maxChangelog is how many bytes of a CHANGELOG are read; HAProxy's have 2 MB.
const maxChangelog = 64 << 20

// Searched is what a CHANGELOG gave.
type Searched struct {
	Table Table
	// Lines are those that should be found: they speak of a bug. Found are those
	// that belong to one fix, Several those that might belong to more than one.
	Lines, Found, Several int
}

// Search reads the CHANGELOG of a maintained branch, as HAProxy's archives and
// packages have it, and finds the fixes in it. The releases of other branches and
// X.Y.0 itself are passed over: master's tags say what is in them.
func Search(r io.Reader, branch string, tags []Tag, fixes []Fix) (*Searched, error) {
	var first *Tag
	for i := range tags {
		if v := tags[i].Version; v.Branch() == branch && v.Patch == 0 {
			first = &tags[i]
		}
	}
	if first == nil {
		return nil, fmt.Errorf("branch %q: master has no release %s.0", branch, branch)
	}
	s := search{branch: branch, fixes: fixes, marks: map[uint32][]int{}, Searched: Searched{Table: Table{Branch: branch}}}
	for i := range fixes {
		if fixes[i].Position > first.Position {
			s.marks[fixes[i].Mark] = append(s.marks[fixes[i].Mark], i)
		}
	}
	lines := bufio.NewScanner(io.LimitReader(r, maxChangelog))
	lines.Buffer(nil, 64<<10)
	for lines.Scan() {
		line := lines.Text()
		if v, day, ok := heading(line); ok {
			s.flush()
			s.heading(v, day)
		} else if subject, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok && s.release != nil && bugLine(subject) {
			s.section = append(s.section, subject)
		}
	}
	if lines.Err() == bufio.ErrTooLong {
		return nil, errors.New("a line of it is longer than 64 KB; want HAProxy's CHANGELOG")
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(s.Table.Releases) == 0 {
		return nil, fmt.Errorf("no release of %s after %s.0 is whole in it; want HAProxy's CHANGELOG of that branch", branch, branch)
	}
	s.Table.Landings = s.landed.Landings(Changelog)
	s.Table.sort()
	return &s.Searched, nil
}

// search is a CHANGELOG under search.
type search struct {
	Searched
	branch  string
	fixes   []Fix
	marks   map[uint32][]int // in fixes, by the mark of their subjects
	landed  Collector
	release *Release // whose lines are read; nil for one of another branch
	section []string // its lines that speak of a bug
}

// flush takes the lines of a release when the next heading says that they are all:
// the last ones of a file that was cut off may not be.
func (s *search) flush() {
	if s.release == nil {
		return
	}
	s.Table.Releases = append(s.Table.Releases, *s.release)
	for _, subject := range s.section {
		s.subject(subject)
	}
	s.section = s.section[:0]
}

func (s *search) heading(v haproxy.Version, day time.Time) {
	s.release = nil
	if v.Branch() == s.branch && !v.IsDev() && v.Patch > 0 && v.Patch <= maxPatch && DayNumber(day) > 0 && DayNumber(day) < maxDay {
		s.release = &Release{v.Patch, day}
	}
}

// subject takes a line that speaks of a bug.
func (s *search) subject(subject string) {
	s.Lines++
	switch in := s.inTime(subject); len(in) {
	case 0:
		s.Table.Pending = append(s.Table.Pending, Pending{s.release.Patch, MarkOf(subject)})
		// A revert that master has not: the branch took the fix back for itself.
		if inner, ok := strings.CutPrefix(subject, "Revert "); ok {
			for _, i := range s.inTime(strings.Trim(inner, `"`)) {
				s.landed.TakenBack(s.fixes[i].Position, s.release.Patch)
			}
		}
	case 1:
		s.Found++
		s.landed.Has(s.fixes[in[0]].Position, s.release.Patch)
	default:
		s.Several++
	}
}

// inTime are the fixes with a subject that the release can have.
func (s *search) inTime(subject string) []int {
	return inTime(s.marks[MarkOf(subject)], s.fixes, s.release.Day)
}

// inTime keeps the fixes that a release can have: none is younger than it.
func inTime(list []int, fixes []Fix, day time.Time) []int {
	return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return fixes[i].Date.After(day) })
}

// heading reads "2023/03/28 : 2.6.12".
func heading(line string) (haproxy.Version, time.Time, bool) {
	date, version, ok := strings.Cut(line, " : ")
	if !ok {
		return haproxy.Version{}, time.Time{}, false
	}
	day, err := time.Parse("2006/01/02", date)
	if err != nil {
		return haproxy.Version{}, time.Time{}, false
	}
	v, err := haproxy.ParseVersion(version)
	return v, day, err == nil
}

// bugLine says whether a subject is one of those that the index keeps.
func bugLine(subject string) bool {
	return strings.HasPrefix(subject, "BUG") || strings.HasPrefix(subject, "Revert") && strings.Contains(subject, "BUG")
}

// WithChangelog gives an index that also knows what the CHANGELOG of a branch
// tells, such as the one that came with the user's own package.
func (x *Index) WithChangelog(r io.Reader, branch string) (*Index, *Searched, error) {
	fixes, err := x.fixes()
	if err != nil {
		return nil, nil, err
	}
	s, err := Search(r, branch, x.tags, fixes)
	if err != nil {
		return nil, nil, err
	}
	y := *x
	y.tables = WithTable(x.tables, s.Table)
	return &y, s, nil
}
