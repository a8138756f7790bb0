package fixes

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// shipped is the index that is part of the program: what hacrash bugs import
// makes of HAProxy's master and of the changelogs and branches that are public.
//
//go:embed data/fixes.bin
var shipped []byte

// Index is what is known of HAProxy's history. It is safe for concurrent use.
// What takes time to decode is decoded when it is first asked for.
type Index struct {
	sections map[string]stored
	head     string
	day      time.Time
	order    []byte // four bytes of hash per commit of master
	tags     []Tag
	byName   map[string]int
	tables   []Table
	fixes    func() ([]Fix, error)
}

// Load opens the index that is part of the program.
func Load() (*Index, error) { return Open(shipped) }

// Open opens an index that hacrash bugs import wrote. It keeps the data, which
// must not change. The error says that it is none, or damaged; damage in the fixes
// themselves comes out when they are asked for.
func Open(data []byte) (*Index, error) {
	sections, err := sectionsOf(data)
	if err != nil {
		return nil, err
	}
	x := &Index{sections: sections}
	for _, part := range []struct {
		name string
		read func([]byte) error
	}{
		{sectionOrder, func(b []byte) error { x.order = b; return nil }},
		{sectionMaster, x.readMaster},
		{sectionTables, x.readTables},
	} {
		s, ok := sections[part.name]
		if !ok {
			return nil, errDamaged
		}
		b, err := s.unpack()
		if err != nil {
			return nil, err
		}
		if part.name == sectionOrder && (len(b) == 0 || len(b)%4 != 0) {
			return nil, errDamaged
		}
		if err := part.read(b); err != nil {
			return nil, err
		}
	}
	x.fixes = sync.OnceValues(x.decodeFixes)
	return x, nil
}

// Head is the newest commit of master that the index knows, 40 digits, and its
// day.
func (x *Index) Head() (commit string, day time.Time) { return x.head, x.day }

// Len is how many commits of master, from 2.0-dev0 on, the index knows.
func (x *Index) Len() int { return len(x.order) / 4 }

// Fixes are all fixes, by position. The caller must not change them.
func (x *Index) Fixes() ([]Fix, error) { return x.fixes() }

// NotFoundError says that no commit begins with the digits.
type NotFoundError struct{ Prefix string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("commit %s: no commit of HAProxy's master since 2.0-dev0 that this index knows", e.Prefix)
}

// AmbiguousError says that several commits begin with the digits.
type AmbiguousError struct {
	Prefix string
	// Positions are those of the commits, oldest first.
	Positions []int
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("commit %s: %d commits of HAProxy's master begin with it; give more digits", e.Prefix, len(e.Positions))
}

const minDigits = 6

// Order is the position on master of the commit that begins with the digits of
// prefix: 6 at least, and those past the eighth are not compared. Positions count
// from 2.0-dev0, which is 0. The error is a *NotFoundError, an *AmbiguousError, or
// says that prefix is no commit.
func (x *Index) Order(prefix string) (int, error) {
	prefix = strings.ToLower(prefix)
	if !isPrefix(prefix) {
		return 0, fmt.Errorf("%q: want %d to 40 digits of a commit", prefix, minDigits)
	}
	var found []int
	digits := prefix[:min(len(prefix), 8)]
	want, err := strconv.ParseUint(digits+strings.Repeat("0", 8-len(digits)), 16, 32)
	if err != nil {
		return 0, err
	}
	mask := uint32(0xffffffff) << (4 * (8 - len(digits)))
	for p := 0; p < len(x.order); p += 4 {
		have := uint32(x.order[p])<<24 | uint32(x.order[p+1])<<16 | uint32(x.order[p+2])<<8 | uint32(x.order[p+3])
		if have&mask == uint32(want) {
			found = append(found, p/4)
		}
	}
	switch len(found) {
	case 0:
		return 0, &NotFoundError{prefix}
	case 1:
		return found[0], nil
	}
	return 0, &AmbiguousError{prefix, found}
}

func isPrefix(s string) bool {
	if len(s) < minDigits || len(s) > 40 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// prefixAt is the first eight digits of the commit at a position.
func (x *Index) prefixAt(position int) string {
	return hex.EncodeToString(x.order[4*position : 4*position+4])
}

// Fix finds a fix by the first digits of its commit, 6 at least; all of them
// are compared. The errors are those of Order, or say that the data is damaged.
func (x *Index) Fix(prefix string) (*Fix, error) {
	prefix = strings.ToLower(prefix)
	if !isPrefix(prefix) {
		return nil, fmt.Errorf("%q: want %d to 40 digits of a commit", prefix, minDigits)
	}
	fixes, err := x.fixes()
	if err != nil {
		return nil, err
	}
	var found []int
	for i := range fixes {
		if strings.HasPrefix(fixes[i].Commit, prefix) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 0:
		return nil, &NotFoundError{prefix}
	case 1:
		return &fixes[found[0]], nil
	}
	for i := range found {
		found[i] = fixes[found[i]].Position
	}
	return nil, &AmbiguousError{prefix, found}
}

// At is the fix at a position of master, nil when that commit is none.
func (x *Index) At(position int) (*Fix, error) {
	fixes, err := x.fixes()
	if err != nil {
		return nil, err
	}
	i := sort.Search(len(fixes), func(i int) bool { return fixes[i].Position >= position })
	if i == len(fixes) || fixes[i].Position != position {
		return nil, nil
	}
	return &fixes[i], nil
}

// Build is the position on master of the build of a development version: that of
// its commit, else of its tag and the count of commits after it. The error says
// why it cannot be told. A commit that is ambiguous is decided by its tag, since it
// comes after it and before the next.
func (x *Index) Build(v haproxy.Version) (int, error) {
	tag, tagged := x.Tag(v)
	if v.Commit == "" {
		switch {
		case !v.IsDev() && v.Patch != 0:
			return 0, fmt.Errorf("%s is no version of master", v)
		case !tagged:
			return 0, fmt.Errorf("%s: no tag of HAProxy's master that this index knows", v)
		case tag.Position+v.CommitCount >= x.Len():
			return 0, fmt.Errorf("%s: it is newer than the index, which ends at %s", v.Raw, x.head[:citedDigits])
		}
		return tag.Position + v.CommitCount, nil
	}
	position, err := x.Order(v.Commit)
	if several, ok := err.(*AmbiguousError); ok && tagged {
		next := x.Len()
		if i := x.byName[tag.Version.String()] + 1; i < len(x.tags) {
			next = x.tags[i].Position
		}
		n := 0
		for _, p := range several.Positions {
			if p >= tag.Position && p <= next {
				position, n = p, n+1
			}
		}
		if n == 1 {
			return position, nil
		}
	}
	return position, err
}

// Tags are the tags of master since 2.0-dev0, oldest first.
func (x *Index) Tags() []Tag { return x.tags }

// Tag finds the tag of a version of master, whatever commit and suffix follow it.
func (x *Index) Tag(v haproxy.Version) (Tag, bool) {
	i, ok := x.byName[v.String()]
	if !ok {
		return Tag{}, false
	}
	return x.tags[i], true
}

// Release is the day of a release, of master or of a maintained branch.
func (x *Index) Release(v haproxy.Version) (time.Time, bool) {
	if t, ok := x.Tag(v); ok {
		return t.Date, true
	}
	if t := x.table(v.Branch()); t != nil && !v.IsDev() {
		for _, r := range t.Releases {
			if r.Patch == v.Patch {
				return r.Day, true
			}
		}
	}
	return time.Time{}, false
}

func (x *Index) table(branch string) *Table {
	for i := range x.tables {
		if x.tables[i].Branch == branch {
			return &x.tables[i]
		}
	}
	return nil
}

// Branches are the branches with a table, such as "2.6", lowest first.
func (x *Index) Branches() []string {
	var names []string
	for _, t := range x.tables {
		names = append(names, t.Branch)
	}
	return names
}

// Table lists the fixes of master that the releases of a branch have, by
// position. Those that X.Y.0 has are not in it: master's tags tell them.
func (x *Index) Table(branch string) []Landing {
	if t := x.table(branch); t != nil {
		return t.Landings
	}
	return nil
}

// Landed finds the fix at a position in the table of a branch.
func (x *Index) Landed(branch string, position int) (Landing, bool) {
	list := x.Table(branch)
	i := sort.Search(len(list), func(i int) bool { return list[i].Position >= position })
	if i == len(list) || list[i].Position != position {
		return Landing{}, false
	}
	return list[i], true
}

// Complete is the last release of a branch that was searched for fixes: up to it,
// a fix that Table lacks is very likely not in the branch (98 % of the lines of a
// changelog are found). False for a branch without a table.
func (x *Index) Complete(branch string) (haproxy.Version, bool) {
	t := x.table(branch)
	if t == nil {
		return haproxy.Version{}, false
	}
	v, err := haproxy.ParseVersion(branch + "." + strconv.Itoa(t.Complete))
	return v, err == nil
}

// Content gives the index in the form in which it is made, to add to it.
func (x *Index) Content() (*Content, error) {
	fixes, err := x.fixes()
	if err != nil {
		return nil, err
	}
	return &Content{x.head, x.day, x.order, x.tags, x.tables, fixes}, nil
}
