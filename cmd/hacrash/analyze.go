package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/haproxy"
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
	brief, full                                           bool
	files                                                 fileFlags
}

func (p *program) analyze() *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:   "analyze [FILE…|DIRECTORY…|-]",
		Short: "Say what happened in cores, logs and backtraces",
		Long: `Reads any mix of ELF cores, logs and debugger backtraces, compressed or not,
and reports every HAProxy crash in them. A log and a core of the same crash
become one report. Without FILE, or with -, stdin is read.`,
		Example: `  hacrash analyze /var/lib/systemd/coredump/core.haproxy.*.zst
  hacrash analyze core.1234 /var/log/haproxy.log
  journalctl -u haproxy -o json --since yesterday | hacrash analyze
  hacrash analyze --format markdown core.1234 > report.md
  hacrash analyze --group /var/log/haproxy*.log`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runAnalyze(cmd.Context(), args, f)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.format, "format", "f", "text", "output form: "+strings.Join(report.Formats(), ", "))
	fl.BoolVar(&f.group, "group", false, "count crashes of the same fingerprint instead of showing each")
	fl.StringVarP(&f.output, "output", "o", "", "write the report to `FILE` instead of stdout")
	fl.StringVar(&f.version, "haproxy-version", "", "HAProxy's `VERSION`, when the input does not say")
	f.files.add(fl)
	fl.StringArrayVar(&f.db, "db", nil, "more signatures from `FILE`, or from all of a directory (may be repeated)")
	fl.StringVar(&f.git, "git", "", "print the subjects of commits, from a clone of HAProxy in `DIR`")
	fl.StringVar(&f.threads, "threads", "", "threads to show: faulty, all or a number (default: the faulty one, the others folded)")
	fl.BoolVar(&f.brief, "brief", false, "what happened, whether it is known and what to do, and no more")
	fl.BoolVar(&f.full, "full", false, "all that is known: every field of dumps, arguments, modules, registers, the message as printed")
	fl.BoolVar(&f.registers, "registers", false, "show registers and the instruction at which the thread stopped")
	fl.BoolVar(&f.strings, "strings", false, "show the text that arguments point to; it may hold secrets")
	fl.BoolVar(&f.noRedact, "no-redact", false, "do not remove credentials, cookies and tokens")
	fl.StringVar(&f.color, "color", "auto", "auto, always or never")
	fl.StringVar(&f.tempDir, "temp-dir", "", "`DIRECTORY` for the temporary copy of a compressed core that cannot be read in one pass")
	fl.BoolVar(&f.strict, "strict", false, "exit 1 when something was missing")
	cmd.MarkFlagsMutuallyExclusive("brief", "full")
	return cmd
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

// check finds what is wrong with the options.
func (f *analyzeFlags) check() error {
	if !slices.Contains(report.Formats(), f.format) {
		return usageError{fmt.Errorf("--format %s: not known; take one of %s", f.format, strings.Join(report.Formats(), ", "))}
	}
	if !slices.Contains([]string{"auto", "always", "never"}, f.color) {
		return usageError{fmt.Errorf("--color %s: not known; take auto, always or never", f.color)}
	}
	if f.threads != "" && f.threads != "all" && f.threads != "faulty" {
		if n, err := strconv.Atoi(f.threads); err != nil || n < 1 {
			return usageError{fmt.Errorf("--threads %s: not known; take faulty, all or a thread's number", f.threads)}
		}
	}
	if f.version != "" {
		if _, err := haproxy.ParseVersion(f.version); err != nil {
			return usageError{fmt.Errorf("--haproxy-version %s: %w", f.version, err)}
		}
	}
	return nil
}

func (p *program) runAnalyze(ctx context.Context, names []string, f analyzeFlags) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if len(names) == 0 && isTerminal(p.stdin) {
		return usageError{errors.New("no input given; name a core or a log, or pipe one in")}
	}
	inputs := slices.Concat(names, f.db)
	if len(names) == 0 {
		inputs = append(inputs, "-")
	}
	if f.files.exe != "" {
		inputs = append(inputs, f.files.exe)
	}
	out, err := p.openOutput(f.output, inputs)
	if err != nil {
		return err
	}
	keep := false
	defer func() { err = errors.Join(err, out.close(keep)) }()
	db, err := p.knowledge(f.db)
	if err != nil {
		return err
	}
	db.UseChangelog(packageChangelog(f.files.sysroot))
	var meter *analyze.Meter
	if isTerminal(p.stderr) {
		meter = &analyze.Meter{}
	}
	modules, closeModules, err := f.files.options(meter)
	if err != nil {
		return err
	}
	defer closeModules()
	var clone *history.Subjects
	if f.git != "" {
		if clone, err = openSubjects(ctx, f.git); err != nil {
			return err
		}
		defer clone.Close()
	}
	k := db.Knowledge()
	rep := &crash.Report{Schema: crash.Schema, Tool: &crash.Tool{Version: versionString(), Knowledge: &k}}
	open := report.NewStream
	if f.group {
		open = report.NewGroups
	}
	stream, err := open(out, f.format, report.Options{
		Width:   width(out.Writer),
		Color:   f.color == "always" || f.color == "auto" && isTerminal(out.Writer) && os.Getenv("NO_COLOR") == "",
		Level:   f.level(),
		Threads: f.threads, Registers: f.registers,
		Redact: redact.Options{Off: f.noRedact, Strings: f.strings},
		Tool:   rep.Tool,
		Now:    time.Now(),
	})
	if err != nil {
		return err
	}
	o := analyze.Options{
		Names: names, Stdin: p.stdin, TempDir: f.tempDir, Version: f.version, Knowledge: db, Meter: meter,
		Modules: modules, Symbols: symbols.Options{LibraryDebug: f.files.libDebug, Strings: f.strings},
	}
	if f.format == "jsonl" {
		o.Linger = liveLinger
	}
	if meter != nil {
		stop := drawProgress(p.stderr, meter)
		defer stop()
	}
	sink := stream.Crash
	if clone != nil && !f.group { // groups name fixes only
		sink = withSubjects(clone, f.git, sink)
	}
	res, err := analyze.Run(ctx, o, sink)
	for _, e := range res.Failed {
		complain(p.stderr, e)
	}
	rep.Inputs = res.Inputs
	// People are told on stderr that there is nothing; machines want a document.
	if res.Crashes > 0 || strings.HasPrefix(f.format, "json") {
		if e := stream.Close(rep); err == nil {
			err = e
		}
	}
	// Nothing that was read is no reason to replace an older report. Lines that a live
	// stream gave so far are all there will ever be.
	keep = err == nil && (res.Crashes > 0 || len(res.Failed) == 0) ||
		f.format == "jsonl" && res.Crashes > 0 && errors.Is(err, context.Canceled)
	if err != nil {
		return err
	}
	p.code = exitCode(res, f.strict)
	if p.code == exitNoCrash {
		if len(res.Others) == 0 {
			fmt.Fprintln(p.stderr, "hacrash: no crash of HAProxy found in the input")
		}
		said := map[string]bool{}
		for _, o := range res.Others {
			if said[o.Input] {
				continue // the first one of an input is enough
			}
			said[o.Input] = true
			complain(p.stderr, fmt.Errorf("%s: line %d: %s; no crash of HAProxy found", o.Input, o.Line, o.What))
		}
	}
	return nil
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

// plain takes the name of the system call out of a file error.
func plain(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}
