package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/redact"
)

// WriteValues writes the numbers as dev/flags does: a line a type, below a head for
// each number when heads are wanted. Each number was taken to be of so many types.
func (d *Flags) WriteValues(w io.Writer, format string, types int, heads bool) error {
	if format == "json" {
		return writeJSON(w, d)
	}
	b := bufio.NewWriter(w)
	d.head(b)
	wide := 0
	for i := range d.Values {
		wide = max(wide, len(d.Values[i].Name))
	}
	for i := range d.Values {
		f := &d.Values[i]
		if heads && i%types == 0 {
			fmt.Fprintf(b, "### %s:\n", f.Value)
		}
		fmt.Fprintf(b, "%-*s = %s\n", wide, f.Name, f.words())
	}
	return b.Flush()
}

// WriteFamilies writes the families by their titles, or with their constants.
func (d *Flags) WriteFamilies(w io.Writer, format string, constants bool) error {
	if format == "json" {
		return writeJSON(w, d)
	}
	b := bufio.NewWriter(w)
	d.head(b)
	for i := range d.Families {
		if constants {
			d.Families[i].constants(b)
		} else {
			d.Families[i].title(b)
		}
	}
	return b.Flush()
}

// head says what the answer is worth if it is not that of the very version.
func (d *Flags) head(w io.Writer) {
	if !d.Exact {
		fmt.Fprintf(w, "### flags %s\n", Escape(d.basis()))
	}
}

func (f *FlagsFamily) title(w io.Writer) {
	title := f.Title
	if len(f.Aliases) > 0 {
		title += " (also " + strings.Join(f.Aliases, ", ") + ")"
	}
	fmt.Fprintf(w, "%-12s %s\n", f.Name, title)
}

func (f *FlagsFamily) constants(w io.Writer) {
	for _, flag := range f.Flags {
		value, mark := flag.Value, ""
		if !flag.Sure {
			mark = "?"
		}
		if flag.Mask != "" && flag.Mask != flag.Value {
			value += " of " + flag.Mask
		}
		fmt.Fprintf(w, "%-24s %s%s\n", value, flag.Name, mark)
	}
}

// annotation begins a line that is not of the text: grep takes them out again.
const annotation = "  ## "

// AnnotatedText writes a text as it comes, with the flags of each line below it; as
// JSON the lines that have flags, without the text.
type AnnotatedText struct {
	out    io.Writer
	b      *bufio.Writer
	doc    *Flags
	format string
	number int
}

// NewAnnotatedText begins the text.
func NewAnnotatedText(w io.Writer, format string, doc *Flags) *AnnotatedText {
	a := &AnnotatedText{out: w, b: bufio.NewWriter(w), doc: doc, format: format}
	if format == "json" {
		a.b.Reset(io.Discard)
	}
	if doc.Unredacted {
		fmt.Fprintf(a.b, "%s%s\n", annotation, redact.Warning)
	}
	fmt.Fprintf(a.b, "%sflags %s\n", annotation, Escape(doc.basis()))
	return a
}

// Line writes a line of the text, which must have been redacted, and its flags.
func (a *AnnotatedText) Line(text string, values []FlagsValue) {
	a.number++
	fmt.Fprintln(a.b, Escape(strings.ReplaceAll(text, "\t", "        ")))
	for i := range values {
		fmt.Fprintf(a.b, "%s%s=%s: %s\n", annotation, values[i].Name, values[i].printed, values[i].words())
	}
	if len(values) > 0 && a.format == "json" {
		a.doc.Lines = append(a.doc.Lines, FlagsLine{a.number, values})
	}
}

// Close ends the text. The error is the first one of writing it.
func (a *AnnotatedText) Close() error {
	if err := a.b.Flush(); err != nil || a.format != "json" {
		return err
	}
	return writeJSON(a.out, a.doc)
}
