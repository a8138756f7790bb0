package history

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

var (
	rePicked   = compile(`(?m)^\(cherry picked from commit ([0-9a-f]{8,40})\)`)
	reReleased = compile(`^\[RELEASE\] Released version (\d+\.\d+\.\d+)$`)
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
	var landed fixes.Collector
	var waiting, back []int // positions that the next release has, and takes back
	var pending []uint32    // what else it has
	picked := 0
	for _, c := range list {
		if rel := reReleased.FindStringSubmatch(c.subject); rel != nil {
			v, err := haproxy.ParseVersion(rel[1])
			if err != nil || v.Branch() != s.Branch {
				continue
			}
			for _, p := range waiting {
				landed.Has(p, v.Patch)
			}
			for _, p := range back {
				landed.TakenBack(p, v.Patch)
			}
			for _, mark := range pending {
				t.Pending = append(t.Pending, fixes.Pending{Patch: v.Patch, Mark: mark})
			}
			waiting, back, pending = waiting[:0], back[:0], pending[:0]
			t.Releases = append(t.Releases, fixes.Release{Patch: v.Patch, Day: fixes.Day(time.Unix(c.seconds, 0))})
			t.Complete = max(t.Complete, v.Patch)
			continue
		}
		from := rePicked.FindStringSubmatch(c.body)
		if from == nil {
			if sub, ok := ParseSubject(c.subject); ok && sub.Revert {
				if p := m.find("", strings.Trim(strings.TrimPrefix(c.subject, "Revert "), `"`)) - m.base; p > start && positions[p] {
					back = append(back, p)
				}
			}
			continue
		}
		picked++
		i := m.find(from[1], c.subject)
		if p := i - m.base; p > start && positions[p] {
			waiting = append(waiting, p)
		}
		if _, ok := ParseSubject(c.subject); ok && i < 0 {
			pending = append(pending, fixes.MarkOf(c.subject))
		}
	}
	if len(t.Releases) == 0 {
		return fixes.Table{}, "", fmt.Errorf("%s: no release of %s after %s.0 is in its history", s.Path, s.Branch, s.Branch)
	}
	t.Landings = landed.Landings(fixes.CherryPick)
	return t, fmt.Sprintf("%s up to %s.%d, %d commits picked, %d fixes", s.Branch, s.Branch, t.Complete, picked, len(t.Landings)), nil
}
