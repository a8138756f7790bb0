package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// inspecting are the options of hacrash inspect that are no part of the question.
type inspecting struct {
	format, version, tempDir string
	noRedact                 bool
	pid                      int
	files                    fileFlags
}

func (p *program) inspect() *cobra.Command {
	var o inspecting
	var q analyze.Query
	var list strings.Builder
	for _, q := range analyze.Questions() {
		fmt.Fprintf(&list, "  %-24s %s\n", strings.TrimSpace(q.What+" "+q.Argument), q.Says)
	}
	cmd := &cobra.Command{
		Use:   "inspect {CORE|--pid PID} WHAT [ARGUMENT…]",
		Short: "Look at HAProxy's objects in a core, or in a living process",
		Long: `Shows what the debugger's scripts of HAProxy show, for any version and without a
debugger. Structures are read by the debug data of the executable; lists that
are broken are walked as far as they hold together, and it is said where they end.

WHAT is one of
` + list.String() + `
One object is one line: its address, its type and name=value, with the names of
flags behind their number. A line that begins with ! tells where a list is broken.
Text of clients and keys are hidden unless --no-redact is given.

With --pid a HAProxy that is alive is looked at: it is stopped for some milliseconds,
and how long is said on stderr. What is not copied in that time is read while it runs.

Exit status: 0 the question was answered, also when there is no such object; 1 failed
(no debug data, no such memory), 2 usage.`,
		Example: `  hacrash inspect core.1234 streams --applet CLI
  hacrash inspect --exe ./haproxy core.1234 stream 0x55d0a1b2c3d0
  hacrash inspect core.1234 streams --flag SF_CURR_SESS --limit 10
  hacrash inspect --pid 4242 streams
  hacrash inspect core.1234 fds --format jsonl | jq .fields`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			names, args, err := o.place(args)
			if err != nil {
				return err
			}
			q.What, q.Arguments, q.Redact.Off = args[0], args[1:], o.noRedact
			return p.runInspect(cmd.Context(), names, q, &o)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&o.format, "format", "f", "text", "output form: text, json, jsonl")
	fl.StringVar(&o.version, "haproxy-version", "", "HAProxy's `VERSION`, when the core does not say")
	fl.StringVar(&o.tempDir, "temp-dir", "", "`DIRECTORY` for the temporary copy of a compressed core")
	fl.IntVar(&o.pid, "pid", 0, "look at the living process `PID` instead of a core")
	fl.StringVar(&q.Flag, "flag", "", "only objects that have the flag `NAME` in any of their words")
	fl.StringVar(&q.Frontend, "frontend", "", "only those of the frontend `NAME`")
	fl.StringVar(&q.Backend, "backend", "", "only those of the backend `NAME`")
	fl.StringVar(&q.Applet, "applet", "", "only streams with the applet `NAME` at one end")
	fl.StringVar(&q.Name, "name", "", "only objects called `NAME`")
	fl.IntVar(&q.Limit, "limit", 0, "at most `N` objects")
	fl.BoolVar(&o.noRedact, "no-redact", false, "show text in memory; it may hold secrets")
	o.files.add(fl)
	return cmd
}

// place parts what is looked into from what is asked.
func (o *inspecting) place(args []string) (names, question []string, err error) {
	switch {
	case o.pid != 0 && len(args) == 0:
		return nil, nil, usageError{errors.New("inspect --pid: say what to show, such as streams")}
	case o.pid != 0:
		return nil, args, nil
	case len(args) < 2:
		return nil, nil, usageError{errors.New("inspect: name a core and what to show of it, or --pid and what to show")}
	}
	return args[:1], args[1:], nil
}

func (p *program) runInspect(ctx context.Context, names []string, q analyze.Query, o *inspecting) error {
	if err := q.Check(); err != nil {
		return usageError{err}
	}
	if _, err := versionFlag(o.version); err != nil {
		return err
	}
	if err := oneOf("format", o.format, report.ObjectFormats()...); err != nil {
		return err
	}
	modules, done, err := o.files.options(nil)
	if err != nil {
		return err
	}
	defer done()
	options := analyze.Options{Names: names, Stdin: p.stdin, TempDir: o.tempDir, Version: o.version, Modules: modules, Symbols: symbols.Options{NoMatches: o.files.names == "off"}}
	if o.pid != 0 {
		process, err := p.openProcess(o.pid, &options)
		if err != nil {
			return err
		}
		defer process.Close()
	}
	out := report.NewObjects(p.stdout, o.format, q.What, o.noRedact)
	err = analyze.Ask(ctx, options, q, out)
	if errors.As(err, new(analyze.QueryError)) {
		err = usageError{err}
	}
	return errors.Join(err, out.Close())
}
