package report

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// groupText is the report for a terminal that has groups only.
type groupText struct{ textStream }

func (s *groupText) Crash(c *crash.Crash) error {
	redact.Crash(c, s.o.Redact)
	s.n++
	s.tally.add(c)
	return nil
}

func (s *groupText) Close(r *crash.Report) error {
	s.warn()
	if s.n == 0 {
		s.line("No crash found.")
		return s.end(r)
	}
	if err := s.summary(); err != nil {
		return err
	}
	s.para("", capital(s.tally.holds.Statement()))
	return s.end(r)
}

// summary prints the groups.
func (s *textStream) summary() error {
	const most = 100
	list := s.tally.sorted()
	header := []string{"COUNT", "KIND, HOSTS", "WHAT, VERDICT, VERSIONS, WHEN, FINGERPRINT, EXAMPLE"}
	rows := [][]string{header}
	for i := range list[:min(len(list), most)] {
		g := &list[i]
		rows = append(rows, []string{number(int64(g.Count)), s.groupKind(g), ""})
	}
	room := s.o.Width
	for _, w := range columnWidths(rows)[:2] {
		room -= w + 2
	}
	rows[0][2] = strings.Join(wrap(header[2], room), "\n")
	for i := range rows[1:] {
		rows[i+1][2] = s.groupCell(&list[i], max(room, 16))
	}
	if err := s.table("", rows[0], rows[1:]); err != nil {
		return err
	}
	if n := len(list) - most; n > 0 {
		s.line(plural(n, "group") + " more in --group --format json")
	}
	s.para("", allGroups(list, s.tally.left))
	return nil
}

func (s *textStream) groupKind(g *crash.Group) string {
	kind := clip(Escape(string(g.Kind)), 20)
	if g.Hosts > 1 || g.MoreHosts {
		kind += "\n" + groupHosts(g) + " hosts"
	}
	return kind
}

// groupCell is what is known of a group, a line or more for each thing.
func (s *textStream) groupCell(g *crash.Group, room int) string {
	var lines []string
	add := func(text string) { lines = append(lines, wrap(text, room)...) }
	add(Escape(groupWhat(g)))
	for _, v := range groupVerdicts(g, s.word) {
		add(v)
	}
	add(strings.Join(groupVersions(g, s.word), ", "))
	add(groupWhen(g, s.word))
	add(Escape(g.Fingerprint))
	if e := groupExample(g, s.word); e != "" && g.Count > 1 {
		add("such as " + e)
	} else {
		add(e)
	}
	return strings.Join(lines, "\n")
}

// groupWhen is from when to when a group was seen.
func groupWhen(g *crash.Group, q quoter) string {
	if g.FirstSeen == "" {
		return "time unknown"
	}
	s := q(g.FirstSeen)
	if g.LastSeen != g.FirstSeen {
		s += " to " + q(g.LastSeen)
	}
	if g.Undated > 0 {
		s += ", " + number(int64(g.Undated)) + " at times that do not compare"
	}
	return s
}
