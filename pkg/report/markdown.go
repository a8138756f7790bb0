package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// GitHub takes 65,536 characters in an issue. The report stays below with room
// for what the reporter adds.
const (
	maxMarkdown    = 60000
	maxMarkdownAll = 50 // crashes that are kept
)

// markdownStream writes a report whose sections are the fields of HAProxy's bug
// form (.github/ISSUE_TEMPLATE/Bug.yml), in its order, ready to be pasted. It
// fills in what it knows and asks the reporter for the rest in comments, which
// nobody sees once the issue is posted.
type markdownStream struct {
	w       io.Writer
	o       Options
	crashes []*crash.Crash
	left    int // crashes beyond maxMarkdownAll
	holds   redact.Holdings
	tally   *tally
}

func newMarkdown(w io.Writer, o Options) Stream {
	return &markdownStream{w: w, o: o, tally: newTally(o.Redact)}
}

func (s *markdownStream) Crash(c *crash.Crash) error {
	h := redact.Crash(c, s.o.Redact)
	s.tally.add(c)
	if len(s.crashes) == maxMarkdownAll {
		s.left++
		return nil
	}
	s.holds.Add(h)
	s.crashes = append(s.crashes, c)
	return nil
}

func (s *markdownStream) Close(r *crash.Report) error {
	d := &markdownDoc{left: maxMarkdown}
	if r == nil {
		r = &crash.Report{}
	}
	redact.Rest(r, s.o.Redact)
	tool := s.o.Tool
	if tool == nil {
		tool = r.Tool
	}
	d.put(mdWarning(s.o))
	if len(s.crashes) == 0 {
		d.put("No crash was found in " + inputList(r.Inputs) + ".\n")
		_, err := io.WriteString(s.w, d.b.String())
		return err
	}
	// The form is for one problem: the first real crash is the one it is about.
	main := s.crashes[0]
	for _, c := range s.crashes {
		if c.Fatal {
			main = c
			break
		}
	}
	made := "hacrash"
	if k := mdKnowledge(tool, s.o.Now); k != "" {
		made = k
	}
	d.put("> Written by " + made + ". " + capital(s.holds.Statement()) + " Read it before you post it.\n")

	if v := main.Verdict; v != nil && v.Status == crash.Known && len(v.Matches) > 0 && len(v.Matches[0].FixedIn) > 0 {
		d.put(">\n> The bug is known and fixed in " + codeSpan(strings.Join(v.Matches[0].FixedIn, ", ")) +
			". An upgrade helps more than another report of it.\n")
	}

	d.section("Detailed Description of the Problem")
	d.put(headline(main, codeSpan) + ".\n")
	if when := mdWhen(main); when != "" {
		d.put("\n" + when + "\n")
	}
	s.others(d)
	d.ask("What else did you observe: was there a reload, a change of load or of the configuration before it, how often does it happen?")

	d.section("Expected Behavior")
	d.ask("What did you expect HAProxy to do instead?")

	d.section("Steps to Reproduce the Behavior")
	d.ask("If you can make it happen again, say how, step by step. If not, say since when and how often it happens.")

	d.section("Do you have any idea what may have caused this?")
	s.cause(d, main)
	s.observations(d, main)

	d.section("Do you have an idea how to solve the issue?")
	s.solution(d, main)

	d.section("What is your configuration?")
	d.ask("Paste the configuration between the fences, global and defaults sections too. Replace names, addresses and passwords; " +
		"the same name by the same word everywhere. HAProxy checks the result with: haproxy -c -f FILE")
	d.put("```haproxy\n\n```\n")

	d.section("Output of `haproxy -vv` and `uname -a`")
	s.versions(d, main)

	d.section("Last Outputs and Backtraces")
	if err := s.outputs(d, main); err != nil {
		return err
	}

	d.section("Additional Information")
	if err := s.additional(d, main, r.Inputs); err != nil {
		return err
	}
	_, err := io.WriteString(s.w, d.b.String())
	return err
}

// mdWarning begins a report from which nothing was taken out.
func mdWarning(o Options) string {
	if !o.Redact.Off {
		return ""
	}
	return "> **" + redact.Warning + "**\n\n"
}

// others counts all crashes of the report when there are several.
func (s *markdownStream) others(d *markdownDoc) {
	all := len(s.crashes) + s.left
	if all == 1 {
		return
	}
	d.put(fmt.Sprintf("\nThe logs hold %s or warnings in all, this one among them:\n\n", plural(all, "crash")))
	for i, g := range s.tally.sorted() {
		if i == 10 {
			d.put("- and others\n")
			break
		}
		line := fmt.Sprintf("- %s × %s", number(int64(g.Count)), codeSpan(string(g.Kind)))
		for _, part := range append(groupVersions(&g, codeSpan), groupVerdicts(&g, codeSpan)...) {
			line += ", " + part
		}
		d.put(line + "\n")
	}
	if s.left > 0 {
		d.put(fmt.Sprintf("\n%d crashes were left out of this report.\n", s.left))
	}
}

// cause is the verdict.
func (s *markdownStream) cause(d *markdownDoc, c *crash.Crash) {
	v := c.Verdict
	if v == nil || v.Status == crash.CannotTell && len(v.Matches) == 0 {
		if v != nil && v.Why != "" {
			d.put(capital(prose(v.Why)) + ".\n")
		}
		d.ask("Leave this empty if you have none.")
		return
	}
	line := "**" + capital(strings.ToLower(verdictWord(v.Status))) + "**"
	if !plainWord(v.Status) {
		line = codeSpan(string(v.Status))
	}
	if len(v.Matches) > 0 {
		m := v.Matches[0]
		line += ": " + codeSpan(m.ID)
		if m.Title != "" {
			line += ", " + prose(m.Title)
		}
	}
	d.put(line + "\n\n")
	for _, f := range verdictFacts(v, codeSpan, prose) {
		if f.label == "What to do" || f.label == "Fixed in" {
			continue
		}
		d.put("- " + f.label + ": " + f.value + "\n")
	}
	if len(v.Suspects) == 0 {
		return
	}
	d.put("\n" + suspectsTitle(v.Suspects) + ":\n\n")
	for i, x := range v.Suspects {
		if i == 5 {
			break
		}
		line := "- " + codeSpan(commitShort(x.Commit))
		if subject := subjectOf(v, x.Commit); subject != "" {
			line += " " + codeSpan(subject)
		}
		if w := statusShort(x.VersionStatus); w != "" {
			line += ", this version: " + prose(w)
		}
		for _, b := range x.Because {
			line += ", " + prose(b)
		}
		d.put(line + "\n")
	}
}

// solution is the advice and the releases that have the fix.
func (s *markdownStream) solution(d *markdownDoc, c *crash.Crash) {
	wrote := false
	if v := c.Verdict; v != nil && len(v.Matches) > 0 {
		m := v.Matches[0]
		if len(m.FixedIn) > 0 && m.VersionStatus != crash.Fixed {
			d.put("Fixed in " + codeSpan(strings.Join(m.FixedIn, ", ")) + ".\n")
			wrote = true
		}
	}
	if !wrote {
		d.ask("Leave this empty if you have none.")
	}
}

// versions is what is known of the build, and the request for the rest.
func (s *markdownStream) versions(d *markdownDoc, c *crash.Crash) {
	p := c.Process
	if p == nil {
		p = &crash.Process{}
	}
	var lines []string
	add := func(label, v string) {
		if v != "" {
			lines = append(lines, label+": "+Escape(v))
		}
	}
	add("version", p.Version)
	add("read from", p.VersionSource)
	add("build id", p.BuildID)
	add("system", p.System)
	add("features", strings.Join(p.Features, " "))
	add("build options", p.BuildOptions)
	if len(lines) > 0 {
		d.put(fence(strings.Join(lines, "\n"), "plain"))
	}
	d.ask("Paste the whole output of haproxy -vv of the binary that crashed, and of uname -a.")
	d.put("```plain\n\n```\n")
}
