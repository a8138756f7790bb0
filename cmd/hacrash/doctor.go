package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/affects"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/host"
	"github.com/hacrash/hacrash/pkg/report"
)

// doctorFlags are the options of hacrash doctor.
type doctorFlags struct {
	root, format string
	pid          int
	configs      []string
	script       bool
}

func (p *program) doctor() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say whether the next crash on this host will leave a core and its lines",
		Long: `Looks at what decides whether a crash of HAProxy leaves something to analyze:
kernel.core_pattern and who takes the cores, the limits and the user of the HAProxy
that runs, its configuration and unit, the disk, the journal, containers, debug data,
and the crash fixes that its version lacks. Each finding is ok, a problem, or cannot
be told; a problem comes with the command that mends it, and what that costs.

Nothing is changed and nothing is run. As another user than root less can be told.
The worker of the first HAProxy that runs is looked at; --pid names another.

Exit status: 0 no problem found, 1 a problem, or failed; 2 usage.`,
		Example: `  hacrash doctor
  hacrash doctor --pid 1234 --config /etc/haproxy/haproxy.cfg --format json
  hacrash doctor --fix-script >fix.sh`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDoctor(&f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.root, "root", "", "`DIRECTORY` that holds the files of a machine, /proc among them")
	fl.IntVar(&f.pid, "pid", 0, "look at the HAProxy with process number `N`")
	fl.StringArrayVar(&f.configs, "config", nil, "its configuration is in `FILE`, not in /etc/haproxy/haproxy.cfg; of a directory its *.cfg (may be repeated)")
	fl.BoolVar(&f.script, "fix-script", false, "print a shell script that mends the problems, to read before it is run")
	fl.StringVarP(&f.format, "format", "f", "text", "output form: "+strings.Join(report.DoctorFormats(), ", "))
	return cmd
}

func (p *program) runDoctor(f *doctorFlags) error {
	if err := oneOf("format", f.format, report.DoctorFormats()...); err != nil {
		return err
	}
	switch {
	case f.pid < 0:
		return usageError{fmt.Errorf("--pid %d: no process has that number", f.pid)}
	case slices.Contains(f.configs, "-"):
		return usageError{errors.New("--config -: name a file; it is read twice")}
	}
	r, err := host.Examine(host.Options{Root: f.root, PID: f.pid, Configs: f.configs})
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	if finding, err := p.lacking(f, r); err != nil {
		return fmt.Errorf("doctor: %w", err)
	} else if finding != nil {
		r.Add(*finding)
	}
	if r.Problems > 0 {
		p.code = exitFailed
	}
	if f.script {
		return host.WriteScript(p.stdout, r)
	}
	return report.WriteDoctor(p.stdout, f.format, r)
}

// lacking says which crash fixes the version of the executable lacks, for its
// configuration if that can be read; nil if the version is not known.
func (p *program) lacking(f *doctorFlags, r *host.Result) (*host.Finding, error) {
	const id = "fixes"
	if r.Version.Raw == "" {
		return &host.Finding{ID: id, State: host.Unknown, Says: "the version of HAProxy was not found in its executable"}, nil
	}
	x, err := p.loadIndex()
	if err != nil {
		return nil, err
	}
	if more, ok := x.WithPackage(r.Version, history.PackageChangelog(f.root)); ok {
		x = more
	}
	q := affects.Query{Asked: r.Version}
	whose := ""
	if c, err := haconf.Read(r.Configs, p.stdin, sentences.Words()); err == nil {
		q.Setup.Config, whose = c, " that matter to its configuration"
	}
	found, err := affects.Find(x, q)
	if err != nil {
		return &host.Finding{ID: id, State: host.Unknown, Says: err.Error()}, nil //nolint:nilerr // the rest was told
	}
	if len(found.Fixes) == 0 {
		return &host.Finding{ID: id, State: host.OK, Says: fmt.Sprintf("HAProxy %s lacks no crash fixes%s that are known", found.Version, whose)}, nil
	}
	out := &host.Finding{ID: id, State: host.Problem,
		Says:    fmt.Sprintf("HAProxy %s lacks %d crash fixes%s", found.Version, len(found.Fixes), whose),
		Command: "hacrash bugs affects " + r.Version.Raw, Costs: "an upgrade; the command lists the fixes, and the releases that have them"}
	return out, nil
}
