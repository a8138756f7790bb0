package main

import (
	"fmt"
	"slices"
	"strings"
)

// catalogue is what one version's files define.
type catalogue struct {
	names map[string][]constant
}

func newCatalogue() *catalogue { return &catalogue{names: map[string][]constant{}} }

// add takes the constants of a file.
func (c *catalogue) add(list []constant) {
	for _, k := range list {
		c.names[k.name] = append(c.names[k.name], k)
	}
}

// value computes a constant. A name that several files define, or several
// branches of a condition, has a value when all of them that can be computed
// agree.
func (c *catalogue) value(name string) (uint64, error) {
	var got []uint64
	var failed error
	for _, k := range c.names[name] {
		first := true
		e := evaluator{}
		e.lookup = func(s string) (constant, bool) {
			if s == name && first {
				first = false
				return k, true
			}
			if list := c.names[s]; len(list) > 0 {
				return list[0], true
			}
			return constant{}, false
		}
		n, err := e.value(name)
		switch {
		case err != nil:
			failed = err
		case !slices.Contains(got, n.bits()):
			got = append(got, n.bits())
		}
	}
	switch {
	case len(got) == 1:
		return got[0], nil
	case len(got) > 1:
		return 0, fmt.Errorf("%s: defined as %#x", name, got)
	case failed != nil:
		return 0, failed
	}
	return 0, fmt.Errorf("%s: not defined", name)
}

// members computes a family's constants, by name.
func (c *catalogue) members(f *family) (entries []entry, problems []string) {
	for _, p := range f.patterns() {
		is := anchored(p.members)
		for name := range c.names {
			bit, place := strings.CutSuffix(name, "_BIT")
			if !is.MatchString(name) || never.MatchString(name) || place && c.names[bit] != nil {
				continue
			}
			v, err := c.value(name)
			switch {
			case err != nil:
				problems = append(problems, err.Error())
			case v >= p.least && v <= p.most:
				entries = append(entries, entry{name: name, value: v, mask: f.mask(c, name, v), unsure: c.names[name][0].conditional})
			}
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	slices.Sort(problems)
	return entries, append(problems, f.doubtful(entries)...)
}

// entry is a constant of a family at one version. Mask are the bits that must
// be equal to value for the name to apply; 0 for a name of several flags
// together, which is never printed.
type entry struct {
	name        string
	value, mask uint64
	unsure      bool // builds of one version differ
}

// mask gives the bits that a constant speaks of.
func (f *family) mask(c *catalogue, name string, v uint64) uint64 {
	if f.second != "" && anchored(f.second).MatchString(name) {
		return 0
	}
	if f.enum {
		return ^uint64(0)
	}
	for _, d := range f.fields {
		bits, err := c.value(d.mask)
		// The last value of a field may be the mask itself: SF_FINST_T.
		if err == nil && strings.HasPrefix(name, d.prefix) && name != d.mask && v != 0 && v&^bits == 0 {
			return bits
		}
	}
	if v&(v-1) == 0 {
		return v
	}
	return 0
}

// doubtful marks constants that say the same as unsure, and tells of them.
func (f *family) doubtful(entries []entry) (problems []string) {
	type meaning struct{ mask, value uint64 }
	seen := map[meaning]int{}
	for i := range entries {
		e := &entries[i]
		if e.mask == 0 || f.twins != "" && anchored(f.twins).MatchString(e.name) {
			continue
		}
		k := meaning{e.mask, e.value}
		if other, ok := seen[k]; ok {
			entries[other].unsure, e.unsure = true, true
			problems = append(problems, fmt.Sprintf("%s: %s and %s are both %#x", f.name, entries[other].name, e.name, e.value))
		}
		seen[k] = i
	}
	return problems
}
