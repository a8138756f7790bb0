package fixes

import (
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/source"
)

// shipped is the index that is part of the program: what hacrash bugs import
// makes of HAProxy's master and of the changelogs and branches that are public.
//
//go:embed data/fixes.bin
var shipped []byte

// Index is what is known of HAProxy's history. It is safe for concurrent use.
type Index struct {
	head    string
	day     time.Time
	order   []byte // four bytes of hash per commit of master
	byHash  []byte // positions, by these
	tags    []Tag
	byName  map[string]int
	tables  []Table
	records []byte
	lists   []byte
	words   func() (*[sorts]*Dictionary, error)
	fixes   func() ([]Fix, error)
}

// Load opens the index that is part of the program.
func Load() (*Index, error) { return open(shipped, true) }

// Open opens an index that hacrash bugs import wrote. It keeps the data, which
// must not change. The error says that it is none, or damaged; damage in the fixes
// themselves comes out when they are asked for.
func Open(data []byte) (*Index, error) { return open(data, false) }

// maxIndex is how large a fix index may be: that of all fixes since 2.0 has 0.8 MB.
const maxIndex = 32 << 20

// OpenFile opens an index in a file.
func OpenFile(name string) (*Index, error) {
	data, err := source.Small(name, maxIndex)
	if err != nil {
		return nil, err
	}
	x, err := Open(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return x, nil
}

// Newer opens an index in a file if it is as new as the one that is part of the
// program. It is nil if there is no file, or the program has a newer one.
func Newer(name string) (*Index, error) {
	x, err := OpenFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	shipped, err := Load()
	if err != nil {
		return x, nil
	}
	_, mine := x.Head()
	if _, theirs := shipped.Head(); mine.Before(theirs) {
		return nil, nil
	}
	return x, nil
}

func open(data []byte, trusted bool) (*Index, error) {
	s, err := sectionsOf(data, trusted)
	if err != nil {
		return nil, err
	}
	x := &Index{order: s[sectionOrder], byHash: s[sectionByHash], records: s[sectionFixes], lists: s[sectionLists]}
	if len(x.order) == 0 || len(x.order)%4 != 0 || len(x.byHash) != x.len()*positionSize || len(x.records)%recordSize != 0 {
		return nil, errDamaged
	}
	if err := x.readMaster(s[sectionMaster]); err != nil {
		return nil, err
	}
	if err := x.readTables(s[sectionTables]); err != nil {
		return nil, err
	}
	x.words = sync.OnceValues(func() (*[sorts]*Dictionary, error) { return openWords(s, x.Count()) })
	x.fixes = sync.OnceValues(x.all)
	if trusted {
		return x, nil
	}
	return x, x.checkRecords()
}

// checkRecords finds fixes that are out of order.
func (x *Index) checkRecords() error {
	last := -1
	for i := range x.Count() {
		p := x.Brief(i).Position
		if p <= last || p >= x.len() {
			return errDamaged
		}
		last = p
	}
	return nil
}

func openWords(s map[string][]byte, fixes int) (*[sorts]*Dictionary, error) {
	var words [sorts]*Dictionary
	for sort, name := range [sorts]string{Topics: sectionTopics, Paths: sectionPaths, Names: sectionNames} {
		d, err := openDictionary(s[name], fixes)
		if err != nil {
			return nil, err
		}
		words[sort] = d
	}
	return &words, nil
}

// Words are the words of one sort that the fixes have.
func (x *Index) Words(s Sort) (*Dictionary, error) {
	words, err := x.words()
	if err != nil {
		return nil, err
	}
	return words[s], nil
}

// all reads every fix.
func (x *Index) all() ([]Fix, error) {
	list := make([]Fix, x.Count())
	for i := range list {
		f, err := x.Number(i)
		if err != nil {
			return nil, err
		}
		list[i] = *f
	}
	return list, nil
}

// Head is the newest commit of master that the index knows, 40 digits, and its
// day.
func (x *Index) Head() (commit string, day time.Time) { return x.head, x.day }

// len is how many commits of master, from 2.0-dev0 on, the index knows.
func (x *Index) len() int { return len(x.order) / 4 }

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
	digits := prefix[:min(len(prefix), 8)]
	want, err := strconv.ParseUint(digits+strings.Repeat("0", 8-len(digits)), 16, 32)
	if err != nil {
		return 0, err
	}
	mask := uint32(0xffffffff) << (4 * (8 - len(digits)))
	var found []int
	first := sort.Search(x.len(), func(i int) bool { return x.wordAt(x.hashed(i)) >= uint32(want) })
	for i := first; i < x.len() && x.wordAt(x.hashed(i))&mask == uint32(want); i++ {
		found = append(found, x.hashed(i))
	}
	slices.Sort(found)
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

// hashed is the position of the commit that is at place i by its hash.
func (x *Index) hashed(i int) int {
	b := x.byHash[positionSize*i:]
	return int(b[0]) | int(b[1])<<8 | int(b[2])<<16
}

// wordAt is the first four bytes of the commit at a position.
func (x *Index) wordAt(position int) uint32 {
	if position >= x.len() {
		return 0 // damaged: the commits are not found
	}
	return binary.BigEndian.Uint32(x.order[4*position:])
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
	positions, err := x.positions(prefix)
	if err != nil {
		return nil, err
	}
	var found []*Fix
	for _, p := range positions {
		f, err := x.At(p)
		if err != nil {
			return nil, err
		}
		if f != nil && strings.HasPrefix(f.Commit, prefix) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return nil, &NotFoundError{prefix}
	case 1:
		return found[0], nil
	}
	several := &AmbiguousError{Prefix: prefix}
	for _, f := range found {
		several.Positions = append(several.Positions, f.Position)
	}
	return nil, several
}

// positions are those of all commits whose first eight digits fit.
func (x *Index) positions(prefix string) ([]int, error) {
	p, err := x.Order(prefix)
	var none *NotFoundError
	var several *AmbiguousError
	switch {
	case err == nil:
		return []int{p}, nil
	case errors.As(err, &several):
		return several.Positions, nil
	case errors.As(err, &none):
		return nil, nil
	}
	return nil, err
}

// At is the fix at a position of master, nil when that commit is none.
func (x *Index) At(position int) (*Fix, error) {
	i := x.After(position)
	if i == x.Count() || x.Brief(i).Position != position {
		return nil, nil
	}
	return x.Number(i)
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
		case tag.Position+v.CommitCount >= x.len():
			return 0, fmt.Errorf("%s: it is newer than the index, which ends at %s", v.Raw, x.head[:citedDigits])
		}
		return tag.Position + v.CommitCount, nil
	}
	position, err := x.Order(v.Commit)
	if several, ok := err.(*AmbiguousError); ok && tagged {
		next := x.len()
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
