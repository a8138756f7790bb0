package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/report"
)

// naming are the options of hacrash flags.
type naming struct {
	version, format string
	hex, noRedact   bool
}

func (p *program) flags() *cobra.Command {
	var o naming
	cmd := &cobra.Command{
		Use:   "flags [TYPE…] [VALUE…|FIELD=VALUE…|-]",
		Short: "Name the flags in a number, or in a dump",
		Long: `Names flags as HAProxy's dev/flags/flags does, for any version since 2.0. TYPE is
a word of that program, of any version (sc, chn, si, cs …), or the name of a
field in a dump (scf.flags, rqf, co0.flags, endp …); hacrash flags list prints
all. Without TYPE the value is shown as each of the types of dev/flags.

VALUE is read as dev/flags reads it: 0x for hexadecimal, a leading 0 for octal,
else decimal. Dumps on one line print hexadecimal without 0x: with --hex, or
when TYPE is the name of a field, VALUE is hexadecimal with and without it. A
whole FIELD=VALUE may be pasted too: scf=0x55b010,EST,400.

Without VALUE a text is read from stdin: a spin or a thread dump of any
version, as printed or out of a journal, or the output of show sess all. Each
line is printed as it was, but for secrets, with the flags in it below, on lines
that begin with "  ## ". With TYPE, stdin holds one value a line.

The version is the one that the text names, else that of --haproxy-version.
Without one, what not all versions agree on is marked with '?'.

Exit status: 0 flags were named, 1 failed, 2 usage, 3 the text has no dump of a
stream.`,
		Example: `  hacrash flags sc 0x60002 --haproxy-version 3.2-dev5
  hacrash flags rqf 848000 --haproxy-version 2.6
  hacrash flags 'scb=0x55b090,EST,1' --haproxy-version 2.8.3
  echo "show sess all" | socat stdio /run/haproxy.sock | hacrash flags --haproxy-version 3.0.5
  hacrash flags < spin.log
  hacrash flags list sc --haproxy-version 3.2`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return p.runFlags(cmd.Context(), &o, args) },
	}
	fl := cmd.PersistentFlags()
	fl.StringVar(&o.version, "haproxy-version", "", "HAProxy's `VERSION`, when the text does not say")
	fl.StringVarP(&o.format, "format", "f", "text", "output form: text, json")
	cmd.Flags().BoolVar(&o.noRedact, "no-redact", false, "do not remove credentials, cookies and tokens from a text")
	cmd.Flags().BoolVarP(&o.hex, "hex", "x", false, "VALUE is hexadecimal, with and without 0x")
	cmd.AddCommand(p.flagsList(&o))
	return cmd
}

// check reads the version.
func (o *naming) check() (haproxy.Version, error) {
	if err := oneOf("format", o.format, "text", "json"); err != nil {
		return haproxy.Version{}, err
	}
	return versionFlag(o.version)
}

func (p *program) runFlags(ctx context.Context, o *naming, args []string) error {
	v, err := o.check()
	if err != nil {
		return err
	}
	types, values := haproxy.FlagTypes(args)
	for _, t := range types {
		if !t.Family.In(v) {
			return noSuchFlags(t.Word, v)
		}
	}
	if len(values) == 0 && isTerminal(p.stdin) {
		return usageError{errors.New("no value given; give a number, or pipe a dump in")}
	}
	if slices.ContainsFunc(values, func(s string) bool { return strings.Contains(s, "=") }) {
		return p.nameFields(o, v, types, values)
	}
	stdin := len(values) == 0 || len(values) == 1 && values[0] == "-"
	if stdin {
		text, err := p.small("-", maxText)
		if err != nil {
			return err
		}
		if len(types) == 0 {
			return p.annotate(ctx, o, v, text)
		}
		if values = haproxy.FlagColumn(string(text)); len(values) == 0 {
			return usageError{errors.New("no value given; give a number, or pipe numbers in")}
		}
	}
	if len(types) == 0 {
		types = haproxy.DevFlagTypes(v)
	}
	doc := report.NewFlags(v, "option")
	if err := doc.Add(types, values, o.hex); err != nil {
		return usageError{err}
	}
	return doc.WriteValues(p.stdout, o.format, len(types), len(values) > 1 || stdin)
}

func noSuchFlags(word string, v haproxy.Version) error {
	return fmt.Errorf("%s: HAProxy %s has no such flags; hacrash flags list --haproxy-version %s names those that it has", word, v.Raw, v.Raw)
}

// nameFields names the flags of a piece of a dump.
func (p *program) nameFields(o *naming, v haproxy.Version, types []haproxy.FlagType, words []string) error {
	if len(types) > 0 {
		return usageError{fmt.Errorf("%s: FIELD=VALUE says itself what it is; leave the type out", types[0].Word)}
	}
	doc := report.NewFlags(v, "option")
	doc.Values = report.FlagsOfFields(logparse.DumpFields(strings.Join(words, " ")), v)
	if len(doc.Values) == 0 {
		return fmt.Errorf("%s: no flags of a dump in it; hacrash flags TYPE VALUE takes a number", words[0])
	}
	return doc.WriteValues(p.stdout, o.format, 1, false)
}

// annotate prints a text with the flags in it.
func (p *program) annotate(ctx context.Context, o *naming, v haproxy.Version, text []byte) error {
	found, err := analyze.Annotate(ctx, p.stdout, text, analyze.AnnotateOptions{Version: v, Format: o.format, Redact: redact.Options{Off: o.noRedact}})
	if err != nil {
		return err
	}
	if len(found.Versions) > 1 && o.version == "" {
		complain(p.stderr, fmt.Errorf("the text is of several versions (%s …); pass the one of the dump with --haproxy-version", found.Versions[0].Raw))
	}
	if !found.Dumps {
		p.code = exitNoCrash
		complain(p.stderr, errors.New("no dump of a stream in the text"))
	}
	return nil
}

// maxText bounds what is read from stdin: the version may stand at the end.
const maxText = 64 << 20
