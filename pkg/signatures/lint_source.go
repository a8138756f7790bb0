package signatures

import (
	"context"
	"slices"
	"sync"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// Source is HAProxy's source at any of its revisions. Package fixes/history has
// one that asks git.
type Source interface {
	// Missing gives those of the names that a revision has not: of identifiers
	// those that stand nowhere below src and include, of paths, which have a slash,
	// those of no file. It is called for several revisions at once.
	Missing(ctx context.Context, revision string, names []string) ([]string, error)
	// Before says whether a commit, by its first digits, is in the history of a
	// revision.
	Before(ctx context.Context, revision, commit string) (bool, error)
}

// names checks the names that signatures ask for: each must stand in the source
// that has the bug. That is the parent of the fix; a name that it lacks is looked
// for where the bug was first, and in each X.Y.0 between, since a branch that is
// older than the fix still has what master renamed.
func (l *Linter) names(ctx context.Context, source Source) error {
	want := lookup{}
	var all []claim
	for _, e := range l.entries {
		if !e.fix.ok || e.compared {
			continue
		}
		for _, c := range claims(e) {
			want.add(e.Fix+"^", c.name)
			all = append(all, c)
		}
	}
	lacks, err := want.ask(ctx, source)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(c claim) bool { return !lacks.has(c.entry.Fix+"^", c.name) })
	want = lookup{}
	for _, c := range all {
		for _, tag := range l.tagsOf(c.entry) {
			want.add(tag, c.name)
		}
	}
	if lacks, err = want.ask(ctx, source); err != nil {
		return err
	}
	for _, c := range all {
		in := func(tag string) bool { return !lacks.has(tag, c.name) }
		switch {
		case slices.ContainsFunc(l.tagsOf(c.entry), in):
		case backportedBug(c.entry):
			l.note(c.entry, c.path, "%s: not in master's source before the fix (%s^), nor in an older X.Y.0 with the bug; look for it in the branches that got the bug", c.name, c.entry.Fix)
		default:
			l.complain(c.entry, c.path, "%s: not in the source before the fix (%s^), nor in an older release with the bug; correct it", c.name, c.entry.Fix)
		}
	}
	return nil
}

// tagsOf are the releases of master with the bug in which a name may stand that
// the parent of the fix has no more: the first, and each X.Y.0 up to the fix. To
// branches that got the bug by a backport their X.Y.0 is the nearest.
func (l *Linter) tagsOf(e *linted) []string {
	from := l.began(e)
	var out []string
	for _, t := range l.index.Tags() {
		has := t.Position >= from && (t.Position == from || t.Version.Patch == 0) ||
			t.Version.Patch == 0 && e.Versions.Introduced.Of(t.Version.Branch()) != ""
		if has && t.Position < e.fix.position {
			out = append(out, "v"+t.Version.String())
		}
	}
	return out
}

// backportedBug says that maintained branches got the bug by a backport. What came
// with it may have names there that master never had.
func backportedBug(e *linted) bool {
	return slices.ContainsFunc(e.Versions.Introduced, func(r fixes.BranchRelease) bool { return r.Branch != "master" })
}

// began is the position of the first release that is said to have the bug, that of
// the oldest when nothing is said.
func (l *Linter) began(e *linted) int {
	v, _ := e.Versions.Introduced.In("master")
	if t, ok := l.index.Tag(v); ok {
		return t.Position
	}
	return 0
}

// lookup is, of each revision, a set of names.
type lookup map[string]map[string]bool

func (k lookup) add(revision, name string) {
	if k[revision] == nil {
		k[revision] = map[string]bool{}
	}
	k[revision][name] = true
}

func (k lookup) has(revision, name string) bool { return k[revision][name] }

// atOnce is how many revisions are looked at together.
const atOnce = 4

// ask gives the names that the revisions lack.
func (k lookup) ask(ctx context.Context, source Source) (lookup, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		turn  = make(chan struct{}, atOnce)
		lacks = lookup{}
	)
	for revision, set := range k {
		var names []string
		for name := range set {
			names = append(names, name)
		}
		slices.Sort(names)
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			if ctx.Err() != nil {
				return
			}
			missing, err := source.Missing(ctx, revision, names)
			if err != nil {
				cancel(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, name := range missing {
				lacks.add(revision, name)
			}
		})
	}
	wg.Wait()
	return lacks, context.Cause(ctx)
}
