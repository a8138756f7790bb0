package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/logparse"
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
Without one, what not all versions agree on is marked with '?'.`,
		Example: `  hacrash flags sc 0x60002 --haproxy-version 3.2-dev5
  hacrash flags rqf 848000 --haproxy-version 2.6
  hacrash flags 'scb=0x55b090,EST,1' --haproxy-version 2.8.3
  echo "show sess all" | socat stdio /run/haproxy.sock | hacrash flags --haproxy-version 3.0.5
  hacrash flags < spin.log
  hacrash flags list sc --haproxy-version 3.2`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return p.runFlags(cmd.Context(), o, args) },
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
	if o.format != "text" && o.format != "json" {
		return haproxy.Version{}, usageError{fmt.Errorf("--format %s: not known; take text or json", o.format)}
	}
	if o.version == "" {
		return haproxy.Version{}, nil
	}
	v, err := haproxy.ParseVersion(o.version)
	if err != nil {
		return v, usageError{fmt.Errorf("--haproxy-version %s: %w", o.version, err)}
	}
	return v, nil
}

func (p *program) runFlags(ctx context.Context, o naming, args []string) error {
	v, err := o.check()
	if err != nil {
		return err
	}
	types, rest := flagTypes(args)
	for _, t := range types {
		if !t.family.In(v) {
			return fmt.Errorf("%s: HAProxy %s has no such flags; hacrash flags list --haproxy-version %s names those that it has", t.word, v.Raw, v.Raw)
		}
	}
	stdin := len(rest) == 0 || len(rest) == 1 && rest[0] == "-"
	if len(rest) == 0 && isTerminal(p.stdin) {
		return usageError{errors.New("no value given; give a number, or pipe a dump in")}
	}
	if slices.ContainsFunc(rest, func(s string) bool { return strings.Contains(s, "=") }) {
		if len(types) > 0 {
			return usageError{fmt.Errorf("%s: FIELD=VALUE says itself what it is; leave the type out", types[0].word)}
		}
		values := fieldFlags(logparse.DumpFields(strings.Join(rest, " ")), v)
		if len(values) == 0 {
			return fmt.Errorf("%s: no flags of a dump in it; hacrash flags TYPE VALUE takes a number", rest[0])
		}
		return p.giveFlags(o, v, values, 1, false)
	}
	if stdin {
		text, err := readText(p.stdin)
		if err != nil {
			return err
		}
		if len(types) == 0 {
			return p.annotate(ctx, o, v, text)
		}
		if rest, err = columns(text); err != nil {
			return err
		}
	}
	if len(types) == 0 {
		types = devFlags(v)
	}
	var values []flagsValue
	for _, word := range rest {
		for _, t := range types {
			n, err := t.number(word, o.hex)
			if err != nil {
				return usageError{err}
			}
			values = append(values, decodeFlags(t.word, t.family, n, v))
		}
	}
	return p.giveFlags(o, v, values, len(types), len(rest) > 1 || stdin)
}

// giveFlags prints values, each of which was taken to be of some types.
func (p *program) giveFlags(o naming, v haproxy.Version, values []flagsValue, types int, heads bool) error {
	out := newFlagsDocument(v, "option")
	out.Values = values
	if o.format == "json" {
		return out.json(p.stdout)
	}
	return out.text(p.stdout, types, heads)
}

// flagType is what somebody says that a number is.
type flagType struct {
	word   string
	family *haproxy.Family
	// dumped: the word is a field of a dump, which prints flags in hexadecimal and
	// enumerations in decimal.
	dumped bool
}

// flagTypes takes the types off the front of the arguments, as dev/flags does: the
// first that is none begins the values.
func flagTypes(args []string) (types []flagType, rest []string) {
	for i, word := range args {
		if f, ok := haproxy.FlagFamily(word); ok {
			types = append(types, flagType{word: word, family: f})
			continue
		}
		kind, ok := haproxy.FieldFamily(word, haproxy.Version{})
		if !ok {
			return types, args[i:]
		}
		f, _ := haproxy.FlagFamily(kind)
		types = append(types, flagType{word, f, true})
	}
	return types, nil
}

// devFlags are the types that a value may be when nobody says which: those that
// dev/flags knows in any version. They come first in the table and end with appctx.
func devFlags(v haproxy.Version) []flagType {
	var types []flagType
	for _, f := range haproxy.FlagFamilies() {
		if f.In(v) {
			types = append(types, flagType{word: f.Name, family: f})
		}
		if f.Name == "appctx" {
			break
		}
	}
	return types
}

// number reads a value as strtoul() does with base 0, which dev/flags uses, or as a
// dump prints it. What is negative is a word of 32 bits, as there.
func (t *flagType) number(word string, hex bool) (uint64, error) {
	digits, minus := strings.CutPrefix(strings.TrimSpace(word), "-")
	if !minus {
		digits = strings.TrimPrefix(digits, "+")
	}
	base := 10
	switch after, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); {
	case ok:
		digits, base = after, 16
	case hex || t.dumped && !t.family.Enum:
		base = 16
	case len(digits) > 1 && digits[0] == '0':
		base = 8
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		if _, e := strconv.ParseUint(digits, 16, 64); e == nil {
			return 0, fmt.Errorf("%s: not a decimal number; write 0x%s, or pass --hex", word, digits)
		}
		return 0, fmt.Errorf("%s: neither a type nor a number; hacrash flags list prints the types", word)
	}
	if minus {
		n = uint64(uint32(-n))
	}
	return n, nil
}

// columns takes the values out of a text that has one a line. Like dev/flags it skips
// what slips in before and behind when values are copied: delimiters, C's UL.
func columns(text []byte) ([]string, error) {
	var words []string
	for line := range strings.Lines(string(text)) {
		word := strings.TrimRight(strings.TrimLeft(line, " \t:="), "uUlL,; \t\r\n")
		if word != "" {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return nil, usageError{errors.New("no value given; give a number, or pipe numbers in")}
	}
	return words, nil
}

// maxText bounds what is read from stdin: the version may stand at the end.
const maxText = 64 << 20

func readText(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("standard input: more than %d MiB; cut the dump out of it", maxText>>20)
	}
	return text, nil
}
