package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/outfile"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// liveLinger is how long a crash in a live stream may still get lines.
const liveLinger = 10 * time.Second

// analyzeFlags are the options of hacrash analyze.
type analyzeFlags struct {
	format, output, version, threads, color, tempDir, git string
	db                                                    []string
	strings, strict, noRedact, registers, group           bool
	brief, full, locals, open                             bool
	files                                                 fileFlags
	choose                                                chooseFlags
	setup                                                 setupFlags
}

func (p *program) analyze() *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:   "analyze [FILE…|DIRECTORY…|latest|-N|-]",
		Short: "Say what happened in cores, logs and backtraces",
		Long: `Reports every crash of HAProxy in any mix of ELF cores, logs and debugger
backtraces: what happened, whether the bug is known, whether this version has the
fix, and what to do. A log and a core of the same crash become one report.

What a file is, is told from its content. It may be packed with gzip, zstd, lz4 or
xz; a log may come from journalctl, syslog, docker, kubectl or any other collector.
Of a DIRECTORY the files in it are read, one level deep, and of a tar archive its
members. Journal files are read by journalctl; of a report of apport its core and its
fields. Without FILE, or with -, stdin is read; with --format jsonl each crash of a
pipe is printed as soon as it is whole, so that a log may be followed.

The executable and the libraries of a core are looked for at their paths, below
--sysroot, in --debug-dir, and on debuginfod servers if there are any; they count
only if their build-id is that of the core. The report says what was not found.

latest, or -1, stands for the newest core on this host, -2 for the one before, as
hacrash list shows them; --pid of a process that has died stands for its core.

With --pid and no input a HAProxy that is alive is looked at, such as one that hangs or
spins: it is stopped for some milliseconds, and how long is said on stderr.

--since, --until, --last, --host and --pid choose among the crashes. A TIME without
a zone is compared with times as they were printed; crashes without a time are left
out. What was left out is said on stderr.

Credentials, cookies and tokens are taken out unless --no-redact is given.

Exit status: 0 a crash was analysed, 1 failed (with --strict also: something was
missing), 2 usage, 3 the input holds no crash.`,
		Example: `  hacrash analyze /var/lib/systemd/coredump/core.haproxy.*.zst
  hacrash analyze core.1234 /var/log/haproxy.log
  journalctl -u haproxy -o json --since yesterday | hacrash analyze
  hacrash analyze --sysroot ./container --format markdown -o report.md core.1234
  hacrash analyze --open core.1234 /var/log/haproxy.log
  hacrash analyze --since yesterday --host lb1 /var/log/journal
  hacrash analyze --group /var/log/haproxy*.log`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.open {
				return p.runOpen(cmd.Context(), args, &f, cmd.Flags().Changed("format"))
			}
			return p.runAnalyze(cmd.Context(), args, &f)
		},
	}
	f.add(cmd.Flags())
	cmd.MarkFlagsMutuallyExclusive("brief", "full")
	cmd.MarkFlagsMutuallyExclusive("open", "output")
	return cmd
}

func (f *analyzeFlags) add(fl *pflag.FlagSet) {
	fl.StringVarP(&f.format, "format", "f", "text", "output form: "+strings.Join(report.Formats(), ", "))
	fl.BoolVar(&f.group, "group", false, "count crashes of the same fingerprint instead of showing each")
	fl.StringVarP(&f.output, "output", "o", "", "write the report to `FILE` instead of stdout")
	fl.BoolVar(&f.open, "open", false, "show the report in a browser, as --format html")
	fl.StringVar(&f.version, "haproxy-version", "", "HAProxy's `VERSION`, when the input does not say")
	f.files.add(fl)
	f.choose.add(fl)
	f.setup.add(fl)
	fl.StringArrayVar(&f.db, "db", nil, "more signatures from `FILE`, or from all of a directory (may be repeated)")
	fl.StringVar(&f.git, "git", "", "print the subjects of commits, from a clone of HAProxy in `DIR`")
	fl.StringVar(&f.threads, "threads", "", "threads to show: faulty, all or a number (default: the faulty one, the others folded)")
	fl.BoolVar(&f.brief, "brief", false, "what happened, whether it is known and what to do, and no more")
	fl.BoolVar(&f.full, "full", false, "all that is known: every field of dumps, arguments, modules, registers, the message as printed")
	fl.BoolVar(&f.registers, "registers", false, "show registers and the instruction at which the thread stopped")
	fl.BoolVar(&f.locals, "locals", false, "show the variables of the faulty thread's functions: numbers, pointers, enumerations")
	fl.BoolVar(&f.strings, "strings", false, "show the text that arguments point to; it may hold secrets")
	fl.BoolVar(&f.noRedact, "no-redact", false, "do not remove credentials, cookies and tokens")
	fl.StringVar(&f.color, "color", "auto", "auto, always or never")
	fl.StringVar(&f.tempDir, "temp-dir", "", "`DIRECTORY` for the temporary copy of a compressed core that cannot be read in one pass")
	fl.BoolVar(&f.strict, "strict", false, "exit 1 when something was missing")
}

// check finds what is wrong with the options.
func (f *analyzeFlags) check(p *program, names []string) error {
	switch {
	case f.setup.stdin() && (len(names) == 0 || slices.Contains(names, "-")):
		return usageError{errors.New("--config, --vv: the input is stdin already")}
	case len(names) == 0 && isTerminal(p.stdin) && !p.living(names, f):
		return usageError{errors.New("no input given; name a core or a log, or pipe one in")}
	}
	if err := oneOf("format", f.format, report.Formats()...); err != nil {
		return err
	}
	if err := oneOf("color", f.color, "auto", "always", "never"); err != nil {
		return err
	}
	if !report.KnowsThreads(f.threads) {
		return usageError{fmt.Errorf("--threads %s: not known; take faulty, all or a thread's number", f.threads)}
	}
	_, err := versionFlag(f.version)
	return err
}

// level is how much the report shows.
func (f *analyzeFlags) level() report.Level {
	switch {
	case f.brief:
		return report.Brief
	case f.full:
		return report.Full
	}
	return report.Normal
}

func (p *program) runAnalyze(ctx context.Context, names []string, f *analyzeFlags) (err error) {
	if err := f.check(p, names); err != nil {
		return err
	}
	if names, err = p.latest(ctx, names, f); err != nil {
		return err
	}
	out, err := p.openReport(names, f)
	if err != nil {
		return err
	}
	keep := false
	defer func() { err = errors.Join(err, out.Close(keep)) }()
	o, done, err := p.analysis(names, f)
	if err != nil {
		return err
	}
	defer done()
	tool := toolOf(o.Knowledge)
	stream, err := f.stream(out, tool)
	if err != nil {
		return err
	}
	sink := stream.Crash
	if f.git != "" {
		clone, err := history.OpenSubjects(ctx, f.git)
		if err != nil {
			return fmt.Errorf("--git %w", err)
		}
		defer clone.Close()
		if !f.group { // groups name fixes only
			sink = analyze.WithSubjects(clone.Of, sink)
		}
	}
	if o.Meter != nil {
		stop := drawProgress(p.stderr, o.Meter)
		defer stop()
	}
	res, err := analyze.Run(ctx, o, sink)
	for _, e := range slices.Concat(res.Notes, res.Failed) {
		complain(p.stderr, e)
	}
	// People are told on stderr that there is nothing; machines want a document.
	if res.Crashes > 0 || strings.HasPrefix(f.format, "json") {
		if e := stream.Close(&crash.Report{Schema: crash.Schema, Tool: tool, Inputs: res.Inputs, Next: res.Next}); err == nil {
			err = e
		}
	}
	keep = f.keeps(res, err)
	if err == nil {
		p.code = exitCode(res, f.strict)
		p.nothing(res)
	}
	return err
}

// nothing says that there is no crash, and what to do.
func (p *program) nothing(res analyze.Result) {
	for _, e := range res.Nothing() {
		complain(p.stderr, e)
	}
	for _, s := range res.Next {
		fmt.Fprintf(p.stderr, "next: %s: %s\n", s.Do, s.Command)
	}
}

// keeps says whether what was written is a report. Nothing that was read is no reason
// to replace an older one. Lines that a live stream gave until it was called off are
// all there will ever be.
func (f *analyzeFlags) keeps(res analyze.Result, err error) bool {
	if err == nil {
		return res.Crashes > 0 || len(res.Failed) == 0
	}
	return f.format == "jsonl" && res.Crashes > 0 && errors.Is(err, context.Canceled)
}

// openReport opens the place of the report, which is none of what is read.
func (p *program) openReport(names []string, f *analyzeFlags) (*outfile.File, error) {
	inputs := slices.Concat(names, f.db)
	if len(names) == 0 {
		inputs = append(inputs, "-")
	}
	return p.openOutput("--output", f.output, f.files.exe, inputs)
}

// openOutput opens the file that an option names for a result. It is none of the inputs, and not
// the executable.
func (p *program) openOutput(option, name, exe string, inputs []string) (*outfile.File, error) {
	if exe != "" {
		inputs = append(slices.Clone(inputs), exe)
	}
	out, err := outfile.Open(name, outfile.Streams{Stdin: p.stdin, Stdout: p.stdout, Inputs: inputs})
	if err == nil {
		return out, nil
	}
	err = fmt.Errorf("%s %w", option, err)
	if errors.As(err, new(*outfile.PlaceError)) {
		err = usageError{err}
	}
	return nil, err
}

// analysis makes the options of a run; done must be called after it.
func (p *program) analysis(names []string, f *analyzeFlags) (o analyze.Options, done func(), err error) {
	db, err := p.knowledge(f.db)
	if err != nil {
		return o, nil, err
	}
	db.UseChangelog(history.PackageChangelog(f.files.sysroot))
	setup, err := f.setup.read(p)
	if err != nil {
		return o, nil, err
	}
	o = analyze.Options{
		Setup: setup,
		Names: names, Stdin: p.stdin, TempDir: f.tempDir, Version: f.version, Knowledge: db,
		Symbols: symbols.Options{LibraryDebug: f.files.libDebug, Strings: f.strings, Locals: f.locals, NoMatches: f.files.names == "off"},
	}
	if f.format == "jsonl" {
		o.Linger = liveLinger
	}
	if f.files.exe == "" { // else it may be of another machine
		o.System = advice.System(f.files.sysroot)
	}
	if isTerminal(p.stderr) {
		o.Meter = &analyze.Meter{}
	}
	if o.Choice, err = f.choose.choice(time.Now()); err != nil {
		return o, nil, err
	}
	if o.Modules, done, err = f.files.options(o.Meter); err != nil || !p.living(names, f) {
		return o, done, err
	}
	process, err := p.openProcess(f.choose.pids[0], &o)
	if err != nil {
		done()
		return o, nil, err
	}
	return o, func() { process.Close(); done() }, nil
}

// stream opens the report.
func (f *analyzeFlags) stream(out *outfile.File, tool *crash.Tool) (report.Stream, error) {
	open := report.NewStream
	if f.group {
		open = report.NewGroups
	}
	return open(out, f.format, report.Options{
		Width:   width(out.Writer),
		Color:   f.color == "always" || f.color == "auto" && isTerminal(out.Writer) && os.Getenv("NO_COLOR") == "",
		Level:   f.level(),
		Threads: f.threads, Registers: f.registers, Locals: f.locals,
		Redact: redact.Options{Off: f.noRedact, Strings: f.strings},
		Tool:   tool,
		Now:    time.Now(),
	})
}

// exitCode is the exit status of a run that came to its end.
func exitCode(res analyze.Result, strict bool) int {
	switch {
	case slices.ContainsFunc(res.Failed, func(err error) bool { return fault.Of(err) != nil }):
		return exitFailed // whatever else was found: it must be seen
	case res.Crashes == res.Foreign && len(res.Failed) > 0:
		return exitFailed
	case res.Crashes == res.Foreign: // what other programs left is shown, and is none of HAProxy's
		return exitNoCrash
	case strict && res.Incomplete:
		return exitFailed
	}
	return exitOK
}
