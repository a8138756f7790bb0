package history

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

var (
	rePicked   = lex.Pattern(`(?m)^\(cherry picked from commit ([0-9a-f]{8,40})\)`)
	reReleased = lex.Pattern(`^\[RELEASE\] Released version (\d+\.\d+\S*)$`)
	// The repository of a branch has it as master or as X.Y, copies of all of them
	// mostly as haproxy-X.Y.
	reTip   = lex.Pattern(`^refs/(?:heads|remotes/[^/]+)/(?:haproxy-)?(\d+\.\d+)$`)
	rePoint = lex.Pattern(`^refs/tags/v(\d+\.\d+)\.[1-9]\d*$`)
)

// errNoRelease says that a branch has nothing to tell yet.
var errNoRelease = errors.New("no release")

// stable reads a clone of one maintained branch, or of all of them.
func (m *importer) stable(ctx context.Context, s Source) error {
	r, err := open(ctx, s.Path)
	if err != nil {
		return err
	}
	defer r.stop()
	tips, err := m.tips(ctx, r)
	if err != nil {
		return err
	}
	branches := []string{s.Branch}
	if s.Branch == "" {
		branches = m.branches(tips)
	}
	if len(branches) == 0 {
		return fmt.Errorf("%s: no maintained branch is in it; want branches such as haproxy-3.0, or tags such as v3.0.1", s.Path)
	}
	for _, branch := range branches {
		t, note, err := m.branch(ctx, r, branch, tips[branch])
		switch {
		case errors.Is(err, errNoRelease) && s.Branch == "":
			m.Log(fmt.Sprintf("%s: %s has no release after %s.0 yet", s.Path, branch, branch))
			continue
		case err != nil:
			return err
		}
		m.content.Tables = fixes.WithTable(m.content.Tables, t)
		m.Log(s.Path + ": " + note)
	}
	return nil
}

// tips are the references of a clone by the branch that they belong to: those that
// are called like it, and before them the tags of its releases, lowest first.
func (m *importer) tips(ctx context.Context, r *repo) (map[string][]string, error) {
	text, err := r.output(ctx, nil, "for-each-ref", "--sort=version:refname", "--format=%(refname)", "refs/tags", "refs/heads", "refs/remotes")
	if err != nil {
		return nil, err
	}
	tips := map[string][]string{}
	for _, re := range []func() *regexp.Regexp{rePoint, reTip} {
		for ref := range strings.Lines(text) {
			ref = strings.TrimSpace(ref)
			if in := re().FindStringSubmatch(ref); in != nil {
				tips[in[1]] = append(tips[in[1]], ref)
			}
		}
	}
	return tips, nil
}

// branches are those of the tips that come from master as the index has it.
func (m *importer) branches(tips map[string][]string) []string {
	var list []string
	for _, t := range m.content.Tags {
		if t.Version.Patch == 0 && tips[t.Version.Branch()] != nil && !slices.Contains(list, t.Version.Branch()) {
			list = append(list, t.Version.Branch())
		}
	}
	return list
}

// branch reads one branch. A commit of it ends with a line for each branch it came
// through; the first names the commit of master. A release is a commit of its own,
// and what stands before it is in it.
func (m *importer) branch(ctx context.Context, r *repo, branch string, tips []string) (fixes.Table, string, error) {
	first := ""
	start := 0
	for _, t := range m.content.Tags {
		if t.Version.Branch() == branch && t.Version.Patch == 0 {
			first, start = m.master[m.base+t.Position].hash, t.Position
		}
	}
	if first == "" {
		return fixes.Table{}, "", fmt.Errorf("branch %q: master has no release %s.0", branch, branch)
	}
	if len(tips) == 0 {
		tips = []string{"HEAD"}
	} else if newest := tips[len(tips)-1]; rePoint().MatchString(newest) {
		// Tags alone: what is checked out may go on from there, or be something else.
		if _, err := r.output(ctx, nil, "merge-base", "--is-ancestor", newest, "HEAD"); err == nil {
			tips = append(slices.Clone(tips), "HEAD")
		}
	}
	for _, tip := range tips {
		if _, err := r.output(ctx, nil, "merge-base", "--is-ancestor", first, tip); err != nil {
			return fixes.Table{}, "", fmt.Errorf("%s: its %s is not branch %s, it does not come from %s.0", r.dir, tip, branch, branch)
		}
	}
	list, err := r.log(ctx, true, append([]string{"^" + first}, tips...)...)
	if err != nil {
		return fixes.Table{}, "", err
	}
	b := m.picking(branch, start)
	for _, c := range list {
		if rel := reReleased().FindStringSubmatch(c.subject); rel != nil {
			if err := b.release(c, rel[1]); err != nil {
				return fixes.Table{}, "", fmt.Errorf("%s: %w", r.dir, err)
			}
			continue
		}
		b.commit(c)
	}
	t := b.table
	if len(t.Releases) == 0 {
		return fixes.Table{}, "", fmt.Errorf("%s: %w of %s after %s.0 is in its history", r.dir, errNoRelease, branch, branch)
	}
	t.Landings = b.landed.Landings(fixes.CherryPick)
	t = t.Merge(fixes.Table{Landings: b.titled.Landings(fixes.Changelog)})
	return t, fmt.Sprintf("%s up to %s.%d, %d commits picked, %d landings", branch, branch, t.Complete, b.picked, len(t.Landings)), nil
}

// picking collects what the commits of a branch tell.
type picking struct {
	*importer
	start     int          // of X.Y.0
	positions map[int]bool // of what is looked for
	table     fixes.Table
	// Those of landed say where they were picked from, those of titled have the
	// subject of a fix alone.
	landed, titled fixes.Collector
	picked         int
	// What the next release has and takes back, by position, and what else it has.
	waiting, same, back []int
	pending             []uint32
	newest              int64 // date of what it has of master
}

// picking looks for fixes, and for the commits that fixes say brought their bug:
// a branch that got such a one has the bug although its X.Y.0 is older.
func (m *importer) picking(branch string, start int) *picking {
	b := &picking{importer: m, start: start, positions: make(map[int]bool, len(m.content.Fixes)), table: fixes.Table{Branch: branch}}
	for i := range m.content.Fixes {
		f := &m.content.Fixes[i]
		b.positions[f.Position] = true
		for _, list := range [...][]string{f.Introduced, f.Exposed} {
			for _, origin := range list {
				if p := m.find(origin, "") - m.base; p > start {
					b.positions[p] = true
				}
			}
		}
	}
	return b
}

// release takes what came before a release. Branches that lie are refused: one with
// the releases of another (a clone whose HEAD is master), one whose releases are not
// all there in their order, and one that has fixes before they were made.
func (b *picking) release(c commit, name string) error {
	branch := b.table.Branch
	v, err := haproxy.ParseVersion(name)
	switch {
	case err != nil || v.Branch() != branch || v.IsDev():
		return fmt.Errorf("what should be branch %s has %s in it; check it out, or have it as haproxy-%s", branch, name, branch)
	case v.Patch != b.table.Complete+1:
		return fmt.Errorf("branch %s goes from %s.%d to %s: a part of it is missing", branch, branch, b.table.Complete, v)
	case b.newest-c.seconds > int64(maxSkew/time.Second):
		return fmt.Errorf("branch %s: %s of %s has a commit of master of %s", branch, v, day(c.seconds), day(b.newest))
	}
	for _, p := range b.waiting {
		b.landed.Has(p, v.Patch)
	}
	for _, p := range b.same {
		b.titled.Has(p, v.Patch)
	}
	for _, p := range b.back {
		b.landed.TakenBack(p, v.Patch)
		b.titled.TakenBack(p, v.Patch)
	}
	for _, mark := range b.pending {
		b.table.Pending = append(b.table.Pending, fixes.Pending{Patch: v.Patch, Mark: mark})
	}
	b.waiting, b.same, b.back, b.pending = b.waiting[:0], b.same[:0], b.back[:0], b.pending[:0]
	b.table.Releases = append(b.table.Releases, fixes.Release{Patch: v.Patch, Day: fixes.Day(time.Unix(c.seconds, 0))})
	b.table.Complete = v.Patch
	return nil
}

// maxSkew is by how much the clocks of two who commit may differ.
const maxSkew = 48 * time.Hour

func day(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.DateOnly) }

func (b *picking) commit(c commit) {
	sub, known := parseSubject(c.subject)
	from := rePicked().FindStringSubmatch(c.body)
	if from == nil {
		if known {
			b.own(c, sub)
		}
		return
	}
	b.picked++
	i := b.find(from[1], c.subject)
	if p := i - b.base; p > b.start && b.positions[p] {
		b.waiting = append(b.waiting, p)
		b.newest = max(b.newest, b.master[i].seconds)
	}
	if known && i < 0 {
		b.pending = append(b.pending, fixes.MarkOf(c.subject))
	}
}

// own takes a commit that does not say where it comes from: most are of the branch
// alone, a few are fixes of master whose line was lost (f81c00cd44 in 2.9).
func (b *picking) own(c commit, sub subject) {
	if sub.Revert {
		if p := b.find("", strings.Trim(strings.TrimPrefix(c.subject, "Revert "), `"`)) - b.base; p > b.start && b.positions[p] {
			b.back = append(b.back, p)
		}
		return
	}
	i := b.find("", c.subject)
	if p := i - b.base; p > b.start && b.positions[p] && b.master[i].seconds <= c.seconds {
		b.same = append(b.same, p)
	}
}
