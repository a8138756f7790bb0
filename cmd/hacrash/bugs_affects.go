package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/affects"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
)

// affecting are the options of bugs affects.
type affecting struct {
	setup                                                   setupFlags
	subsystem, severity, failOn, git, format, sysroot, sort string
	all                                                     bool
}

func (p *program) bugsAffects() *cobra.Command {
	var o affecting
	cmd := &cobra.Command{
		Use:   "affects [VERSION]",
		Short: "List the crash fixes that a version of HAProxy lacks, and which of them matter",
		Long: `Lists the crash fixes that a version of HAProxy lacks, the most dangerous
first: what happens, how it is known that the fix is missing, and what closes it. No
network is asked: the answer is that of the fix index in the program, or of the one
that hacrash bugs update made.

VERSION is as HAProxy prints it: 2.8.3, 3.2-dev5-37e8467, 2.6.12-1+deb12u4. With
--vv it may be left out. Of a package the answer is about upstream's release
of that number; the package may have patches of its own.

With --config only those are listed whose bug needs nothing but what the configuration
uses, or may use: docs/affects.md says what that means. Nothing is executed, and
nothing of the configuration is printed but directives and where they stand.

"affected" says that the fix is missing and the bug there, "estimated" that it is
likely there; where it is unknown, the fixes are counted (--all lists them).

Exit status: 0 answered, 1 failed, or a fix of --fail-on is missing; 2 usage.`,
		Example: `  hacrash bugs affects 2.8.3
  hacrash bugs affects 2.8.3 --config /etc/haproxy/haproxy.cfg --fail-on major
  haproxy -vv | hacrash bugs affects --vv - --config /etc/haproxy --format sarif`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.affects(cmd.Context(), &o, args) },
	}
	fl := cmd.Flags()
	o.setup.add(fl)
	fl.StringVar(&o.setup.vv, "features", "", "the same as --vv")
	fl.Lookup("features").Hidden = true
	fl.StringVar(&o.subsystem, "subsystem", "", "only fixes of subsystem `NAME`, such as mux-h2")
	fl.StringVar(&o.severity, "severity", "", "only fixes of severity `MIN` or worse: minor, medium, major, critical")
	fl.StringVar(&o.failOn, "fail-on", "", "exit 1 if a fix of severity `MIN` or worse is listed")
	fl.StringVar(&o.sort, "sort", "danger", "order: "+strings.Join(affects.Orders(), ", "))
	fl.BoolVar(&o.all, "all", false, "not only crashes, and also fixes of which it is unknown")
	fl.StringVar(&o.sysroot, "sysroot", "", "`DIRECTORY` that holds the files of a machine; its package of HAProxy may tell more of a release")
	fl.StringVar(&o.git, "git", "", "print the subjects of commits, from a clone of HAProxy in `DIR`")
	fl.StringVarP(&o.format, "format", "f", "text", "output form: "+strings.Join(report.AffectsFormats(), ", "))
	return cmd
}

func (p *program) affects(ctx context.Context, o *affecting, args []string) error {
	q, err := p.affectsQuery(o, args)
	if err != nil {
		return err
	}
	x, err := p.loadIndex()
	if err != nil {
		return err
	}
	if more, ok := x.WithPackage(q.Asked, history.PackageChangelog(o.sysroot)); ok {
		x = more
	}
	found, err := affects.Find(x, q)
	if err != nil {
		return fmt.Errorf("bugs affects: %w", err)
	}
	if err := withSubjects(ctx, o.git, found.NameCommits); err != nil {
		return err
	}
	if err := report.WriteAffects(p.stdout, o.format, versionString(), found); err != nil || o.failOn == "" {
		return err
	}
	fails, err := found.Reaches(o.failOn)
	if fails {
		p.code = exitFailed
	}
	return err
}

// affectsQuery is what is asked, its options checked.
func (p *program) affectsQuery(o *affecting, args []string) (q affects.Query, err error) {
	q = affects.Query{Filter: affects.Filter{Subsystem: o.subsystem, Severity: o.severity, All: o.all}, Sort: o.sort}
	for option, severity := range map[string]string{"severity": o.severity, "fail-on": o.failOn} {
		if err := affects.CheckSeverity(option, severity); err != nil {
			return q, usageError{err}
		}
	}
	if err := errors.Join(oneOf("format", o.format, report.AffectsFormats()...), oneOf("sort", o.sort, affects.Orders()...)); err != nil {
		return q, err
	}
	if q.Setup, err = o.setup.read(p); err != nil {
		return q, err
	}
	if b := q.Setup.Build; b != nil {
		q.Asked, q.Day = b.Version, b.Day
	}
	if len(args) == 1 {
		if q.Asked, err = haproxy.ParseVersion(args[0]); err != nil {
			return q, fmt.Errorf("bugs affects: %w", err)
		}
		if b := q.Setup.Build; b != nil {
			q.Day = b.At(q.Asked).Day
		}
	}
	switch {
	case q.Asked.Raw == "":
		return q, usageError{errors.New("bugs affects: no version given; take one such as 2.8.3, or --vv with the output of haproxy -vv")}
	case q.Asked.BranchOnly() && o.failOn != "":
		return q, usageError{fmt.Errorf("--fail-on: %s names no release; take one such as %s.3", q.Asked.Raw, q.Asked.Branch())}
	}
	return q, nil
}
