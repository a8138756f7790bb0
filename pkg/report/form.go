package report

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// Box is a field of HAProxy's bug form (.github/ISSUE_TEMPLATE/Bug.yml), as far as the crash
// fills it.
type Box struct {
	ID, Label string
	// Code is the language in which GitHub shows the box as code; Markdown means nothing there.
	// Empty: the box takes Markdown.
	Code string
	Body string
	// Ask is what only the reporter knows.
	Ask string
}

// The boxes of the form, in its order.
const (
	boxDescription = iota
	boxExpected
	boxSteps
	boxCause
	boxSolution
	boxConfiguration
	boxBuild
	boxOutputs
	boxMore
)

// FormBoxes are the boxes of the form, in its order, without what a crash fills in.
func FormBoxes() []Box {
	return []Box{
		boxDescription:   {ID: "description", Label: "Detailed Description of the Problem"},
		boxExpected:      {ID: "expected-behavior", Label: "Expected Behavior"},
		boxSteps:         {ID: "steps", Label: "Steps to Reproduce the Behavior"},
		boxCause:         {ID: "possible-cause", Label: "Do you have any idea what may have caused this?"},
		boxSolution:      {ID: "possible-solution", Label: "Do you have an idea how to solve the issue?"},
		boxConfiguration: {ID: "configuration", Label: "What is your configuration?", Code: "haproxy"},
		boxBuild:         {ID: "haproxy-vv", Label: "Output of `haproxy -vv`", Code: "plain"},
		boxOutputs:       {ID: "last-output", Label: "Last Outputs and Backtraces", Code: "plain"},
		boxMore:          {ID: "additional", Label: "Additional Information"},
	}
}

// Form is what HAProxy's bug form asks for, about one crash.
type Form struct {
	Title string
	Boxes []Box
	// Crash is the one that it is about, secrets taken out; nil when there is none.
	Crash *crash.Crash
}

// Given is what the reporter has besides the crash. It must be fit to be shown.
type Given struct {
	// Configuration without names and addresses; VV is the output of haproxy -vv, and VVBy says
	// where it is from.
	Configuration, VV, VVBy string
	// Around are the lines of the log before and behind the crash.
	Around string
}

// Forms collects crashes for a form.
type Forms struct{ s markdownStream }

// NewForms begins a form. It is about the first crash that ended a process; others are counted.
func NewForms(o Options) *Forms {
	o.Level = Full
	o = o.fit()
	o.scores = false
	return &Forms{markdownStream{o: o, tally: newTally(o.Redact)}}
}

// Crash takes a crash. It redacts c in place.
func (f *Forms) Crash(c *crash.Crash) error { return f.s.Crash(c) }

// Main is the crash that the form is about; nil when there is none.
func (f *Forms) Main() *crash.Crash {
	if len(f.s.crashes) == 0 {
		return nil
	}
	return f.s.main()
}

// Form fills the boxes.
func (f *Forms) Form(r *crash.Report, given Given) (Form, error) {
	if len(f.s.crashes) == 0 {
		return Form{}, nil
	}
	redact.Rest(r, f.s.o.Redact)
	c := f.s.main()
	d := Build(c, f.s.holds, f.s.o)
	b := boxes{f: f, d: &d, c: c, given: given}
	form := Form{Title: title(c), Crash: c, Boxes: b.all()}
	return form, b.err
}

// title is one line that a maintainer finds again: version, kind, place.
func title(c *crash.Crash) string {
	parts := []string{"HAProxy"}
	if v := c.Version(); v != "" {
		parts = append(parts, clip(redact.Version(v), 40))
	}
	line := strings.Join(parts, " ") + ": " + strings.ReplaceAll(string(c.Kind), "_", " ")
	switch {
	case c.Assertion != nil && c.Assertion.Condition != "":
		line += fmt.Sprintf(" (%s)", c.Assertion.Condition)
	case c.Spin != nil && c.Spin.Applet != "":
		line += " of the applet " + c.Spin.Applet
	}
	if t := c.Faulty(); t != nil {
		if f := t.Culprit(); f != nil && f.LikelyFunction() != "" {
			line += " in " + f.LikelyFunction()
			if f.File != "" && f.Line > 0 {
				line += fmt.Sprintf(" (%s:%d)", f.File, f.Line)
			}
		}
	}
	return clip(Escape(strings.Join(strings.Fields(line), " ")), 180)
}

// boxes fills them.
type boxes struct {
	f     *Forms
	d     *Document
	c     *crash.Crash
	given Given
	err   error
}

func (b *boxes) all() []Box {
	all := FormBoxes()
	fill := func(box int, body, ask string) { all[box].Body, all[box].Ask = body, ask }
	fill(boxDescription, b.markdown(b.description), "What else did you observe: a reload, a change of load or of the configuration before it? How often does it happen?")
	fill(boxExpected, expected(b.c), "")
	fill(boxSteps, b.markdown(b.steps), "If you can make it happen again, say how, step by step.")
	fill(boxCause, b.markdown(b.cause), "")
	fill(boxSolution, b.markdown(func(m *markdownDoc) { m.fixedIn(b.d.Verdict) }), "")
	fill(boxConfiguration, b.given.Configuration, "hacrash report --config /etc/haproxy/haproxy.cfg fills this in, names and addresses replaced.")
	fill(boxBuild, b.build(), b.askBuild())
	fill(boxOutputs, b.outputs(), "")
	fill(boxMore, b.markdown(b.additional), "Local patches, the environment, the load, anything that happened at the same time.")
	return all
}

func (b *boxes) cause(m *markdownDoc) {
	if v := b.d.Verdict; v != nil && (v.Status != crash.CannotTell || v.ID != "") {
		m.verdict(v)
	}
	m.field(b.d, FieldCause)
}

// maxBox bounds a box of Markdown; what does not fit is left out whole.
const maxBox = 20000

func (b *boxes) markdown(write func(*markdownDoc)) string {
	m := &markdownDoc{left: maxBox + reserve}
	write(m)
	if m.err != nil {
		b.err = m.err
	}
	return strings.TrimSpace(m.b.String())
}

func (b *boxes) description(m *markdownDoc) {
	b.f.s.described(m, b.d)
}

// expected is what HAProxy should have done instead.
func expected(c *crash.Crash) string {
	switch c.Kind {
	case crash.Hang, crash.BlockedTraffic, crash.Spinning, crash.Watchdog:
		return "HAProxy goes on serving traffic: no task keeps a thread for seconds or runs again and again without getting on."
	case crash.OutOfMemory:
		return "The memory that HAProxy uses stays within what its configuration and its connections need."
	case crash.WarnOn:
		return "The condition that HAProxy warned of never holds."
	case crash.Killed, crash.Unknown, crash.Snapshot:
		return ""
	}
	return "HAProxy does not crash, whatever the traffic."
}

// steps are what is known of how it came about.
func (b *boxes) steps(m *markdownDoc) {
	if b.c.Provoked != "" {
		m.put("It was provoked: " + codeSpan(b.c.Provoked) + ".\n")
		return
	}
	if n := len(b.f.s.crashes) + b.f.s.left; n > 1 {
		m.put(fmt.Sprintf("Not known. It happened again: %s or warnings are in these logs.\n", plural(n, "crash")))
	} else {
		m.put("Not known; it happened once in what was looked at.\n")
	}
}

// build is the output of haproxy -vv, or what the crash tells of it.
func (b *boxes) build() string {
	if b.given.VV == "" {
		return b.plain(FieldVersion)
	}
	text := plainText(b.given.VV)
	if b.given.VVBy != "" {
		text = "# " + b.given.VVBy + "\n" + text
	}
	return text
}

func (b *boxes) askBuild() string {
	if b.given.VV != "" {
		return ""
	}
	return "Add the whole output of haproxy -vv of the executable that crashed, and of uname -a; hacrash report --vv FILE puts it here."
}

// outputs are what HAProxy printed and the stacks, as text: the box is shown as code.
func (b *boxes) outputs() string {
	text := b.plain(FieldOutputs)
	if b.given.Around != "" {
		text = "Lines of the log around it:\n\n" + plainText(b.given.Around) + "\n\n" + text
	}
	return strings.TrimSpace(text)
}

func (b *boxes) additional(m *markdownDoc) {
	m.field(b.d, FieldMore)
	m.fingerprint(b.d)
	m.put("\nFilled in by " + madeBy(b.f.s.o.Tool, b.f.s.o) + ". " + capital(b.d.Holds) + "\n")
}

// plain is the sections of a field as a wide terminal shows them.
func (b *boxes) plain(f Field) string {
	p := page{width: 160, lines: 600}
	for i := range b.d.Sections {
		if s := &b.d.Sections[i]; s.Field == f {
			p.section(s)
		}
	}
	return strings.TrimSpace(p.b.String())
}

// plainText is text of an input for a box of code.
func plainText(s string) string {
	lines := textLines(s)
	for i, l := range lines {
		lines[i] = Escape(l)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// Fence is text as GitHub shows code; it must have been through Form.
func Fence(text, language string) string { return fence(text, language) }
