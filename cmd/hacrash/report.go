package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/form"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/outfile"
	"github.com/hacrash/hacrash/pkg/report"
)

// reportFlags are the options of hacrash report.
type reportFlags struct {
	analyzeFlags
	dir, box, anonymizer string
	run, anyway          bool
}

// Who replaces the names in a configuration.
const (
	byHacrash = "hacrash"
	byHAProxy = "haproxy"
)

func (p *program) bugReport() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report [CORE|LOG…|latest|-]",
		Short: "Fill in HAProxy's bug form",
		Long: `Collects what HAProxy's bug form asks for, about the first crash in a core, a log or
a backtrace: a title, and each box of the form as it is pasted there. What only you
know is asked for in comments; what maintainers will ask next is listed with the
commands that answer it.

With -o the boxes are files of a new DIRECTORY, with body.md for gh issue create and a
link that opens the form with what fits into it. With --box only that box is printed.

--config puts the configuration in, names and addresses replaced by words, the same
word for the same name; --vv the output of haproxy -vv. With --run-haproxy the
executable that crashed, at its path or --exe, is run to print it, after its build-id
was compared; with --anonymizer haproxy it also prints the configuration (2.7 and
later), of which it leaves more out.

A bug that is known and fixed is said to be, and no report is written unless --anyway
is given. Nothing is sent. Read everything before you send it.

Exit status: 0 there is a report, 1 failed, 2 usage, 3 the input holds no crash.`,
		Example: `  hacrash report latest --config /etc/haproxy/haproxy.cfg --run-haproxy -o report
  journalctl -u haproxy --since yesterday | hacrash report --vv vv.txt
  hacrash report core.1234 haproxy.log --box last-output`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.runReport(cmd.Context(), args, &f) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.dir, "output", "o", "", "write the boxes to files of a new `DIRECTORY`")
	fl.StringVar(&f.box, "box", "", "print one box: title, or an id of the form")
	fl.StringVar(&f.version, "haproxy-version", "", "HAProxy's `VERSION`, when the input does not say")
	fl.BoolVar(&f.run, "run-haproxy", false, "run the executable that crashed to print how it was built")
	fl.StringVar(&f.anonymizer, "anonymizer", byHacrash, "who replaces the names in the configuration: hacrash, haproxy (with --run-haproxy)")
	fl.BoolVar(&f.anyway, "anyway", false, "write a report of a known bug, too")
	fl.StringArrayVar(&f.db, "db", nil, "more signatures from `FILE`, or from all of a directory (may be repeated)")
	f.files.add(fl)
	f.choose.add(fl)
	last := fl.Lookup("last")
	last.NoOptDefVal, last.Usage = "1", "about the last crash of the input; without input, about the newest core on this host"
	f.setup.add(fl)
	cmd.MarkFlagsMutuallyExclusive("vv", "run-haproxy")
	cmd.MarkFlagsMutuallyExclusive("output", "box")
	return cmd
}

func (f *reportFlags) checkReport(p *program, names []string) error {
	f.format = "markdown"
	f.color = "never"
	switch {
	case f.anonymizer == byHAProxy && !f.run:
		return usageError{errors.New("--anonymizer haproxy runs the executable; add --run-haproxy")}
	case f.setup.stdin():
		return usageError{errors.New("--config, --vv: name files; stdin may hold the log")}
	case f.box != "" && f.box != "title" && !slices.Contains(form.Boxes(), f.box):
		return usageError{fmt.Errorf("--box %s: not known; take one of title, %s", f.box, strings.Join(form.Boxes(), ", "))}
	}
	if err := oneOf("anonymizer", f.anonymizer, byHacrash, byHAProxy); err != nil {
		return err
	}
	return f.check(p, names)
}

func (p *program) runReport(ctx context.Context, names []string, f *reportFlags) (err error) {
	if f.choose.last > 0 && len(names) == 0 {
		names = append(names, latestWord)
	}
	if err := f.checkReport(p, names); err != nil {
		return err
	}
	if names, err = p.latest(ctx, names, &f.analyzeFlags); err != nil {
		return err
	}
	kept := &keeper{in: p.stdin}
	p.stdin = kept
	o, done, err := p.analysis(names, &f.analyzeFlags)
	if err != nil {
		return err
	}
	defer done()
	tool := toolOf(o.Knowledge)
	forms := report.NewForms(report.Options{Tool: tool})
	res, err := analyze.Run(ctx, o, forms.Crash)
	for _, e := range slices.Concat(res.Notes, res.Failed) {
		complain(p.stderr, e)
	}
	if err != nil {
		return err
	}
	p.code = exitCode(res, false)
	c := forms.Main()
	if c == nil {
		p.nothing(res)
		return nil
	}
	if f.stops(p.stdout, c) {
		return nil
	}
	given, err := p.given(ctx, c, f)
	if err != nil {
		return err
	}
	given.Around = form.Around(c, kept.text())
	filled, err := forms.Form(&crash.Report{Schema: crash.Schema, Tool: tool, Inputs: res.Inputs}, given)
	if err != nil {
		return err
	}
	return p.writeForm(&filled, form.Questions(c, form.Has{Configuration: given.Configuration != "", VV: given.VV != ""}), f)
}

// stops says that a report would tell the maintainers nothing new.
func (f *reportFlags) stops(out io.Writer, c *crash.Crash) bool {
	why := form.NoNews(c)
	if why == "" || f.anyway {
		return false
	}
	fmt.Fprintf(out, "%s\nNo report is needed; --anyway writes one.\n", why)
	return true
}

// given are the configuration and the output of haproxy -vv.
func (p *program) given(ctx context.Context, c *crash.Crash, f *reportFlags) (g report.Given, err error) {
	if f.setup.vv != "" {
		text, err := p.small(f.setup.vv, maxBuildText)
		if err != nil {
			return g, err
		}
		g.VV = string(text)
	}
	var exe *form.Executable
	if f.run {
		path := f.files.exe
		if path == "" {
			path = c.Executable()
		}
		if path == "" {
			return g, usageError{errors.New("--run-haproxy: the crash does not tell the executable; name it with --exe")}
		}
		if exe, err = form.Check(ctx, path, c); err != nil {
			return g, fmt.Errorf("--run-haproxy: %w", err)
		}
		if g.VV, err = exe.VV(ctx); err != nil {
			return g, err
		}
		g.VVBy = "of " + path + "; " + exe.By
	}
	if len(f.setup.configs) == 0 {
		return g, nil
	}
	if f.anonymizer == byHAProxy {
		g.Configuration, err = exe.Configuration(ctx, f.setup.configs)
		return g, err
	}
	var text bytes.Buffer
	err = haconf.Anonymous(f.setup.configs, &text)
	g.Configuration = text.String()
	return g, err
}

// writeForm prints the boxes, or writes them to files.
func (p *program) writeForm(filled *report.Form, open []form.Question, f *reportFlags) error {
	switch {
	case f.box == "title":
		_, err := fmt.Fprintln(p.stdout, filled.Title)
		return err
	case f.box != "":
		for i := range filled.Boxes {
			if b := &filled.Boxes[i]; b.ID == f.box {
				_, err := fmt.Fprintln(p.stdout, form.Paste(b))
				return err
			}
		}
		return nil
	case f.dir == "":
		if _, err := fmt.Fprintf(p.stdout, "# %s\n\n%s", filled.Title, form.Body(filled)); err != nil {
			return err
		}
		form.WriteQuestions(p.stderr, open)
		return nil
	}
	if err := newDirectory(f.dir); err != nil {
		return err
	}
	for _, file := range form.Files(filled, open) {
		if err := outfile.Create(filepath.Join(f.dir, file.Name), []byte(file.Text)); err != nil {
			return fmt.Errorf("--output %w", err)
		}
	}
	form.WriteHow(p.stdout, filled, f.dir)
	form.WriteQuestions(p.stdout, open)
	return nil
}

// newDirectory makes a directory, or takes an empty one.
func newDirectory(name string) error {
	err := os.Mkdir(name, 0o700)
	if err == nil {
		return nil
	}
	entries, readErr := os.ReadDir(name)
	switch {
	case readErr != nil:
		return fmt.Errorf("--output %w", err)
	case len(entries) > 0:
		return fmt.Errorf("--output %s: the directory is not empty; name a new one", name)
	}
	return nil
}

// maxKept bounds what is kept of stdin for the lines around a crash.
const maxKept = 32 << 20

// keeper keeps what is read, until it is too much.
type keeper struct {
	in   io.Reader
	kept bytes.Buffer
	much bool
}

func (k *keeper) Read(b []byte) (int, error) {
	n, err := k.in.Read(b)
	if k.much = k.much || k.kept.Len()+n > maxKept; k.much {
		k.kept = bytes.Buffer{}
	} else {
		k.kept.Write(b[:n])
	}
	return n, err
}

func (k *keeper) text() []byte { return k.kept.Bytes() }
