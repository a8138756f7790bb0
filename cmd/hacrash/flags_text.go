package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/report"
)

// annotation begins a line that is not of the text: grep takes them out again.
const annotation = "  ## "

// annotate prints a text with the flags in it.
func (p *program) annotate(ctx context.Context, o naming, v haproxy.Version, text []byte) error {
	source := "option"
	switch said, err := versionsIn(ctx, text); {
	case err != nil:
		return err
	case len(said) == 1:
		v, source = said[0], "text"
	case len(said) > 1 && v == haproxy.Version{}:
		complain(p.stderr, fmt.Errorf("the text is of several versions (%s …); pass the one of the dump with --haproxy-version", said[0].Raw))
	}
	doc := newFlagsDocument(v, source)
	doc.Unredacted = o.noRedact
	if !o.noRedact {
		doc.Version = redact.Version(doc.Version)
	}
	var out io.Writer = io.Discard
	if o.format == "text" {
		out = p.stdout
	}
	w := bufio.NewWriter(out)
	if o.noRedact {
		fmt.Fprintf(w, "%s%s\n", annotation, redact.Warning)
	}
	fmt.Fprintf(w, "%sflags %s\n", annotation, report.Escape(doc.basis()))
	dumps := logparse.NewDumps()
	hide := redact.NewLines(redact.Options{Off: o.noRedact})
	found, number := false, 0
	for line := range bytes.Lines(text) {
		number++
		shown := hide.Line(string(bytes.TrimRight(line, "\r\n")))
		shown = strings.ReplaceAll(shown, "\t", "        ")
		fmt.Fprintln(w, report.Escape(shown))
		values := fieldFlags(dumps.Line(line), v)
		found = found || len(values) > 0
		for i := range values {
			fmt.Fprintf(w, "%s%s=%s: %s\n", annotation, values[i].Name, values[i].printed, values[i].words())
		}
		if len(values) > 0 && o.format == "json" {
			doc.Lines = append(doc.Lines, flagsLine{number, values})
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if o.format == "json" {
		if err := doc.json(p.stdout); err != nil {
			return err
		}
	}
	if !found {
		p.code = exitNoCrash
		complain(p.stderr, errors.New("no dump of a stream in the text"))
	}
	return nil
}

// fieldFlags names the flags of fields. A word without any flag says nothing.
func fieldFlags(fields []crash.Field, v haproxy.Version) []flagsValue {
	var out []flagsValue
	for _, f := range fields {
		family, ok := haproxy.FlagFamily(f.Type)
		if !ok {
			continue
		}
		// A field of flags has 0x, whatever the text has.
		n, err := strconv.ParseUint(f.Value, 0, 64)
		if err != nil || n == 0 && !family.Enum {
			continue
		}
		x := decodeFlags(f.Name, family, n, v)
		x.printed = f.Value
		out = append(out, x)
	}
	return out
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
