package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/host"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/outfile"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/watch"
)

// watchFlags are the options of hacrash watch.
type watchFlags struct {
	dir, journalctl, since, kernel, metrics, textfile, secretFile string
	units, files, logs, cores, formats, urls, mail, exec, db      []string
	noJournal, once, outbound                                     bool
	burst, perHour                                                int
	each, storm                                                   time.Duration
	modules                                                       fileFlags
}

func (p *program) watch() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Report each crash of this host as it happens",
		Long: `Follows the journal, logs and directories of cores, and writes a report of each
crash of HAProxy to DIRECTORY/reports: JSON, and the forms of --format. A crash is
reported once, also if the program is killed at any moment and started again. What
clients wrote into the log makes no report.

A crash loop gets --burst reports of its kind, then one in --each; the others are
counted. Programs (--exec), web hooks (--url) and mails (--mail) are told of a new
kind of crash, of a storm's beginning and end, and of a bug that is known and fixed;
--show-outbound prints these messages instead of sending them. Secrets are taken out of
reports and messages before they are written.

Cores are read if the program may: without the right it reports from lines alone.
With --once what there is is reported, and the program ends: after a service has
failed, or from a timer.

Exit status: 0 ended by a signal, or with --once, 1 failed, 2 usage.`,
		Example: `  hacrash watch --dir /var/lib/hacrash --format text
  hacrash watch --dir /var/lib/hacrash --url https://ops.example/hook --metrics 127.0.0.1:9842
  hacrash watch --dir /srv/hacrash --no-journal --file /var/log/haproxy.log --cores /srv/cores
  hacrash watch --once --since -5min --dir /var/lib/hacrash`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runWatch(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dir, "dir", "", "`DIRECTORY` for reports and for what is remembered")
	fl.BoolVar(&f.noJournal, "no-journal", false, "do not read the journal")
	fl.StringArrayVar(&f.units, "unit", []string{"haproxy.service"}, "`UNIT` whose journal is read (may be repeated)")
	fl.StringVar(&f.since, "since", "", "where to begin in a journal that was not read before, in journalctl's words (default -10min)")
	fl.StringArrayVar(&f.files, "file", nil, "follow the log in `FILE`, through its rotation (may be repeated)")
	fl.StringArrayVar(&f.logs, "logs", nil, "follow all logs that match `PATTERN`, also those that appear later (may be repeated)")
	fl.StringVar(&f.kernel, "kernel", "", "read the kernel's messages from `DEVICE`, such as /dev/kmsg, where there is no journal")
	fl.StringArrayVar(&f.cores, "cores", nil, "`DIRECTORY` in which cores appear (default: where this host keeps them; may be repeated)")
	fl.StringSliceVarP(&f.formats, "format", "f", nil, "more forms of the report: "+strings.Join(report.Formats(), ", "))
	fl.IntVar(&f.burst, "burst", 5, "`REPORTS` of one kind of crash at once; 0 for no limit")
	fl.DurationVar(&f.each, "each", 10*time.Minute, "`TIME` in which one more is made")
	fl.IntVar(&f.perHour, "per-hour", 30, "`REPORTS` of all kinds in an hour")
	fl.DurationVar(&f.storm, "storm-ends", 10*time.Minute, "`TIME` without a crash after which a storm is over")
	fl.StringArrayVar(&f.exec, "exec", nil, "run `COMMAND` with the message on its standard input; words are split at blanks, there is no shell (may be repeated)")
	fl.StringArrayVar(&f.urls, "url", nil, "post the message to `URL` (may be repeated)")
	fl.StringVar(&f.secretFile, "secret-file", "", "sign what is posted with the content of `FILE`")
	fl.StringArrayVar(&f.mail, "mail", nil, "send the message to `ADDRESS` by sendmail (may be repeated)")
	fl.BoolVar(&f.outbound, "show-outbound", false, "print the messages to hooks instead of sending them")
	fl.StringVar(&f.metrics, "metrics", "", "answer Prometheus on `ADDRESS`, such as 127.0.0.1:9842")
	fl.StringVar(&f.textfile, "textfile", "", "write the metrics to `FILE` for the node exporter")
	fl.BoolVar(&f.once, "once", false, "report what there is, and end")
	fl.StringArrayVar(&f.db, "db", nil, "more signatures from `FILE`, or from all of a directory (may be repeated)")
	fl.StringVar(&f.journalctl, "journalctl", "journalctl", "the `COMMAND` that reads the journal, with arguments")
	f.modules.add(fl)
	return cmd
}

func (f *watchFlags) options(p *program) (o watch.Options, err error) {
	if f.dir == "" {
		return o, usageError{errors.New("watch: name the directory for reports with --dir")}
	}
	if f.burst < 0 || f.perHour <= 0 || f.each <= 0 || f.storm <= 0 {
		return o, usageError{errors.New("--burst, --per-hour, --each, --storm-ends: take numbers above zero")}
	}
	for _, format := range f.formats {
		if err := oneOf("format", format, report.Formats()...); err != nil {
			return o, err
		}
	}
	o = watch.Options{
		Dir: f.dir, Since: f.since, Files: f.files, Globs: f.logs, Kernel: f.kernel, Cores: f.cores, Formats: f.formats, Once: f.once,
		Burst: f.burst, Each: f.each, PerHour: f.perHour, Storm: f.storm,
		Note: func(s string) { complain(p.stderr, errors.New(s)) },
	}
	if !f.noJournal {
		o.Journal = strings.Fields(f.journalctl)
		o.Matches = journalMatches(f.units)
	}
	if len(o.Journal)+len(o.Files)+len(o.Globs)+len(o.Cores) == 0 && o.Kernel == "" {
		return o, usageError{errors.New("watch: nothing to read; leave --no-journal out, or name --file or --cores")}
	}
	if o.Cores == nil {
		if o.Cores, err = host.CoreDirs(host.Options{}); err != nil {
			return o, err
		}
		o.Cores = append(o.Cores, "/var/lib/haproxy") // the chroot of packages, whatever the pattern is now
	}
	o.Hooks = watch.Hooks{URLs: f.urls, Mail: f.mail}
	for _, command := range f.exec {
		argv := strings.Fields(command)
		if len(argv) == 0 {
			return o, usageError{errors.New("--exec: no command given")}
		}
		o.Hooks.Exec = append(o.Hooks.Exec, argv)
	}
	if f.secretFile != "" {
		secret, err := p.small(f.secretFile, 64<<10)
		if err != nil {
			return o, err
		}
		o.Hooks.Secret = strings.TrimSpace(string(secret))
	}
	if f.outbound {
		o.Hooks.Print = func(b []byte) { fmt.Fprintf(p.stdout, "%s\n", b) }
	}
	return o, nil
}

// journalMatches are the entries that may tell of a crash: of the units, of systemd about them, of
// systemd-coredump (its MESSAGE_ID), of the kernel.
func journalMatches(units []string) []string {
	var out []string
	for _, u := range units {
		out = append(out, "_SYSTEMD_UNIT="+u, "+", "UNIT="+u, "+", "COREDUMP_UNIT="+u, "+")
	}
	return append(out, "SYSLOG_IDENTIFIER=haproxy", "+", "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "+", "_TRANSPORT=kernel")
}

func (p *program) runWatch(ctx context.Context, f *watchFlags) error {
	o, err := f.options(p)
	if err != nil {
		return err
	}
	db, err := p.knowledge(f.db)
	if err != nil {
		return err
	}
	modules, done, err := f.modules.options(nil)
	if err != nil {
		return err
	}
	defer done()
	debug.SetMemoryLimit(watchMemory)
	o.Tool = toolOf(db)
	o.Analyze = analyzer(db, modules, f.modules.sysroot)
	counted, systemd := watch.NewMetrics(), watch.NewNotifier()
	o.Ready = func() { systemd.Say("READY=1\nSTATUS=watching") }
	var tell sync.WaitGroup
	defer tell.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	written := time.Time{}
	o.Alive = func() {
		systemd.Alive()
		if f.textfile != "" && time.Since(written) > 15*time.Second {
			written = time.Now()
			if err := writeMetrics(f.textfile, counted); err != nil {
				complain(p.stderr, fmt.Errorf("--textfile: %w", err))
			}
		}
	}
	if f.metrics != "" {
		l, err := net.Listen("tcp", f.metrics)
		if err != nil {
			return fmt.Errorf("--metrics %w", err)
		}
		server := &http.Server{Handler: counted, ReadHeaderTimeout: 5 * time.Second}
		tell.Go(func() { _ = server.Serve(l) })
		defer server.Close()
	}
	err = watch.Run(ctx, o, counted)
	systemd.Say("STOPPING=1")
	if f.textfile != "" {
		err = errors.Join(err, writeMetrics(f.textfile, counted))
	}
	return err
}

func writeMetrics(name string, m *watch.Metrics) error {
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		return err
	}
	return outfile.Replace(name, b.Bytes())
}

// watchMemory is from where on Go collects its garbage more eagerly, in bytes: a watch has time, and
// should be small.
const watchMemory = 20 << 20

// analyzer analyses for a watch as hacrash analyze does.
func analyzer(db *classify.DB, modules module.Options, sysroot string) func(context.Context, []byte, string, []string, func(*crash.Crash) error) error {
	return func(ctx context.Context, text []byte, name string, cores []string, each func(*crash.Crash) error) error {
		o := analyze.Options{Knowledge: db, Modules: modules, System: advice.System(sysroot), Stdin: io.Reader(bytes.NewReader(text))}
		if text != nil {
			o.Names = []string{"-"}
		}
		o.Names = append(o.Names, cores...)
		res, err := analyze.Run(ctx, o, func(c *crash.Crash) error {
			for i := range c.Evidence {
				if c.Evidence[i].Source == "stdin" || c.Evidence[i].Source == "-" {
					c.Evidence[i].Source = filepath.Base(name)
				}
			}
			return each(c)
		})
		return errors.Join(append(res.Failed, err)...)
	}
}
