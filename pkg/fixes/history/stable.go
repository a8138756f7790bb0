package history

import (
	"context"
	"fmt"
	"regexp"
	"sort"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

var (
	rePicked   = regexp.MustCompile(`(?m)^\(cherry picked from commit ([0-9a-f]{8,40})\)`)
	reReleased = regexp.MustCompile(`^\[RELEASE\] Released version (\d+\.\d+\.\d+)$`)
)

// stable reads a clone whose HEAD is a maintained branch. A commit of it ends with
// a line for each branch it came through; the first names the commit of master. A
// release is a commit of its own, and what stands before it is in it.
func (m *importer) stable(ctx context.Context, s Source) (fixes.Table, string, error) {
	r, err := open(ctx, s.Path)
	if err != nil {
		return fixes.Table{}, "", err
	}
	defer r.stop()
	first := ""
	start := 0
	for _, t := range m.content.Tags {
		if t.Version.Branch() == s.Branch && t.Version.Patch == 0 {
			first, start = m.master[m.base+t.Position].hash, t.Position
		}
	}
	if first == "" {
		return fixes.Table{}, "", fmt.Errorf("branch %q: master has no release %s.0", s.Branch, s.Branch)
	}
	if _, err := r.output(ctx, nil, "merge-base", "--is-ancestor", first, "HEAD"); err != nil {
		return fixes.Table{}, "", fmt.Errorf("%s: its HEAD is not branch %s, it does not come from %s.0", s.Path, s.Branch, s.Branch)
	}
	// A clone that is at an older release may have the newer ones as tags.
	list, err := r.log(ctx, true, "HEAD", "--tags=v"+s.Branch+".*", "^"+first)
	if err != nil {
		return fixes.Table{}, "", err
	}
	positions := make(map[int]bool, len(m.content.Fixes))
	for i := range m.content.Fixes {
		positions[m.content.Fixes[i].Position] = true
	}
	t := fixes.Table{Branch: s.Branch}
	landed := map[int]int{}
	var waiting []int // positions that the next release has
	picked := 0
	for _, c := range list {
		if rel := reReleased.FindStringSubmatch(c.subject); rel != nil {
			v, err := haproxy.ParseVersion(rel[1])
			if err != nil || v.Branch() != s.Branch {
				continue
			}
			for _, p := range waiting {
				if _, ok := landed[p]; !ok {
					landed[p] = v.Patch
				}
			}
			waiting = waiting[:0]
			t.Releases = append(t.Releases, fixes.Release{Patch: v.Patch, Day: fixes.Day(time.Unix(c.seconds, 0))})
			t.Complete = max(t.Complete, v.Patch)
			continue
		}
		from := rePicked.FindStringSubmatch(c.body)
		if from == nil {
			continue
		}
		picked++
		if p := m.find(from[1], c.subject) - m.base; p > start && positions[p] {
			waiting = append(waiting, p)
		}
	}
	if len(t.Releases) == 0 {
		return fixes.Table{}, "", fmt.Errorf("%s: no release of %s after %s.0 is in its history", s.Path, s.Branch, s.Branch)
	}
	for p, z := range landed {
		t.Landings = append(t.Landings, fixes.Landing{Position: p, Patch: z, Basis: fixes.CherryPick})
	}
	sort.Slice(t.Landings, func(i, j int) bool { return t.Landings[i].Position < t.Landings[j].Position })
	return t, fmt.Sprintf("%s up to %s.%d, %d commits picked, %d fixes", s.Branch, s.Branch, t.Complete, picked, len(t.Landings)), nil
}
