package signatures

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// known is what the index knows of a commit of master.
type known struct {
	ok       bool
	older    bool // not in the index, which begins with 2.0-dev0
	position int
	fix      *fixes.Fix // nil when its subject does not say that it fixes a bug
}

// commit looks a commit up. Of commits that fix nothing the index has eight digits,
// and no more are compared.
func (l *Linter) commit(prefix string) (known, error) {
	f, err := l.index.Fix(prefix)
	if err == nil {
		return known{ok: true, position: f.Position, fix: f}, nil
	}
	var none *fixes.NotFoundError
	if !errors.As(err, &none) {
		return known{}, err
	}
	position, err := l.index.Order(prefix)
	positions := []int{position}
	var several *fixes.AmbiguousError
	if errors.As(err, &several) {
		positions = several.Positions
	} else if err != nil {
		return known{}, err
	}
	var found []int
	for _, p := range positions {
		f, err := l.index.At(p)
		if err != nil {
			return known{}, err
		}
		if f == nil { // that of a fix differs in its later digits
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return known{}, none
	case 1:
		return known{ok: true, position: found[0]}, nil
	}
	return known{}, &fixes.AmbiguousError{Prefix: prefix, Positions: found}
}

// history checks what a signature says of commits and releases.
func (l *Linter) history(ctx context.Context, e *linted, source Source) error {
	commits := map[string]known{}
	for _, key := range commitKeys(e) {
		for _, c := range key.commits {
			k, err := l.commit(c)
			var none *fixes.NotFoundError
			var several *fixes.AmbiguousError
			switch {
			case errors.As(err, &none) && key.origin:
				commits[c] = known{older: true}
				if err := l.older(ctx, e, key.name, c, source); err != nil {
					return err
				}
			case errors.As(err, &none), errors.As(err, &several):
				l.complain(e, key.name, "%s; correct it, or bring the index up to date with hacrash bugs update", err)
			case err != nil:
				return err
			default:
				commits[c] = k
			}
		}
	}
	e.fix = commits[e.Fix]
	if e.fix.ok {
		l.fixed(e)
		l.related(e, commits)
		l.stable(e)
		l.clause(e)
	}
	l.introduced(e, commits)
	l.backported(e, commits)
	l.reports(e, commits)
	return nil
}

// commitKey is a key of a signature that names commits.
type commitKey struct {
	name    string
	commits []string
	origin  bool // of the bug: may be older than the index
}

func commitKeys(e *linted) []commitKey {
	return []commitKey{
		{"fix", []string{e.Fix}, false}, {"related", e.Related, false},
		{"exposed_by", e.ExposedBy, true}, {"introduced_by", e.IntroducedBy, true}, {"lookalikes", e.Lookalikes, false},
	}
}

// older decides about a commit that is said to have brought a bug and that the
// index does not know, for it begins with 2.0-dev0.
func (l *Linter) older(ctx context.Context, e *linted, path, commit string, source Source) error {
	if source == nil {
		l.note(e, path, "%s: not in the index, so older than %s if it is right; --git looks it up", commit, l.first())
		return nil
	}
	ok, err := source.Before(ctx, "v"+l.first().String(), commit)
	if err == nil && !ok {
		l.complain(e, path, "%s: neither in the index nor, in the clone, before %s; correct it", commit, l.first())
	}
	return err
}

// first is the tag that the index begins with.
func (l *Linter) first() haproxy.Version {
	if tags := l.index.Tags(); len(tags) > 0 {
		return tags[0].Version
	}
	return haproxy.Version{Major: 2, Patch: -1, RC: -1}
}

// release is the first tag of master that has a position; false while there is
// none.
func (l *Linter) release(position int) (haproxy.Version, bool) {
	for _, t := range l.index.Tags() {
		if t.Position >= position {
			return t.Version, true
		}
	}
	return haproxy.Version{}, false
}

// fixed checks the release of master with the fix, and its date.
func (l *Linter) fixed(e *linted) {
	const path = "versions.fixed.master"
	said := e.Versions.Fixed.Of("master")
	if in, ok := l.release(e.fix.position); !ok {
		l.note(e, path, "%s: the index knows no release with the fix yet; look again when it is released", said)
	} else if in.String() != said {
		l.complain(e, path, "%s: the first release with %s is %s; say that", said, e.Fix, in)
	}
	if e.fix.fix == nil {
		l.note(e, "fix", "%s: its subject does not say that it fixes a bug, so the index has neither its date nor its backports; check them by hand", e.Fix)
		return
	}
	if day := e.fix.fix.Date.Format(time.DateOnly); e.Versions.FixDate != "" && e.Versions.FixDate != day {
		l.complain(e, "versions.fix_date", "%s: the fix was committed on %s; say that", e.Versions.FixDate, day)
	}
}

// related finds commits that belong to the fix and came in a later release: then the
// one that was named first is not what ended the bug, or they do not belong to it.
func (l *Linter) related(e *linted, commits map[string]known) {
	fixed, ok := l.release(e.fix.position)
	for _, c := range e.Related {
		in, released := l.release(commits[c].position)
		if ok && commits[c].ok && (!released || in.Compare(fixed) > 0) {
			l.note(e, "related", "%s: it came after %s, the release with the fix; make it the fix if only it ends the bug", c, fixed)
		}
	}
}

// introduced checks where the bug began: in the release that first has one of the
// commits that are said to have brought or exposed it.
func (l *Linter) introduced(e *linted, commits map[string]known) {
	const path = "versions.introduced.master"
	var origins []string // the releases that it may have begun with
	older := ""
	for _, key := range commitKeys(e) {
		for _, c := range key.commits {
			k := commits[c]
			switch {
			case !key.origin:
			case k.older:
				older = "a release before " + l.first().String()
			case k.ok && e.fix.ok && k.position >= e.fix.position:
				l.complain(e, key.name, "%s: newer than the fix %s; correct one of them", c, e.Fix)
			case k.ok:
				if in, ok := l.release(k.position); ok {
					origins = append(origins, in.String())
				}
			}
		}
	}
	came := strings.Join(origins, ", ")
	if came == "" {
		came = older
	}
	said := e.Versions.Introduced.Of("master")
	v, err := haproxy.ParseVersion(said)
	if err != nil {
		if len(origins) > 0 && older == "" {
			l.note(e, "versions", "introduced is missing; what introduced_by and exposed_by name came in %s", came)
		}
		return
	}
	if fixed, ok := e.Versions.Fixed.In("master"); ok && v.Compare(fixed) > 0 {
		l.complain(e, path, "%s: later than %s, the release with the fix; correct one of them", said, fixed)
	}
	if v.Compare(l.first()) <= 0 {
		return
	}
	if _, ok := l.index.Tag(v); !ok {
		l.complain(e, path, "%s: master has no such release; correct it", said)
	} else if came != "" && !slices.Contains(origins, said) {
		l.complain(e, path, "%s: what introduced_by and exposed_by name came in %s; correct one of them", said, came)
	}
}

// reports checks the numbers of issues and CVEs: a commit's message names those
// that it is about.
func (l *Linter) reports(e *linted, commits map[string]known) {
	var issues []int
	var cves []string
	for _, k := range commits {
		if k.fix != nil {
			issues, cves = append(issues, k.fix.Issues...), append(cves, k.fix.CVEs...)
		}
	}
	for _, n := range e.Issues {
		if !slices.Contains(issues, n) {
			l.note(e, "issues", "%d: no commit of this signature names it; say in evidence where it comes from", n)
		}
	}
	for _, c := range e.CVEs {
		if !slices.Contains(cves, c) {
			l.note(e, "cves", "%s: no commit of this signature names it; say in evidence where it comes from", c)
		}
	}
}
