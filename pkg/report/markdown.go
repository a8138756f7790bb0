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

// main is the crash that the report is about: the form is for one problem, so the first
// that ended a process.
func (s *markdownStream) main() *crash.Crash {
	for _, c := range s.crashes {
		if c.Fatal {
			return c
		}
	}
	return s.crashes[0]
}

func (s *markdownStream) Close(r *crash.Report) error {
	m := &markdownDoc{left: maxMarkdown}
	if r == nil {
		r = &crash.Report{}
	}
	redact.Rest(r, s.o.Redact)
	if len(s.crashes) == 0 {
		m.put("No crash was found in " + inputList(r.Inputs) + ".\n")
		_, err := io.WriteString(s.w, m.b.String())
		return err
	}
	o := s.o               // with its own scores
	if o.Level == Normal { // what is long is folded, not left out
		o.Level = Full
	}
	d := Build(s.main(), s.holds, o)
	s.preface(m, &d, r.Tool)
	m.steps(d.Verdict)
	s.form(m, &d)
	for _, in := range r.Inputs {
		if !in.Complete {
			m.put("\n" + codeSpan(inputName(in.Name)) + " was not complete.\n")
		}
	}
	m.ask("Local patches, the environment, the load, anything that happened at the same time.")
	if m.skipped {
		// The budget leaves room for this line below GitHub's limit.
		m.b.WriteString("\nSome parts were left out for their length; the whole report is in the JSON format.\n")
	}
	if m.err != nil {
		return m.err
	}
	_, err := io.WriteString(s.w, m.b.String())
	return err
}

// preface says who wrote it, what it holds, and whether it is worth posting.
func (s *markdownStream) preface(m *markdownDoc, d *Document, tool *crash.Tool) {
	if s.o.Tool != nil {
		tool = s.o.Tool
	}
	m.put(mdWarning(s.o))
	m.put("> Written by " + madeBy(tool, s.o) + ". " + capital(d.Holds) + " Read it before you post it.\n")
	if v := s.main().Verdict; v != nil && v.Status == crash.Known && len(v.Matches) > 0 && len(v.Matches[0].FixedIn) > 0 {
		m.put(">\n> The bug is known and fixed in " + codeSpan(strings.Join(v.Matches[0].FixedIn, ", ")) +
			". An upgrade helps more than another report of it.\n")
	}
}

// mdWarning begins a report from which nothing was taken out.
func mdWarning(o Options) string {
	if !o.Redact.Off {
		return ""
	}
	return "> **" + redact.Warning + "**\n\n"
}

func madeBy(tool *crash.Tool, o Options) string {
	if k := mdText(knowledge(tool, o.Now)); k != "" {
		return k
	}
	return "hacrash"
}

// form fills in the fields of the bug form.
func (s *markdownStream) form(m *markdownDoc, d *Document) {
	box := FormBoxes()
	m.section(box[boxDescription].Label)
	s.described(m, d)
	m.ask("What else did you observe: was there a reload, a change of load or of the configuration before it, how often does it happen?")

	m.section(box[boxExpected].Label)
	m.ask("What did you expect HAProxy to do instead?")

	m.section(box[boxSteps].Label)
	m.ask("If you can make it happen again, say how, step by step. If not, say since when and how often it happens.")

	m.section(box[boxCause].Label)
	m.verdict(d.Verdict)
	m.field(d, FieldCause)

	m.section(box[boxSolution].Label)
	if !m.fixedIn(d.Verdict) {
		m.ask("Leave this empty if you have none.")
	}

	m.section(box[boxConfiguration].Label)
	m.ask("Paste the configuration between the fences, global and defaults sections too. Replace names, addresses and passwords; " +
		"the same name by the same word everywhere. HAProxy checks the result with: haproxy -c -f FILE")
	m.put("```haproxy\n\n```\n")

	m.section(box[boxBuild].Label + " and `uname -a`")
	m.field(d, FieldVersion)
	m.ask("Paste the whole output of haproxy -vv of the binary that crashed, and of uname -a.")
	m.put("```plain\n\n```\n")

	m.section(box[boxOutputs].Label)
	if !m.field(d, FieldOutputs) {
		m.ask("Paste the last output of HAProxy's log here.")
	}

	m.section(box[boxMore].Label)
	m.field(d, FieldMore)
	m.fingerprint(d)
}

// described is what happened, in sentences.
func (s *markdownStream) described(m *markdownDoc, d *Document) {
	m.put(mdText(d.Headline) + ".\n")
	if d.When != "" {
		m.put("\nIt happened: " + mdText(d.When) + ".\n")
	}
	s.others(m)
}

// others counts all crashes of the report when there are several.
func (s *markdownStream) others(m *markdownDoc) {
	all := len(s.crashes) + s.left
	if all == 1 {
		return
	}
	m.put(fmt.Sprintf("\nThe logs hold %s or warnings in all, this one among them:\n\n", plural(all, "crash")))
	for i, g := range s.tally.sorted() {
		if i == 10 {
			m.put("- and others\n")
			break
		}
		line := fmt.Sprintf("- %s × %s", number(int64(g.Count)), codeSpan(string(g.Kind)))
		for _, part := range append(groupVersions(&g), groupVerdicts(&g)...) {
			line += ", " + mdText(Text(part))
		}
		m.put(line + "\n")
	}
	if s.left > 0 {
		m.put(fmt.Sprintf("\n%d crashes were left out of this report.\n", s.left))
	}
}

// inputList names inputs in a sentence.
func inputList(inputs []crash.Input) string {
	const most = 10
	var names []string
	for i, in := range inputs {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(inputs)-most))
			break
		}
		names = append(names, codeSpan(inputName(in.Name)))
	}
	if len(names) == 0 {
		return "the input"
	}
	return strings.Join(names, ", ")
}
