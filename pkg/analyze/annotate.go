package analyze

import (
	"bytes"
	"context"
	"io"
	"slices"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/report"
)

// AnnotateOptions say how the flags in a text are named.
type AnnotateOptions struct {
	// Version is that of HAProxy when the text does not name one; it may be zero.
	Version haproxy.Version
	// Format is text or json.
	Format string
	// Redact says what may stay of secrets.
	Redact redact.Options
}

// Annotation is what is known after a text was annotated.
type Annotation struct {
	// Dumps says that there were flags in it.
	Dumps bool
	// Versions are those that the text names. If they are several, none is that of the
	// flags.
	Versions []haproxy.Version
}

// Annotate writes a text with dumps of streams in it, of any version and in any
// envelope, and the flags of each line below it.
func Annotate(ctx context.Context, w io.Writer, text []byte, o AnnotateOptions) (Annotation, error) {
	versions, err := versionsIn(ctx, text)
	if err != nil {
		return Annotation{}, err
	}
	found := Annotation{Versions: versions}
	v, source := o.Version, "option"
	if len(versions) == 1 {
		v, source = versions[0], "text"
	}
	doc := report.NewFlags(v, source)
	if doc.Unredacted = o.Redact.Off; !doc.Unredacted {
		doc.Version = redact.Version(doc.Version)
	}
	out := report.NewAnnotatedText(w, o.Format, doc)
	dumps := logparse.NewDumps()
	hide := redact.NewLines(o.Redact)
	for line := range bytes.Lines(text) {
		values := report.FlagsOfFields(dumps.Line(line), v)
		found.Dumps = found.Dumps || len(values) > 0
		out.Line(hide.Line(string(bytes.TrimRight(line, "\r\n"))), values)
	}
	return found, out.Close()
}

// versionsIn finds the versions that a text names as those of a process.
func versionsIn(ctx context.Context, text []byte) ([]haproxy.Version, error) {
	parts, err := logparse.Lines(ctx, string(text), "-")
	if err != nil {
		return nil, err
	}
	var found []haproxy.Version
	for _, part := range parts {
		if part.Crash.Process == nil {
			continue
		}
		v, err := haproxy.ParseVersion(part.Crash.Process.Version)
		if err == nil && !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return found, nil
}
