package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

// printed is a crash with its fingerprint and the fixes of its bug.
type printed struct {
	name, print string
	strength    crash.Strength
	fixes       []string
}

// fingerprints are those of all crashes whose fixes are known.
func fingerprints(reports []report, list []publicCase) []printed {
	var out []printed
	add := func(name string, c *crash.Crash, fixes []string) {
		print, strength := classify.Fingerprint(c)
		out = append(out, printed{name, print, strength, fixes})
	}
	for i := range reports {
		add(fmt.Sprint(reports[i].Issue), reports[i].crash(), reports[i].Fixes)
	}
	for i := range list {
		if c := &list[i]; len(c.Fixes) > 0 && len(c.got) > 0 {
			add("case "+c.ID, c.got[0], c.Fixes)
		}
	}
	return out
}

// alike says that two crashes are of one bug: a fix of one is one of the other.
func alike(a, b *printed) bool {
	return slices.ContainsFunc(a.fixes, func(f string) bool { return slices.Contains(b.fixes, f) })
}

// merges are pairs of one fingerprint and two bugs; splits are pairs of one bug whose
// fingerprints differ.
func merges(list []printed, strength crash.Strength) (out []string) {
	return pairs(list, func(a, b *printed) bool {
		return a.print == b.print && a.strength == strength && a.print != "" && !alike(a, b)
	})
}

func splits(list []printed) (out []string) {
	return pairs(list, func(a, b *printed) bool { return alike(a, b) && a.print != b.print && a.print != "" && b.print != "" })
}

func pairs(list []printed, want func(a, b *printed) bool) (out []string) {
	for i := range list {
		for j := range i {
			if a, b := &list[j], &list[i]; want(a, b) {
				out = append(out, fmt.Sprintf("%s %s: %s %s", a.name, b.name, a.print, b.print))
			}
		}
	}
	return out
}

func writePrints(w io.Writer, list []printed) {
	count := map[crash.Strength]int{}
	for _, p := range list {
		count[p.strength]++
	}
	fmt.Fprintf(w, "%d crashes: %d strong fingerprints, %d weak, %d none\n", len(list), count[crash.Strong], count[crash.Weak], count[""])
	for name, pairs := range map[string][]string{
		"one strong fingerprint, two bugs": merges(list, crash.Strong), "one weak fingerprint, two bugs": merges(list, crash.Weak),
		"one bug, two fingerprints": splits(list),
	} {
		fmt.Fprintf(w, "%s: %d\n\t%s\n", name, len(pairs), strings.Join(pairs, "\n\t"))
	}
}
