package affects

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
)

// Filter says which fixes are asked for. The zero value asks for all fixes of crashes.
type Filter struct {
	// Subsystem is one such as mux-h2, Severity the least: minor, medium, major, critical.
	Subsystem, Severity string
	// All asks for fixes of other bugs too, and for those of which it cannot be told.
	All bool
}

// check says what is wrong with the filter.
func (f *Filter) check(x *fixes.Index) error {
	if err := CheckSeverity("severity", f.Severity); err != nil || f.Subsystem == "" {
		return err
	}
	topics, err := x.Words(fixes.Topics)
	if err != nil {
		return err
	}
	var all []string
	for i := range topics.Len() {
		name := topics.Word(i)
		if fixes.IsSubsystem(name, f.Subsystem) {
			return nil
		}
		all = append(all, strings.ToLower(name))
	}
	return fmt.Errorf("subsystem %s: no fix is of it; the nearest names are %s", f.Subsystem, strings.Join(nearest(strings.ToLower(f.Subsystem), all), ", "))
}

// wants says whether a fix is asked for.
func (f *Filter) wants(x *fixes.Fix) bool {
	return (f.All || sentences.Crash(x)) && rank(x.Severity) >= rank(f.Severity) && (f.Subsystem == "" || x.Of(f.Subsystem))
}

// nearest are the names that differ the least from one that is none.
func nearest(name string, all []string) []string {
	const most = 5
	slices.Sort(all)
	all = slices.Compact(all)
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(distance(name, a), distance(name, b)) })
	return all[:min(len(all), most)]
}

// distance is how many letters must be changed to make one name of the other; a name that is
// part of the other is near.
func distance(a, b string) int {
	if strings.Contains(b, a) || strings.Contains(a, b) && len(b) > 2 {
		return 1
	}
	const longest = 64
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := left
			if a[i] != b[j] {
				change++
			}
			left = row[j+1]
			row[j+1] = min(change, left+1, row[j]+1)
		}
	}
	return row[len(b)]
}
