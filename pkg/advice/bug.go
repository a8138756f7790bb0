package advice

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// placeOf is what HAProxy's history says of a version: what its branch's newest release
// brings, and where to go when the branch gets no more.
func placeOf(x *fixes.Index, v haproxy.Version) *place {
	p := &place{values: values{}}
	if x.Ended(v.Branch()) {
		p.facts |= ended
	}
	if first, last, ok := x.Successors(v); ok {
		text := "such as " + first.String()
		if last.Compare(first) > 0 {
			text = "from " + first.String() + " (the nearest) to " + last.String()
		}
		p.values.ours("successors", text)
	}
	if tags := x.Tags(); v.IsDev() && len(tags) > 0 {
		p.values.ours("master", tags[len(tags)-1].Version.String())
		if last, ok := x.Complete(v.Branch()); ok {
			p.values.ours("branch_release", last.String())
		}
	}
	up, err := x.Upgrade(v, sentences.Crash)
	if err != nil {
		return p
	}
	p.values.ours("newest", up.Release.String())
	if up.Release.Compare(v) <= 0 {
		p.facts |= newest
	}
	if p.fixes = up.Fixes; len(up.Fixes) > 0 {
		p.facts |= lacking
		p.values.ours("closes", fixCount(len(up.Fixes)))
	}
	return p
}

// history adds what is known of the version, where the verdict does not say it better.
func (s *situation) history(a *Adviser) {
	x, err := a.known.History(s.version)
	if err != nil || !s.is(stated) || slices.Contains(matched, s.status) || s.is(notOurs) {
		return
	}
	p := a.place(x, s.version)
	s.facts |= p.facts
	maps.Copy(s.values, p.values)
	if len(p.fixes) == 0 || !slices.Contains(unexplained, s.status) {
		return
	}
	q := classify.QueryOf(s.crash)
	functions, files := q.Names()
	switch n, err := x.Touching(p.fixes, functions, files, q.Labels); {
	case err != nil || n == 0:
	case n == 1:
		s.set(near, true)
		s.values.ours("near", "1 of them touches")
	default:
		s.set(near, true)
		s.values.ours("near", strconv.Itoa(n)+" of them touch")
	}
}

func fixCount(n int) string {
	if n == 1 {
		return "1 crash fix"
	}
	return strconv.Itoa(n) + " crash fixes"
}

// bug is what the verdict names: the release to take, and how to live without it.
func (s *situation) bug(a *Adviser) {
	v := s.crash.Verdict
	if v == nil {
		return
	}
	x, err := a.known.History(s.version)
	if err != nil {
		return
	}
	if len(v.Matches) > 0 {
		s.match(a, x, &v.Matches[0])
		s.severalMatches(x, v.Matches)
	}
	if len(v.Suspects) > 0 && v.Status == crash.Suspects {
		s.suspects(x, v.Suspects)
	}
}

// severalMatches is what all bugs that fit have in common.
func (s *situation) severalMatches(x *fixes.Index, list []crash.Match) {
	if len(list) < 2 {
		return
	}
	s.set(several, true)
	s.values.ours("matches", strconv.Itoa(len(list)))
	var ids []string
	var all haproxy.Version
	whole := true
	for i := range list {
		if usable(list[i].ID, isWords) {
			ids = append(ids, lex.ShellWord(list[i].ID))
		}
		r, ok := x.FirstWith(s.version, versions(list[i].FixedIn))
		whole = whole && ok && (all.Raw == "" || r.IsDev() || r.Branch() == all.Branch())
		if r.Compare(all) > 0 {
			all = r
		}
	}
	s.values.ours("ids", strings.Join(ids, " "))
	if whole {
		s.values.ours("release_of_all", all.String())
	}
}

// match is the bug that fits best.
func (s *situation) match(a *Adviser, x *fixes.Index, m *crash.Match) {
	s.set(affected, m.VersionStatus == crash.Affected)
	s.set(unsure, m.VersionStatus == crash.VersionCannotTell)
	s.values["if_so"] = value{}
	if s.status != crash.Known {
		s.values.ours("if_so", ", if it is this bug")
	}
	s.values.read("id", m.ID, isWords)
	if len(m.Fixes) > 0 {
		s.values.read("fix", short(m.Fixes[0]), isHash)
	}
	if len(m.Issues) > 0 {
		s.values.ours("issue", "#"+strconv.Itoa(m.Issues[0]))
	}
	first := versions(m.FixedIn)
	if s.is(stated) {
		r, ok := x.FirstWith(s.version, first)
		s.set(ownBranch, ok && (r.Branch() == s.version.Branch() || s.version.IsDev()))
		s.set(unreleased, !ok && len(first) > 0)
		if ok {
			s.values.ours("release", r.String())
			s.values.ours("release_branch", r.Branch())
		}
	} else {
		s.values.ours("releases", strings.Join(maintained(x, first), " or "))
	}
	sig, ok := a.known.Get(m.ID)
	if !ok {
		return
	}
	text := strings.TrimRight(sig.Advice, ". ")
	s.values.read("advice", lower(text), isSentence)
	if first, rest, _ := strings.Cut(text, ". "); strings.HasPrefix(first, "Until the upgrade, ") {
		s.values.read("avoid", lower(first), isSentence)
		s.values.read("avoid_why", lower(rest), isSentence)
	}
}

// lower makes the first letter of a sentence small, but for that of a name.
func lower(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func short(commit string) string { return commit[:min(len(commit), 10)] }

func versions(list []string) []haproxy.Version {
	var out []haproxy.Version
	for _, s := range list {
		if v, err := haproxy.ParseVersion(s); err == nil {
			out = append(out, v)
		}
	}
	return out
}

// mostReleases are named where the branch is not known.
const mostReleases = 4

// maintained are the production releases of branches that get more, newest first.
func maintained(x *fixes.Index, list []haproxy.Version) []string {
	var out []string
	for _, v := range slices.SortedFunc(slices.Values(list), func(a, b haproxy.Version) int { return b.Compare(a) }) {
		if !v.IsDev() && !x.Ended(v.Branch()) && len(out) < mostReleases {
			out = append(out, v.String())
		}
	}
	return out
}

// suspects are fixes of which one may be of the crash: the likeliest, and how many the newest
// release of the branch has.
func (s *situation) suspects(x *fixes.Index, list []crash.Suspect) {
	list = list[:min(len(list), classify.FewSuspects)]
	s.values.read("suspect", short(list[0].Commit), isHash)
	s.values.ours("suspected", strconv.Itoa(len(list)))
	if said, ok := sentences.Of(list[0].Commit); ok {
		s.values.ours("suspect_is", lower(strings.TrimRight(said.Text, ". ")))
	}
	last, ok := x.Complete(s.version.Branch())
	if !ok || !s.is(production) {
		return
	}
	n := 0
	for i := range list {
		if r, ok := x.FirstWith(s.version, versions(list[i].FixedIn)); ok && r.Branch() == last.Branch() && r.Compare(last) <= 0 && r.Compare(s.version) > 0 {
			n++
		}
	}
	if n > 0 {
		s.set(helped, true)
		s.values.ours("helps", strconv.Itoa(n))
	}
}
