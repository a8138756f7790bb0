package signatures

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// stable compares the releases of maintained branches with the tables of the
// index. What a table does not reach is not checked.
func (l *Linter) stable(e *linted) {
	for _, r := range e.Versions.Fixed {
		if r.Branch != "master" {
			l.stableRelease(e, r)
		}
	}
	if e.fix.fix == nil {
		return
	}
	for _, branch := range l.index.Branches() {
		in, ok := l.index.Landed(branch, e.fix.position)
		if !ok || e.Versions.Fixed.Of(branch) != "" {
			continue
		}
		if e.Versions.Complete {
			l.complain(e, "versions.complete", "the table of %s has the fix in %s.%d; add it to fixed", branch, branch, in.Patch)
		} else {
			l.note(e, "versions.fixed", "the table of %s has the fix in %s.%d; add it, and to introduced where that branch got the bug, if not in %s.0", branch, branch, in.Patch, branch)
		}
	}
}

func (l *Linter) stableRelease(e *linted, r fixes.BranchRelease) {
	path := "versions.fixed." + r.Branch
	v, err := haproxy.ParseVersion(r.Version)
	if err != nil {
		return // complained about by the form
	}
	if in, ok := l.release(e.fix.position); ok && v.CompareBranch(in) >= 0 {
		l.complain(e, path, "%s: %s.0 has the fix already, from master; take the line out", v, r.Branch)
		return
	}
	last, ok := l.index.Complete(r.Branch)
	if !ok || e.fix.fix == nil {
		return
	}
	in, landed := l.index.Landed(r.Branch, e.fix.position)
	switch {
	case landed && in.Patch != v.Patch:
		l.complain(e, path, "%s: by the table of %s it is %s.%d (%s); say that", v, r.Branch, r.Branch, in.Patch, in.Basis)
	case !landed && v.Patch <= last.Patch:
		l.complain(e, path, "%s: the table of %s, searched up to %s, has no such fix; correct it", v, r.Branch, last)
	}
}

// backported checks the releases of maintained branches that got the bug: where a
// commit that brought it is a fix itself, by the table.
func (l *Linter) backported(e *linted, commits map[string]known) {
	for _, r := range e.Versions.Introduced {
		v, err := haproxy.ParseVersion(r.Version)
		if r.Branch == "master" || err != nil {
			continue
		}
		path := "versions.introduced." + r.Branch
		if fixed, ok := e.Versions.Fixed.In(r.Branch); ok && v.Compare(fixed) > 0 {
			l.complain(e, path, "%s: later than %s, the release with the fix; correct one of them", v, fixed)
		}
		var came []int
		for _, c := range slices.Concat(e.IntroducedBy, e.ExposedBy) {
			if in, ok := l.index.Landed(r.Branch, commits[c].position); ok && commits[c].fix != nil {
				came = append(came, in.Patch)
			}
		}
		if len(came) > 0 && !slices.Contains(came, v.Patch) {
			l.complain(e, path, "%s: by the table of %s what brought the bug came in %s.%d; correct it", v, r.Branch, r.Branch, slices.Max(came))
		}
	}
}

// backport is the index's word for a clause, "" when it says no branch.
func backport(c fixes.Clause) string {
	switch c.Kind {
	case fixes.Floor:
		return c.Floor
	case fixes.All, fixes.None:
		return c.Kind.String()
	}
	return ""
}

// clause compares how far down the fix was asked for. The index reads that by
// machine out of a sentence, so that a difference is no proof.
func (l *Linter) clause(e *linted) {
	if e.fix.fix == nil {
		return
	}
	if read := backport(e.fix.fix.Backport); read != "" && read != e.Versions.Floor {
		l.note(e, "versions.backport", "%s: the index reads %s out of the message; check it there", e.Versions.Floor, quoteBranch(read))
	}
}

func quoteBranch(s string) string {
	if s == "all" || s == "none" {
		return s
	}
	return fmt.Sprintf("%q", s)
}

// versions are the releases that the index knows: those of master, and those of
// branches with a table.
func (l *Linter) versions() []haproxy.Version {
	var list []haproxy.Version
	for _, t := range l.index.Tags() {
		list = append(list, t.Version)
	}
	for _, branch := range l.index.Branches() {
		last, _ := l.index.Complete(branch)
		for z := 1; z <= last.Patch; z++ {
			if v, err := haproxy.ParseVersion(branch + "." + strconv.Itoa(z)); err == nil {
				list = append(list, v)
			}
		}
	}
	return list
}
