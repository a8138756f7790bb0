package form

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/report"
)

// Boxes are the ids of the form's boxes, in its order.
func Boxes() (ids []string) {
	for _, b := range report.FormBoxes() {
		ids = append(ids, b.ID)
	}
	return ids
}

// NoNews says why a report would tell the maintainers nothing new; empty if it would.
func NoNews(c *crash.Crash) string {
	v := c.Verdict
	switch {
	case c.Provoked != "":
		return fmt.Sprintf("The process was crashed on purpose: %s.", report.Escape(c.Provoked))
	case v == nil || v.Status != crash.Known || len(v.Matches) == 0:
		return ""
	}
	m := &v.Matches[0]
	text := fmt.Sprintf("This bug is known: %s, %s.", report.Escape(m.ID), report.Escape(m.Title))
	if len(m.FixedIn) > 0 {
		text += "\nIt is fixed in " + report.Escape(strings.Join(m.FixedIn, ", ")) + "."
	}
	for _, n := range m.Issues {
		text += fmt.Sprintf("\nIts report: https://github.com/haproxy/haproxy/issues/%d", n)
	}
	if m.Advice != "" {
		text += "\n" + report.Escape(strings.ToUpper(m.Advice[:1])+m.Advice[1:])
	}
	return text
}

// File is one of those that a report consists of.
type File struct{ Name, Text string }

// Files are the boxes, the title, the body and the questions.
func Files(f *report.Form, open []Question) []File {
	out := []File{{"title.txt", f.Title + "\n"}, {"body.md", Body(f)}}
	for i := range f.Boxes {
		out = append(out, File{fileOf(&f.Boxes[i]), Paste(&f.Boxes[i]) + "\n"})
	}
	if len(open) > 0 {
		var text strings.Builder
		WriteQuestions(&text, open)
		out = append(out, File{"questions.txt", strings.TrimLeft(text.String(), "\n")})
	}
	return out
}

// fileOf is the name of the file of a box.
func fileOf(b *report.Box) string {
	ending := "md"
	if b.Code != "" {
		ending = "txt"
	}
	return fmt.Sprintf("%d-%s.%s", 1+slices.Index(Boxes(), b.ID), b.ID, ending)
}

// WriteHow says how the files of a directory are sent.
func WriteHow(w io.Writer, f *report.Form, dir string) {
	link, rest := Link(f)
	fmt.Fprintf(w, "The report is in %s. Read it, and fill in what its comments ask for. Then either\n\n", report.Escape(dir))
	fmt.Fprintf(w, "  gh issue create --repo haproxy/haproxy --title %s --body-file %s\n\nor open the form", lex.ShellWord(report.Escape(f.Title)), lex.ShellWord(report.Escape(dir+"/body.md")))
	if len(rest) == 0 {
		fmt.Fprintf(w, ", which is filled in by the link:\n\n  %s\n", link)
		return
	}
	fmt.Fprintf(w, ", of which the link fills in what fits:\n\n  %s\n\nand paste into its boxes:\n\n", link)
	for i := range rest {
		fmt.Fprintf(w, "  %-50s %s\n", rest[i].Label, report.Escape(dir+"/"+fileOf(&rest[i])))
	}
}

// WriteQuestions prints what the maintainers will ask.
func WriteQuestions(w io.Writer, open []Question) {
	if len(open) == 0 {
		return
	}
	fmt.Fprintf(w, "\nThe maintainers will ask:\n")
	for _, q := range open {
		fmt.Fprintf(w, "- %s\n", q.Ask)
		if q.Command != "" {
			fmt.Fprintf(w, "    %s\n", q.Command)
		}
	}
}
