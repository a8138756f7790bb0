package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// groupStream writes groups in one of the forms that are not text.
type groupStream struct {
	w     io.Writer
	o     Options
	tally *tally
	print func(*groupStream, io.Writer, *crash.Report) error
}

// groupsAs makes the constructor of a presenter of groups.
func groupsAs(print func(*groupStream, io.Writer, *crash.Report) error) func(io.Writer, Options) Stream {
	return func(w io.Writer, o Options) Stream {
		return &groupStream{w: w, o: o, tally: newTally(o.Redact), print: print}
	}
}

func (s *groupStream) Crash(c *crash.Crash) error {
	s.tally.take(c)
	return nil
}

func (s *groupStream) Close(r *crash.Report) error {
	whole := crash.Report{Schema: crash.Schema, Unredacted: s.o.Redact.Off, Tool: s.o.Tool, Crashes: []crash.Crash{}, Groups: s.tally.sorted(), Ungrouped: s.tally.left}
	if r != nil {
		redact.Rest(r, s.o.Redact)
		whole.Inputs = r.Inputs
		whole.Tool = cmp.Or(whole.Tool, r.Tool)
	}
	var b bytes.Buffer
	if err := s.print(s, &b, &whole); err != nil {
		return err
	}
	_, err := s.w.Write(b.Bytes())
	return err
}

func (s *groupStream) document(w io.Writer, r *crash.Report) error {
	return encode(&document{w: w, after: "\n"}, r, "")
}

// groupLine is one line of JSON lines: a group with what it needs to stand alone,
// or how many crashes found no room in one ($defs/groupLine of the schema).
type groupLine struct {
	Schema     string      `json:"schema"`
	Unredacted bool        `json:"unredacted,omitempty"`
	Tool       *crash.Tool `json:"tool,omitempty"`
	Ungrouped  int         `json:"ungrouped,omitempty"`
	*crash.Group
}

func (s *groupStream) lines(w io.Writer, r *crash.Report) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i := range r.Groups {
		if err := e.Encode(groupLine{Schema: r.Schema, Unredacted: r.Unredacted, Tool: r.Tool, Group: &r.Groups[i]}); err != nil {
			return err
		}
	}
	if r.Ungrouped > 0 {
		if err := e.Encode(groupLine{Schema: r.Schema, Unredacted: r.Unredacted, Tool: r.Tool, Ungrouped: r.Ungrouped}); err != nil {
			return err
		}
	}
	_, err := w.Write(escapeJSON(b.Bytes()))
	return err
}

// markdown writes a table, within what GitHub takes in a comment.
func (s *groupStream) markdown(w io.Writer, r *crash.Report) error {
	m := &markdownDoc{left: maxMarkdown}
	if len(r.Groups) == 0 {
		m.put("No crash was found in " + inputList(r.Inputs) + ".\n")
		_, err := io.WriteString(w, m.b.String())
		return err
	}
	const most = 100
	t := Table{}
	for i := range r.Groups[:min(len(r.Groups), most)] {
		g := &r.Groups[i]
		row := []Text{Text(number(int64(g.Count))), dataText(string(g.Kind))}
		t.Header = []string{"Count", "Kind"}
		for _, x := range groupRows(g) {
			t.Header, row = append(t.Header, x.Label), append(row, x.Value)
		}
		t.Rows = append(t.Rows, row)
	}
	text := mdWarning(s.o) + "> Written by " + madeBy(r.Tool, s.o) + ". " + capital(s.tally.holds.Statement()) + " Read it before you post it.\n\n" + m.table(&t)
	if m.err != nil {
		return m.err
	}
	text += "\n" + allGroups(r.Groups, r.Ungrouped) + "."
	if n := len(r.Groups) - most; n > 0 {
		text += " " + capital(plural(n, "group")) + " more in the JSON format."
	}
	for line := range strings.Lines(text + "\n") {
		if !m.put(line) {
			m.b.WriteString("\nSome groups were left out for their length; all are in the JSON format.\n")
			break
		}
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

// groupRows is what is known of a group beside its count and its kind; a value may
// have several lines.
func groupRows(g *crash.Group) []Row {
	lines := func(list []string) Text { return Text(strings.Join(list, "\n")) }
	return []Row{
		{"What", Text(sentence(groupWhat(g)))},
		{"Verdict", lines(groupVerdicts(g))},
		{"Versions", Text(strings.Join(groupVersions(g), ", "))},
		{"Seen", groupWhen(g)},
		{"Hosts", Text(groupHosts(g))},
		{"Fingerprint", dataText(g.Fingerprint + ofStrength(g.Strength))},
		{"Example", groupExample(g)},
	}
}

// groupCell is what is known of a group in one cell. How many hosts there are stands
// beside it.
func groupCell(g *crash.Group) Text {
	var lines []string
	for _, r := range groupRows(g) {
		switch {
		case r.Value == "" || r.Label == "Hosts":
		case r.Label == "Example" && g.Count > 1:
			lines = append(lines, "such as "+string(r.Value))
		default:
			lines = append(lines, string(r.Value))
		}
	}
	return Text(strings.Join(lines, "\n"))
}

// groupWhen is from when to when a group was seen.
func groupWhen(g *crash.Group) Text {
	if g.FirstSeen == "" {
		return "time unknown"
	}
	s := data(g.FirstSeen)
	if g.LastSeen != g.FirstSeen {
		s += " to " + data(g.LastSeen)
	}
	if g.Undated > 0 {
		s += ", " + number(int64(g.Undated)) + " at times that do not compare"
	}
	return Text(s)
}

// groupWhat says what happened, and to how many on purpose.
func groupWhat(g *crash.Group) string {
	switch g.Provoked {
	case 0:
		return g.What
	case g.Count:
		return g.What + "; crashed on purpose"
	}
	return fmt.Sprintf("%s; %s of %s on purpose", g.What, number(int64(g.Provoked)), number(int64(g.Count)))
}

func groupHosts(g *crash.Group) string {
	s := number(int64(g.Hosts))
	switch {
	case g.MoreHosts:
		return s + " or more"
	case g.Hosts == 0:
		return "unknown"
	}
	return s
}

// groupVersions are versions with how many crashes have each.
func groupVersions(g *crash.Group) []string {
	const most = 4
	var out []string
	rest := g.OtherVersions
	for i, v := range g.Versions {
		if i >= most {
			rest += v.Count
			continue
		}
		name := "unknown version"
		if v.Version != "" {
			name = data(v.Version)
		}
		out = append(out, name+times(v.Count, g.Count))
	}
	if rest > 0 {
		out = append(out, "others"+times(rest, g.Count))
	}
	return out
}

// times is how many of a group something is said of, unless it is all of it.
func times(n, all int) string {
	if n == all {
		return ""
	}
	return " (" + number(int64(n)) + ")"
}

// groupVerdicts are verdicts with how many crashes have each, what fits, and how
// the version stands to it.
func groupVerdicts(g *crash.Group) []string {
	const most = 3
	var out []string
	rest := g.OtherVerdicts
	for i, v := range g.Verdicts {
		if i >= most {
			rest += v.Count
			continue
		}
		s := data(string(v.Status))
		if plainWord(v.Status) {
			s = strings.ToLower(verdictWord(v.Status))
		}
		if v.ID != "" {
			s += " " + data(v.ID)
		}
		s += times(v.Count, g.Count)
		switch {
		case v.VersionStatus == "":
		case plainWord(v.VersionStatus):
			s += ", version: " + statusShort(v.VersionStatus)
		default:
			s += ", version: " + data(string(v.VersionStatus))
		}
		if v.Fix != "" {
			s += ", fix " + commitShort(v.Fix)
		}
		if len(v.FixedIn) > 0 {
			s += " in " + data(strings.Join(v.FixedIn, ", "))
		}
		out = append(out, s)
	}
	if rest > 0 {
		out = append(out, "other verdicts"+times(rest, g.Count))
	}
	return out
}

// groupExample says which crash to look at.
func groupExample(g *crash.Group) Text {
	e := g.Example
	if e == nil {
		return ""
	}
	var parts []string
	for i, in := range e.Input {
		if i == 0 && e.Where != "" {
			in = inputName(in) + ": " + e.Where
		}
		parts = append(parts, data(inputName(in)))
	}
	if e.PID > 0 {
		parts = append(parts, fmt.Sprint("process ", e.PID))
	}
	if e.Host != "" {
		parts = append(parts, "host "+data(e.Host))
	}
	return Text(strings.Join(parts, ", "))
}

// allGroups counts them, and what was left out.
func allGroups(list []crash.Group, left int) string {
	all := left
	for i := range list {
		all += list[i].Count
	}
	what := number(int64(all)) + " crashes or warnings"
	if all == 1 {
		what = "1 crash or warning"
	}
	s := what + " in " + plural(len(list), "group")
	if left > 0 {
		s += fmt.Sprintf("; %s of other groups found no room", number(int64(left)))
	}
	return s
}
