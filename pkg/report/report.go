package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// Options are what a reader may choose. The zero value is a report for a
// terminal of 80 columns, without colour, secrets taken out.
type Options struct {
	// Width is in columns; 0 means 80.
	Width int
	// Level is how much is shown. Markdown folds what is long instead of leaving it out,
	// JSON always holds all.
	Level Level
	// Color allows ANSI sequences, in text only.
	Color bool
	// Threads is "" (the faulty one, the others folded), "faulty", "all" or a
	// thread's number. JSON always holds all.
	Threads string
	// Registers shows the registers of threads shown in full, and the instruction at
	// which they stopped, of less than a full report too.
	Registers bool
	// Locals shows the variables of functions of less than a full report too.
	Locals bool
	// Redact says what may stay of secrets; the zero value keeps none.
	Redact redact.Options
	// Now is the day on which the age of the knowledge is told; zero does not tell it.
	Now time.Time
	// Tool is printed by a Stream before its Close is called; Write takes it
	// from the report.
	Tool *crash.Tool

	// scores shows the points of reasons.
	scores bool
	// drawings are made of the stream and of the stacks.
	drawings bool
	// whole is the report when all of it is known from the start.
	whole *crash.Report
}

// KnowsThreads says whether s is something that Options.Threads may be.
func KnowsThreads(s string) bool {
	if s == "" || s == "all" || s == "faulty" {
		return true
	}
	n, err := strconv.Atoi(s)
	return err == nil && n > 0
}

// fit gives the options with a width that can be written in.
func (o Options) fit() Options {
	if o.Width <= 0 {
		o.Width = 80
	}
	o.Width = max(o.Width, 40)
	o.scores = o.Level == Full
	return o
}

// Stream is a report that is being written, crash by crash.
type Stream interface {
	// Crash writes one crash, or keeps what it needs of it. It redacts c in place.
	Crash(c *crash.Crash) error
	// Close writes what only the end knows: the inputs, the summary. The
	// crashes in r are not looked at. It does not close the writer.
	Close(r *crash.Report) error
}

// presenter is one way to write a report: crash by crash, and counted by fingerprint.
type presenter struct {
	name            string
	crashes, groups func(io.Writer, Options) Stream
}

func presenters() []presenter {
	return []presenter{
		{"text", newText, newTextGroups},
		{"json", newJSON, groupsAs((*groupStream).document)},
		{"jsonl", newJSONL, groupsAs((*groupStream).lines)},
		{"markdown", newMarkdown, groupsAs((*groupStream).markdown)},
		{"html", newHTML, groupsAs((*groupStream).html)},
	}
}

// Formats are the names of the formats that Write knows.
func Formats() []string {
	var names []string
	for _, p := range presenters() {
		names = append(names, p.name)
	}
	return names
}

// NewStream opens a report in the given format.
func NewStream(w io.Writer, format string, o Options) (Stream, error) {
	p, err := presenterOf(format)
	if err != nil {
		return nil, err
	}
	return p.crashes(w, o.fit()), nil
}

// NewGroups opens a report that counts crashes by their fingerprint instead of
// showing each. All of it is written by Close.
func NewGroups(w io.Writer, format string, o Options) (Stream, error) {
	p, err := presenterOf(format)
	if err != nil {
		return nil, err
	}
	return p.groups(w, o.fit()), nil
}

func presenterOf(format string) (presenter, error) {
	for _, p := range presenters() {
		if p.name == format {
			return p, nil
		}
	}
	return presenter{}, fmt.Errorf("format %q is not known; use one of %s", format, strings.Join(Formats(), ", "))
}

// Write writes a whole report. It redacts r in place as o.Redact says.
func Write(w io.Writer, format string, r *crash.Report, o Options) error {
	o.whole = r
	if o.Tool == nil {
		o.Tool = r.Tool
	}
	s, err := NewStream(w, format, o)
	if err != nil {
		return err
	}
	redact.Rest(r, o.Redact)
	for i := range r.Crashes {
		if err := s.Crash(&r.Crashes[i]); err != nil {
			return err
		}
	}
	return s.Close(r)
}
