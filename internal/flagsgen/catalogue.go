package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// catalogue is what one version's files define, and what that is worth.
type catalogue struct {
	names  map[string][]constant
	values map[string]answer // of the names that families ask for
}

// catalogued makes the catalogue of files' constants.
func catalogued(ctx context.Context, cc compiler, files ...[]constant) (*catalogue, error) {
	c := &catalogue{names: map[string][]constant{}, values: map[string]answer{}}
	var definitions strings.Builder
	for _, list := range files {
		for _, k := range list {
			if c.names[k.name] == nil {
				fmt.Fprintf(&definitions, "#define %s %s\n", k.name, k.text)
			}
			c.names[k.name] = append(c.names[k.name], k)
		}
	}
	return c, c.compute(ctx, cc, definitions.String())
}

// compute gives each name that families ask for its value. A name that several files
// define, or several branches of a condition, has one when all of its definitions that
// can be computed agree; in those of others it stands for the first.
func (c *catalogue) compute(ctx context.Context, cc compiler, definitions string) error {
	var names, texts []string
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		if !asked.MatchString(name) {
			continue
		}
		for _, k := range c.names[name] {
			names, texts = append(names, name), append(texts, k.text)
		}
	}
	answers, err := cc.values(ctx, definitions, texts)
	if err != nil {
		return err
	}
	for i, a := range answers {
		name := names[i]
		if a.problem != "" {
			a.problem = name + ": " + a.problem
		}
		first, seen := c.values[name]
		switch {
		case !seen, first.problem != "" && a.problem == "":
			c.values[name] = a
		case first.problem == "" && a.problem == "" && first.value != a.value:
			a.problem = fmt.Sprintf("%s: defined as %#x and %#x", name, first.value, a.value)
			c.values[name] = a
		}
	}
	return nil
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
			switch v := c.values[name]; {
			case v.problem != "":
				problems = append(problems, v.problem)
			case v.value >= p.least && v.value <= p.most:
				entries = append(entries, entry{name: name, value: v.value, mask: f.mask(c, name, v.value), unsure: c.names[name][0].conditional})
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
		bits := c.values[d.mask].value
		// The last value of a field may be the mask itself: SF_FINST_T.
		if strings.HasPrefix(name, d.prefix) && name != d.mask && v != 0 && v&^bits == 0 {
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
