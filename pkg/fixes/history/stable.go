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
	b := picking{importer: m, start: start, positions: make(map[int]bool, len(m.content.Fixes)), table: fixes.Table{Branch: s.Branch}}
	for i := range m.content.Fixes {
		b.positions[m.content.Fixes[i].Position] = true
	}
	for _, c := range list {
		if rel := reReleased.FindStringSubmatch(c.subject); rel != nil {
			b.release(c, rel[1])
		} else {
			b.commit(c)
		}
	}
	t := b.table
	if len(t.Releases) == 0 {
		return fixes.Table{}, "", fmt.Errorf("%s: no release of %s after %s.0 is in its history", s.Path, s.Branch, s.Branch)
	}
	t.Landings = b.landed.Landings(fixes.CherryPick)
	return t, fmt.Sprintf("%s up to %s.%d, %d commits picked, %d fixes", s.Branch, s.Branch, t.Complete, b.picked, len(t.Landings)), nil
}

// picking collects what the commits of a branch tell.
type picking struct {
	*importer
	start     int          // of X.Y.0
	positions map[int]bool // of fixes
	table     fixes.Table
	landed    fixes.Collector
	picked    int
	// What the next release has and takes back, by position, and what else it has.
	waiting, back []int
	pending       []uint32
}

func (b *picking) release(c commit, name string) {
	v, err := haproxy.ParseVersion(name)
	if err != nil || v.Branch() != b.table.Branch {
		return
	}
	for _, p := range b.waiting {
		b.landed.Has(p, v.Patch)
	}
	for _, p := range b.back {
		b.landed.TakenBack(p, v.Patch)
	}
	for _, mark := range b.pending {
		b.table.Pending = append(b.table.Pending, fixes.Pending{Patch: v.Patch, Mark: mark})
	}
	b.waiting, b.back, b.pending = b.waiting[:0], b.back[:0], b.pending[:0]
	b.table.Releases = append(b.table.Releases, fixes.Release{Patch: v.Patch, Day: fixes.Day(time.Unix(c.seconds, 0))})
	b.table.Complete = max(b.table.Complete, v.Patch)
}

func (b *picking) commit(c commit) {
	sub, known := ParseSubject(c.subject)
	from := rePicked.FindStringSubmatch(c.body)
	if from == nil {
		if known && sub.Revert {
			if p := b.find("", strings.Trim(strings.TrimPrefix(c.subject, "Revert "), `"`)) - b.base; p > b.start && b.positions[p] {
				b.back = append(b.back, p)
			}
		}
		return
	}
	b.picked++
	i := b.find(from[1], c.subject)
	if p := i - b.base; p > b.start && b.positions[p] {
		b.waiting = append(b.waiting, p)
	}
	if known && i < 0 {
		b.pending = append(b.pending, fixes.MarkOf(c.subject))
	}
}
