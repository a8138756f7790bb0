package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
)

// affecting are the options of bugs affects.
type affecting struct {
	subsystem, severity, features, git, format, sysroot string
	all                                                 bool
}

func (p *program) bugsAffects() *cobra.Command {
	var o affecting
	cmd := &cobra.Command{
		Use:   "affects [VERSION]",
		Short: "List the crash fixes that a version of HAProxy lacks",
		Long: `Lists the crash fixes that a version of HAProxy lacks, the most dangerous
first, and how that is known. No network is asked: the answer is that of the fix
index in the program, or of the one that hacrash bugs update made.

VERSION is as HAProxy prints it: 2.8.3, 3.2-dev5-37e8467, 2.6.12-1+deb12u4. With
--features it may be left out. Of a package the answer is about upstream's release
of that number; the package may have patches of its own.

"affected" says that the fix is missing and the bug there, "estimated" that it is
likely there; where it is unknown, the fixes are counted (--all lists them).`,
		Example: `  hacrash bugs affects 2.8.3
  hacrash bugs affects 3.0.5 --subsystem mux-h2 --format json
  haproxy -vv | hacrash bugs affects --features - --severity major`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.affects(cmd.Context(), o, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&o.subsystem, "subsystem", "", "only fixes of subsystem `NAME`, such as mux-h2")
	fl.StringVar(&o.severity, "severity", "", "only fixes of severity `MIN` or worse: minor, medium, major, critical")
	fl.StringVar(&o.features, "features", "", "leave out what is not built in, by the output of haproxy -vv in `FILE` (- is stdin)")
	fl.BoolVar(&o.all, "all", false, "not only crashes, and also fixes of which it is unknown")
	fl.StringVar(&o.sysroot, "sysroot", "", "`DIRECTORY` that holds the files of a machine; its package of HAProxy may tell more of a release")
	fl.StringVar(&o.git, "git", "", "print the subjects of commits, from a clone of HAProxy in `DIR`")
	fl.StringVarP(&o.format, "format", "f", "text", "output form: text, json")
	return cmd
}

func (p *program) affects(ctx context.Context, o affecting, args []string) error {
	want := fixes.Filter{Subsystem: o.subsystem, Severity: o.severity, All: o.all}
	if err := want.Check(); err != nil {
		return usageError{fmt.Errorf("--%w", err)}
	}
	if err := oneOf("format", o.format, "text", "json"); err != nil {
		return err
	}
	x, err := p.loadIndex()
	if err != nil {
		return err
	}
	build, err := p.build(o.features, args)
	if err != nil {
		return err
	}
	if more, ok := x.WithPackage(build.Version, history.PackageChangelog(o.sysroot)); ok {
		x = more
	}
	found, err := x.Affects(build, want)
	if err != nil {
		return fmt.Errorf("bugs affects: %w", err)
	}
	if o.git != "" {
		clone, err := history.OpenSubjects(ctx, o.git)
		if err != nil {
			return fmt.Errorf("--git %w", err)
		}
		defer clone.Close()
		if err := found.NameCommits(clone.Of); err != nil {
			return err
		}
	}
	return report.WriteAffects(p.stdout, o.format, found, build.Version, o.all)
}

// maxBuildText bounds the output of haproxy -vv, which has some 10 kB.
const maxBuildText = 1 << 20

// build is what is asked about: a version, with what -vv says of it.
func (p *program) build(name string, args []string) (fixes.Build, error) {
	var b fixes.Build
	if name != "" {
		text, err := p.small(name, maxBuildText)
		if err != nil {
			return b, err
		}
		if b, err = fixes.ParseBuild(string(text)); err != nil {
			return b, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(args) == 1 {
		v, err := haproxy.ParseVersion(args[0])
		if err != nil {
			return b, fmt.Errorf("bugs affects: %w", err)
		}
		b = b.At(v)
	}
	if b.Version.Raw == "" {
		return b, usageError{errors.New("bugs affects: no version given; take one such as 2.8.3, or --features with the output of haproxy -vv")}
	}
	return b, nil
}
