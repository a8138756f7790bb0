package history

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/source"
)

// firstTag begins the part of the history that is kept.
const firstTag = "2.0-dev0"

// Source is something that tells what a maintained branch has: a CHANGELOG, or a
// clone that has the branch.
type Source struct {
	// Branch may be left out: a clone is then asked for every branch it has, and a
	// CHANGELOG is that of the first release it names.
	Branch string
	Path   string
}

// ParseSources reads a list of BRANCH=PATH, or PATH alone.
func ParseSources(list []string) ([]Source, error) {
	var out []Source
	for _, s := range list {
		branch, path, ok := strings.Cut(s, "=")
		if !ok {
			branch, path = "", s
		}
		if path == "" || ok && branch == "" {
			return nil, fmt.Errorf("%q: want BRANCH=PATH, such as 3.0=CHANGELOG, or PATH", s)
		}
		out = append(out, Source{branch, path})
	}
	return out, nil
}

// Options say what to import.
type Options struct {
	// Git is a clone of HAProxy. It may be left out where there is From: what the
	// sources tell of the branches is then added to that, and master stays as it is.
	Git string
	// Changelogs may be packed with gzip.
	Changelogs []Source
	StableGit  []Source
	// From is an index to add to; nil to start anew.
	From *fixes.Index
	// Log is called with a line for each thing that was read; it may be nil.
	Log func(string)
}

// importer is one import.
type importer struct {
	Options
	master   []commit       // the whole of it, or what From knows of it; oldest first
	byHash   []int          // of master, sorted by hash
	byTitle  map[uint32]int // MarkOf(subject) -> in master; -1 when several have it
	base     int            // of 2.0-dev0 in master
	newest   string         // branch that is in development
	content  *fixes.Content
	previous int // positions up to this one are in From
}

// Import reads the history and gives the index.
func Import(ctx context.Context, o Options) (*fixes.Content, error) {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	m := &importer{Options: o, content: &fixes.Content{}, previous: -1}
	if o.Git == "" {
		if err := m.masterOfIndex(); err != nil {
			return nil, err
		}
		return m.content, m.readBranches(ctx, nil)
	}
	r, err := open(ctx, o.Git)
	if err != nil {
		return nil, err
	}
	defer r.stop()
	for _, step := range []func(context.Context, *repo) error{m.readMaster, m.readTags, m.readFixes, m.readBranches} {
		if err := step(ctx, r); err != nil {
			return nil, err
		}
	}
	return m.content, nil
}

// readMaster finds master, lists it and sets the order.
func (m *importer) readMaster(ctx context.Context, r *repo) error {
	ref := ""
	for _, name := range []string{"refs/heads/master", "refs/remotes/origin/master", "HEAD"} {
		if _, err := r.output(ctx, nil, "rev-parse", "--verify", "--quiet", name+"^{commit}"); err == nil {
			ref = name
			break
		}
	}
	if ref == "" {
		return fmt.Errorf("%s: it has no master and no HEAD; want a clone of HAProxy", m.Git)
	}
	base, err := r.output(ctx, nil, "rev-parse", "--verify", "--quiet", "refs/tags/v"+firstTag+"^{commit}")
	if err != nil {
		return fmt.Errorf("%s: it has no tag v%s; want a clone of HAProxy with its tags (git fetch --tags)", m.Git, firstTag)
	}
	base = strings.TrimSpace(base)
	if _, err := r.output(ctx, nil, "merge-base", "--is-ancestor", base, ref); err != nil {
		return fmt.Errorf("%s: %s has not the tag v%s; want HAProxy's master", m.Git, ref, firstTag)
	}
	// Only the part after the tag is read with its texts.
	older, err := r.log(ctx, false, base)
	if err != nil {
		return err
	}
	newer, err := r.log(ctx, true, base+".."+ref)
	if err != nil {
		return err
	}
	m.master = append(older, newer...)
	m.base = len(older) - 1
	m.byTitle = make(map[uint32]int, len(m.master))
	for i := range m.master {
		m.title(fixes.MarkOf(m.master[i].subject), i)
	}
	m.sortByHash()
	for _, c := range m.master[m.base:] {
		b, err := hex.DecodeString(c.hash[:8])
		if err != nil {
			return fmt.Errorf("%s: a repository of another hash than HAProxy's", m.Git)
		}
		m.content.Order = append(m.content.Order, b...)
	}
	last := m.master[len(m.master)-1]
	m.content.Head, m.content.Day = last.hash, fixes.Day(time.Unix(last.seconds, 0))
	m.Log(fmt.Sprintf("%s: %d commits since %s, up to %s of %s", m.Git, len(m.master)-m.base, firstTag, last.hash[:10], m.content.Day.Format(time.DateOnly)))
	return m.startFrom()
}

// startFrom takes over what an older index has, when its history is the same.
func (m *importer) startFrom() error {
	if m.From == nil {
		return nil
	}
	old, err := m.From.Content()
	if err != nil {
		return err
	}
	n := len(old.Order)
	if n > len(m.content.Order) && strings.HasPrefix(string(old.Order), string(m.content.Order)) {
		return fmt.Errorf("%s: it is older than the index, which ends at %s; git pull brings the rest", m.Git, old.Head[:10])
	}
	if n > len(m.content.Order) || string(m.content.Order[:n]) != string(old.Order) {
		return fmt.Errorf("%s: not the history that the index was made from, which ends at %s; import without the old index", m.Git, old.Head[:10])
	}
	m.content.Fixes = slices.Clone(old.Fixes)
	m.content.Tables = slices.Clone(old.Tables)
	m.previous = len(old.Order)/4 - 1
	return nil
}

// cite gives the ten digits of a commit that is cited, "" if it is not on master.
func (m *importer) cite(hash, subject string) string {
	if i := m.find(hash, subject); i >= 0 {
		return m.master[i].hash[:10]
	}
	return ""
}

// readTags takes the tags that are on master.
func (m *importer) readTags(ctx context.Context, r *repo) error {
	text, err := r.output(ctx, nil, "for-each-ref", "--format=%(refname:strip=2) %(objectname) %(*objectname)", "refs/tags")
	if err != nil {
		return err
	}
	positions := map[string]int{}
	for i, c := range m.master[m.base:] {
		positions[c.hash] = i
	}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || !strings.HasPrefix(f[0], "v") {
			continue
		}
		v, err := haproxy.ParseVersion(f[0][1:])
		position, ok := positions[f[len(f)-1]]
		if err != nil || !ok || v.Suffix != "" || v.Commit != "" || v.BranchOnly() {
			continue
		}
		v, _ = haproxy.ParseVersion(v.String())
		c := m.master[m.base+position]
		m.content.Tags = append(m.content.Tags, fixes.Tag{Version: v, Commit: c.hash[:8], Date: fixes.Day(time.Unix(c.seconds, 0)), Position: position})
	}
	sort.Slice(m.content.Tags, func(i, j int) bool {
		a, b := m.content.Tags[i], m.content.Tags[j]
		if a.Position != b.Position {
			return a.Position < b.Position
		}
		return a.Version.Compare(b.Version) < 0
	})
	m.newest = m.content.Tags[len(m.content.Tags)-1].Version.Branch()
	return nil
}

// readFixes reads the fixes that are newer than those of From.
func (m *importer) readFixes(ctx context.Context, r *repo) error {
	rules := kindRules()
	var list []fixes.Fix
	place := map[string]int{}
	for position, c := range m.master[m.base:] {
		if position <= m.previous {
			continue
		}
		sub, ok := parseSubject(c.subject)
		if !ok {
			continue
		}
		place[c.hash] = len(list)
		list = append(list, m.fixOf(rules, position, c, sub))
	}
	conditions, err := m.conditions(ctx, r)
	if err != nil {
		return err
	}
	var hashes strings.Builder
	for i := range list {
		hashes.WriteString(list[i].Commit + "\n")
	}
	d := &difference{conditions: conditions, done: func(hash string, t touched) {
		i, ok := place[hash]
		if !ok {
			return
		}
		f := &list[i]
		f.Files, f.Changed, f.Called = t.files, t.changed, without(t.called, t.changed)
		f.Conditions = union(t.words, f.Conditions)
	}}
	if len(list) > 0 {
		err = r.run(ctx, strings.NewReader(hashes.String()), d.read, "log", "--stdin", "--no-walk=unsorted", "-p", "-U0", "-M", "--no-color", "--no-ext-diff",
			"--no-textconv", "--no-notes", "--src-prefix=a/", "--dst-prefix=b/", "--diff-merges=off", "--format=commit %H")
		if err != nil {
			return err
		}
	}
	m.content.Fixes = append(m.content.Fixes, list...)
	for i, t := range m.content.Tables { // those of From
		m.content.Tables[i] = t.Settle(list)
	}
	m.Log(fmt.Sprintf("%d fixes, %d of them new", len(m.content.Fixes), len(list)))
	return nil
}

func without(list, drop []string) []string {
	return slices.DeleteFunc(list, func(w string) bool { return slices.Contains(drop, w) })
}

func union(a, b []string) []string {
	var s wordSet
	for _, w := range slices.Concat(a, b) {
		s.add(w)
	}
	return s.sorted()
}

// fixOf reads what a commit's message says.
func (m *importer) fixOf(rules []kindRule, position int, c commit, sub subject) fixes.Fix {
	message := c.subject + "\n\n" + c.body
	f := fixes.Fix{
		Commit: c.hash, Position: position, Date: fixes.Day(time.Unix(c.seconds, 0)),
		Severity: sub.Severity, Subsystems: sub.Subsystems, Kinds: kindsOf(rules, message),
		Named: namedOf(message), Conditions: conditionsOf(message),
		Issues: issuesOf(message), CVEs: cvesOf(message), Mark: fixes.MarkOf(c.subject),
	}
	previous := ""
	if i := m.base + position - 1; i >= 0 {
		previous = m.master[i].hash[:10]
	}
	f.Backport = clauses{m.cite, m.newest}.of(c.body, previous)
	var brought, showed wordSet
	for _, cited := range rolesOf(c.body) {
		i := m.find(cited.hash, cited.subject)
		// Nothing is brought by a commit that came later.
		if i < 0 || i >= m.base+position {
			continue
		}
		switch cited.role {
		case introduced:
			brought.add(m.master[i].hash[:10])
		case exposed:
			showed.add(m.master[i].hash[:10])
		}
	}
	f.Introduced, f.Exposed = brought.sorted(), showed.sorted()
	if sub.Revert {
		hash := ""
		if r := reReverts().FindStringSubmatch(c.body); r != nil {
			hash = r[1]
		}
		inner := strings.Trim(strings.TrimPrefix(c.subject, "Revert "), `" `)
		f.Revert = m.cite(hash, inner)
	}
	return f
}

// conditions are the identifiers that occur in some BUG_ON of the tree, of the
// newest and of each X.Y.0.
func (m *importer) conditions(ctx context.Context, r *repo) (map[string]bool, error) {
	trees := []string{m.content.Head}
	for _, t := range m.content.Tags {
		if t.Version.Patch == 0 {
			trees = append(trees, m.master[m.base+t.Position].hash)
		}
	}
	words := map[string]bool{}
	args := append([]string{"grep", "-h", "--no-color", "-A3", "-I", "-E", `\b(BUG_ON|BUG_ON_HOT|BUG_ON_STRESS|CHECK_IF|CHECK_IF_HOT|WARN_ON)\(`}, trees...)
	text, err := r.output(ctx, nil, append(args, "--")...)
	if err != nil && !strings.HasSuffix(err.Error(), "exit status 1") {
		return nil, err
	}
	for _, at := range reBugOn().FindAllStringIndex(text, -1) {
		for _, w := range identifiers(inBrackets(text[at[1]:min(len(text), at[1]+maxCondition)])) {
			words[w] = true
		}
	}
	return words, ctx.Err()
}

// readBranches reads what is told of the maintained branches.
func (m *importer) readBranches(ctx context.Context, r *repo) error {
	for _, s := range m.StableGit {
		if err := m.stable(ctx, s); err != nil {
			return err
		}
	}
	for _, s := range m.Changelogs {
		found, err := m.changelog(&s)
		if err != nil {
			return err
		}
		m.content.Tables = fixes.WithTable(m.content.Tables, found.Table)
		for _, t := range m.content.Tables {
			if gap := t.Gap(); t.Branch == s.Branch && gap != 0 {
				return fmt.Errorf("%s: %s.%d is not whole in it, and not known otherwise; want the whole CHANGELOG", s.Path, s.Branch, gap)
			}
		}
		m.Log(fmt.Sprintf("%s: %s up to %s.%d, %d of %d lines found, %d of the others fit several fixes",
			s.Path, s.Branch, s.Branch, found.Table.Complete, found.Found, found.Lines, found.Several))
	}
	return nil
}

func (m *importer) changelog(s *Source) (*fixes.Searched, error) {
	b, err := source.Small(s.Path, maxChangelog)
	if err != nil {
		return nil, err
	}
	in, err := plain(bytes.NewReader(b))
	var found *fixes.Searched
	if err == nil {
		text := bufio.NewReaderSize(in, fixes.ChangelogHead)
		if s.Branch == "" {
			s.Branch = fixes.ChangelogBranch(text)
		}
		if s.Branch == "" {
			return nil, fmt.Errorf("%s: no release at its beginning; want the CHANGELOG of a branch of HAProxy", s.Path)
		}
		found, err = fixes.Search(text, s.Branch, m.content.Tags, m.content.Fixes)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	return found, nil
}

// maxChangelog is how large a CHANGELOG may be, in bytes, packed or not. HAProxy's has
// 1.5 million.
const maxChangelog = 32 << 20

// plain gives the text of a file that may be packed with gzip, as CHANGELOGs in
// packages are, up to maxChangelog bytes.
func plain(file io.ReadSeeker) (io.Reader, error) {
	head := make([]byte, 2)
	n, _ := io.ReadFull(file, head)
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if n == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(file)
		if err != nil {
			return nil, err
		}
		return io.LimitReader(z, maxChangelog), nil
	}
	return file, nil
}
