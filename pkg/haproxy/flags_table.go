package haproxy

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The table of flags, made by internal/flagsgen. Text, so that a change can be
// read:
//
//	versions 2.0-dev0 2.0-dev1 …
//	read 2.2.17 2.4.9 …                          of these branches all releases to this one were read; most changed nothing
//	family chn flags cf,channel channel          name, flags or enum, aliases or -, title
//	CF_READ_NULL 1@0-134                         what the constant was from the first version to before the 134th
//	SF_ERR_LOCAL 1000/f000@0                     value and mask, where it is not one bit; /0 of names for several bits
//	OBJ_TYPE_HATERM c?@210                       builds of one version differ
//
//go:embed data/flags.txt
var flagData string

// flagTable is the table in memory.
type flagTable struct {
	versions []Version
	all      []int // the places of all versions
	read     []Version
	families []*Family
	byName   map[string]*Family
}

// meaning is what a constant was at versions [from, to). mask is 0 for names
// that stand for several flags; they are not printed.
type meaning struct {
	name        string
	value, mask uint64
	from, to    int
	unsure      bool
}

// says that a value has the name.
func (m *meaning) says(value uint64, enum bool) bool {
	return m.mask != 0 && value&m.mask == m.value && (m.value != 0 || enum)
}

// flags reads the table when something asks for it first; the test of the data
// makes sure that it reads.
var flags = sync.OnceValue(func() *flagTable {
	t, err := parseFlags(flagData)
	if err != nil {
		return &flagTable{}
	}
	return t
})

// parseFlags reads a table.
func parseFlags(data string) (*flagTable, error) {
	t := &flagTable{byName: map[string]*Family{}}
	meanings := make([]meaning, 0, strings.Count(data, "@"))
	var f *Family
	start, number := 0, 0
	for line := range strings.Lines(data) {
		number++
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		var err error
		switch word {
		case "versions":
			t.versions, err = parseVersions(rest)
		case "read":
			t.read, err = parseVersions(rest)
		case "family":
			f, err = t.parseFamily(rest)
			start = len(meanings)
		default:
			if f == nil {
				err = fmt.Errorf("a constant before its family")
				break
			}
			if meanings, err = appendMeanings(meanings, word, rest, len(t.versions), f.Enum); err == nil {
				f.meanings = meanings[start:len(meanings):len(meanings)]
			}
		}
		if err != nil {
			return nil, fmt.Errorf("flags, line %d: %w", number, err)
		}
	}
	for i := range t.versions {
		t.all = append(t.all, i)
	}
	for _, f := range t.families {
		f.from = len(t.versions)
		for _, m := range f.meanings {
			f.from, f.to = min(f.from, m.from), max(f.to, m.to)
		}
	}
	return t, nil
}

func parseVersions(s string) ([]Version, error) {
	list := make([]Version, 0, strings.Count(s, " ")+1)
	for word := range strings.FieldsSeq(s) {
		v, err := ParseVersion(word)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (t *flagTable) parseFamily(s string) (*Family, error) {
	p := strings.SplitN(s, " ", 4)
	if len(p) < 4 {
		return nil, fmt.Errorf("a family has a name, a kind, aliases and a title")
	}
	f := &Family{Name: p[0], Enum: p[1] == "enum", Title: p[3], table: t}
	t.byName[f.Name] = f
	if p[2] != "-" {
		f.Aliases = strings.Split(p[2], ",")
	}
	for _, a := range f.Aliases {
		t.byName[a] = f
	}
	t.families = append(t.families, f)
	return f, nil
}

// appendMeanings reads "value[/mask][?]@from[-to]" words of a constant.
func appendMeanings(list []meaning, name, s string, versions int, enum bool) ([]meaning, error) {
	for s != "" {
		var one string
		one, s, _ = strings.Cut(s, " ")
		bits, span, ok := strings.Cut(one, "@")
		if !ok {
			return nil, fmt.Errorf("%s: no @ in %q", name, one)
		}
		m := meaning{name: name, to: versions}
		bits, m.unsure = strings.CutSuffix(bits, "?")
		value, mask, masked := strings.Cut(bits, "/")
		from, to, ended := strings.Cut(span, "-")
		var errs [4]error
		m.value, errs[0] = strconv.ParseUint(value, 16, 64)
		m.from, errs[1] = strconv.Atoi(from)
		switch m.mask = m.value; {
		case masked:
			m.mask, errs[2] = strconv.ParseUint(mask, 16, 64)
		case enum:
			m.mask = math.MaxUint64
		}
		if ended {
			m.to, errs[3] = strconv.Atoi(to)
		}
		for _, err := range errs {
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		if m.from < 0 || m.from >= m.to || m.to > versions {
			return nil, fmt.Errorf("%s: versions %d to %d of %d", name, m.from, m.to, versions)
		}
		list = append(list, m)
	}
	return list, nil
}

// candidates gives the places of the versions that v may be like. known says
// that the table covers v; exact, that what v is made from was read.
func (t *flagTable) candidates(v Version) (at []int, known, exact bool) {
	n := len(t.versions)
	if v == (Version{}) || n == 0 {
		return t.all, true, false
	}
	if v.BranchOnly() {
		if at = t.branch(v); len(at) > 0 {
			return at, true, false
		}
	}
	tag := v
	tag.CommitCount = 0
	last, found := slices.BinarySearchFunc(t.versions, tag, Version.Compare)
	if !found {
		last-- // the newest that is not newer
	}
	switch {
	case last < 0:
		return []int{0}, false, false
	case last == n-1 && !found:
		return []int{last}, false, false
	case v.CommitCount == 0:
		return []int{last}, true, found || t.wasRead(v)
	case last+1 < n && t.versions[last+1].CompareBranch(v) == 0:
		return []int{last, last + 1}, true, false
	}
	// Behind the newest tag of a branch: the table ends there, or the branch is
	// maintained, and seldom gets flags.
	return []int{last}, v.Patch >= 0, false
}

// wasRead says that a release was read, and has what the table has before it.
func (t *flagTable) wasRead(v Version) bool {
	return v.Patch >= 0 && slices.ContainsFunc(t.read, func(r Version) bool { return r.CompareBranch(v) == 0 && v.Patch <= r.Patch })
}

// branch gives the releases of a branch, or when it has none yet, its
// development versions.
func (t *flagTable) branch(v Version) (at []int) {
	var dev []int
	for i, w := range t.versions {
		switch {
		case w.CompareBranch(v) != 0:
		case w.IsDev():
			dev = append(dev, i)
		default:
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return dev
	}
	return at
}
