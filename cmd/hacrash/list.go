package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/host"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/signals"
)

// listFlags are the options of hacrash list.
type listFlags struct {
	root, format string
	configs      []string
	choose       chooseFlags
}

// usualLast is how many crashes are looked at if nobody says.
const usualLast = 20

func (p *program) list() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list [DIRECTORY…]",
		Short: "List the crashes of HAProxy on this host, newest first",
		Long: `Lists what crashes of HAProxy left on this host, the newest first: cores of
systemd-coredump and what the journal says of them, cores where kernel.core_pattern puts
them, in HAProxy's chroot too, reports of apport and abrt. With DIRECTORY only what lies
there is listed. Each core is looked at for a few seconds at most; hacrash analyze
latest shows the first of the list, hacrash analyze -2 the second.

Links are not followed. What could not be looked at is said on stderr.

Exit status: 0 a crash is listed, 1 failed, 2 usage, 3 there is none.`,
		Example: `  hacrash list
  hacrash list --since yesterday --format json
  hacrash list --last 3 /srv/cores`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.runList(cmd.Context(), &f, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.root, "root", "", "`DIRECTORY` that holds the files of a machine")
	fl.StringArrayVar(&f.configs, "config", nil, "HAProxy's configuration is in `FILE`, not in /etc/haproxy/haproxy.cfg: it tells the chroot (may be repeated)")
	f.choose.add(fl)
	fl.Lookup("host").Hidden = true
	fl.StringVarP(&f.format, "format", "f", "text", "output form: text, json")
	return cmd
}

func (p *program) runList(ctx context.Context, f *listFlags, dirs []string) error {
	choice, err := f.choose.choice(time.Now())
	if err == nil {
		err = oneOf("format", f.format, "text", "json")
	}
	switch {
	case err != nil:
		return err
	case len(f.choose.hosts) > 0:
		return usageError{errors.New("--host: the list is of this host")}
	case choice.Last == 0:
		choice.Last = usualLast
	}
	found, err := p.leavings(ctx, host.CoreOptions{
		Options: host.Options{Root: f.root, Configs: f.configs}, Folders: dirs, Alone: len(dirs) > 0,
	})
	if err != nil {
		return err
	}
	list := &report.List{Schema: report.ListSchema, Crashes: []report.Listed{}}
	for i := range found {
		l := &found[i]
		switch {
		case !wanted(l, &choice) || l.Path != "" && !l.Check(ctx):
		case len(list.Crashes) == choice.Last:
			list.LeftOut = len(found) - i
			complain(p.stderr, fmt.Errorf("up to %d older ones were not looked at; --last takes more", list.LeftOut))
			return p.writeList(f, list)
		default:
			if c := p.quick(ctx, l); len(choice.PIDs) == 0 || slices.Contains(choice.PIDs, c.PID) {
				list.Crashes = append(list.Crashes, c)
			}
		}
	}
	return p.writeList(f, list)
}

func (p *program) writeList(f *listFlags, list *report.List) error {
	if len(list.Crashes) == 0 {
		p.code = exitNoCrash
		complain(p.stderr, errors.New("no crash of HAProxy was found on this host; hacrash doctor says whether the next one will leave something"))
		if f.format == "text" {
			return nil
		}
	}
	return report.WriteList(p.stdout, f.format, list)
}

// leavings are what crashes left, the newest first.
func (p *program) leavings(ctx context.Context, o host.CoreOptions) ([]host.Leaving, error) {
	found, err := host.Cores(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, note := range found.Notes {
		complain(p.stderr, errors.New(note))
	}
	return found.Leavings, nil
}

// wanted says that a leaving was asked for, as far as its name tells.
func wanted(l *host.Leaving, c *analyze.Choice) bool {
	moment := func(m analyze.Moment) time.Time {
		if m.Zone {
			return m.Time
		}
		return time.Date(m.Year(), m.Month(), m.Day(), m.Hour(), m.Minute(), m.Second(), 0, time.Local)
	}
	return (c.Since.IsZero() || !l.Time.Before(moment(c.Since))) && (c.Until.IsZero() || !l.Time.After(moment(c.Until))) &&
		(len(c.PIDs) == 0 || l.PID == 0 || slices.Contains(c.PIDs, l.PID))
}

// quickLook bounds what a list spends on one core.
const quickLook = 5 * time.Second

// quick looks at one core.
func (p *program) quick(ctx context.Context, l *host.Leaving) report.Listed {
	out := report.Listed{
		Time: l.Time.Format(time.RFC3339), PID: l.PID, Path: l.Path, Size: l.Size, Source: l.Source, Core: string(l.Presence), Version: l.Version,
	}
	if l.Signal != 0 {
		out.Signal = signals.Name(l.Signal)
	}
	if l.Presence != host.Present {
		return out
	}
	db, err := p.knowledge(nil)
	if err != nil {
		out.Problem = err.Error()
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, quickLook)
	defer cancel()
	first := true
	res, err := analyze.Run(ctx, analyze.Options{Names: []string{l.Path}, Knowledge: db}, func(c *crash.Crash) error {
		if first {
			describe(&out, c)
		}
		first = false
		return nil
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		out.Problem = fmt.Sprintf("not read within %v; hacrash analyze takes its time", quickLook)
	case err != nil:
		out.Problem = err.Error()
	case len(res.Failed) > 0:
		out.Problem = res.Failed[0].Error()
	}
	return out
}

// describe takes over what the crash tells of itself.
func describe(out *report.Listed, c *crash.Crash) {
	out.Kind, out.Fingerprint = string(c.Kind), c.Fingerprint
	if c.Signal != nil {
		out.Signal = c.Signal.Name
	}
	if q := c.Process; q != nil {
		if q.PID != 0 {
			out.PID = q.PID
		}
		if q.Version != "" {
			out.Version = q.Version
		}
	}
}
