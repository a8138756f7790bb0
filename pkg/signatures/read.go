package signatures

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// signature reads one entry of a file.
func (r *reader) signature(n ast.Node) (s Signature) {
	r.id = ""
	pairs := r.mapping(n)
	for _, p := range pairs {
		if p.key == "id" {
			s.ID, _ = r.scalar(p.node)
			r.id = s.ID
		}
	}
	if !isID(s.ID) || len(s.ID) > 60 {
		r.complain(n, "id %q: want lower-case words joined by -, such as cli-end-state", s.ID)
	}
	texts := map[string]*string{"title": &s.Title, "facts": &s.Facts, "advice": &s.Advice, "evidence": &s.Evidence}
	commits := map[string]*[]string{"related": &s.Related, "lookalikes": &s.Lookalikes, "exposed_by": &s.ExposedBy, "introduced_by": &s.IntroducedBy}
	requireAt := n
	for _, p := range pairs {
		r.mark(p.key, p)
		if text := texts[p.key]; text != nil {
			*text, _ = r.scalar(p.node)
			continue
		}
		if list := commits[p.key]; list != nil {
			*list = r.commits(p)
			continue
		}
		switch p.key {
		case "id":
		case "fix":
			if l := r.commits(p); len(l) == 1 {
				s.Fix = l[0]
			} else {
				r.complain(p.node, "fix: want one commit; others go to related")
			}
		case "cves":
			s.CVEs = r.forms(p, isCVE, "number such as CVE-2024-45506")
		case "references":
			s.References = r.forms(p, func(v string) bool { return strings.HasPrefix(v, "https://") }, "https:// address")
		case "issues":
			s.Issues = r.issues(p)
		case "require":
			requireAt = p.at
			s.Require, s.AnyOf = r.tests(p.key, p.node, true)
		case "forbid":
			s.Forbid, _ = r.tests(p.key, p.node, false)
		case "support":
			s.Support, _ = r.tests(p.key, p.node, false)
		case "versions":
			r.versions(p, &s.Versions)
		case "unique":
			s.Unique, s.Decisive = r.unique(p)
		case "fallback":
			s.Fallback = r.bool(p.node)
		default:
			r.complain(p.at, "no such key: %s", p.key)
		}
	}
	r.sound(n, requireAt, s)
	return s
}

// unique reads true, false, or what makes a signature unique: one group of facts or a list.
func (r *reader) unique(p pair) (bool, [][]Test) {
	switch p.node.(type) {
	case *ast.SequenceNode:
		return true, r.groups(p.key, p.node)
	case *ast.MappingNode, *ast.MappingValueNode:
		tests, _ := r.tests(p.key, p.node, false)
		return true, [][]Test{tests}
	}
	return r.bool(p.node), nil
}

func (r *reader) issues(p pair) (out []int) {
	for _, v := range r.list(p.node) {
		i, err := strconv.Atoi(v)
		if err != nil || i <= 0 || i > 1e6 {
			r.complain(p.node, "issues: %q is no issue number", v)
			continue
		}
		out = append(out, i)
	}
	return out
}

func (r *reader) commits(p pair) []string {
	return r.forms(p, isCommit, "commit of 10 to 40 hex digits")
}

// forms reads a list whose values must have a form.
func (r *reader) forms(p pair, ok func(string) bool, want string) []string {
	l := r.list(p.node)
	for _, v := range l {
		if !ok(v) {
			r.complain(p.node, "%s: %q is no %s", p.key, v, want)
		}
	}
	return l
}

func (r *reader) versions(at pair, v *fixes.Versions) {
	for _, p := range r.mapping(at.node) {
		path := at.key + "." + p.key
		r.mark(path, p)
		switch p.key {
		case "introduced":
			v.Introduced = r.releases(path, p.node)
		case "fixed":
			v.Fixed = r.releases(path, p.node)
		case "backport":
			v.Floor, _ = r.scalar(p.node)
			if !slices.Contains([]string{"all", "none", "unknown"}, v.Floor) && !isBranch(v.Floor) {
				r.complain(p.node, "backport: want a branch, all, none or unknown")
			}
		case "fix_date":
			v.FixDate, _ = r.scalar(p.node)
			if !isDate(v.FixDate) {
				r.complain(p.node, "fix_date: want YYYY-MM-DD")
			}
		case "complete":
			v.Complete = r.bool(p.node)
		default:
			r.complain(p.at, "versions: no such key: %s", p.key)
		}
	}
}

// sound checks what a signature must have to be more than a wish.
func (r *reader) sound(n, require ast.Node, s Signature) {
	for _, m := range [...]struct{ key, value string }{
		{"title", s.Title}, {"facts", s.Facts}, {"evidence", s.Evidence}, {"fix", s.Fix},
	} {
		if m.value == "" {
			r.complain(n, "%s is missing", m.key)
		}
	}
	if s.Versions.Fixed.Of("master") == "" {
		r.complain(n, "versions: fixed: master is missing; name the first release of master with the fix")
	}
	if s.Versions.Floor == "" {
		r.complain(n, "versions: backport is missing; say the lowest branch, all, none or unknown")
	}
	var kinds []string
	for _, t := range s.Require {
		if t.Key == "kind" {
			kinds = t.Values
		}
	}
	if len(kinds) == 0 {
		r.complain(require, "require: kind is missing")
	}
	if !s.discriminates() && s.Unique {
		r.complain(require, "require: kind and object alone fit too much for unique: true")
	}
	if !s.discriminates() && s.Versions.Introduced.Of("master") == "" {
		r.complain(require, "require: nothing tells this bug from others; then versions: introduced is needed")
	}
	// A label says less than a condition. Where a bug began is needed before a
	// spin of every older version can be called by its name.
	if slices.Contains(kinds, "spinning") && s.Unique && s.Versions.Introduced.Of("master") == "" {
		r.complain(require, "unique: a spin needs versions: introduced")
	}
	if !s.Unique && len(s.Lookalikes) > 0 {
		r.complain(n, "lookalikes: they limit unique, which is not said")
	}
	if s.Unique && s.Fallback {
		r.complain(require, "a fallback cannot be unique")
	}
}

// discriminates says that the signature asks for more than a kind of crash.
func (s Signature) discriminates() bool {
	tells := func(t Test) bool { return points(t.Key) >= 10 && t.Key != "kind" }
	if slices.ContainsFunc(s.Require, tells) {
		return true
	}
	if len(s.AnyOf) == 0 {
		return false
	}
	for _, g := range s.AnyOf {
		if !slices.ContainsFunc(g, tells) {
			return false
		}
	}
	return true
}

// Condition is the form in which conditions of assertions are compared: no
// blanks, one spelling of NULL, no cast around constants that a compiler's
// headers add.
func Condition(s string) string {
	s = strings.Join(strings.Fields(s), "")
	// NULL is ((void*)0) in C headers, (void*)0 in some, nullptr in new ones.
	for _, n := range [...]string{"((void*)0)", "((void*)0L)", "(void*)0", "nullptr"} {
		s = strings.ReplaceAll(s, n, "NULL")
	}
	return s
}
