package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/source"
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
		Long: `Lists the fixes of crashes that a version of HAProxy lacks, the most dangerous
first, and how that is known. No network is asked. With --features the version
may be left out.`,
		Example: `  hacrash bugs affects 2.8.3
  haproxy -vv | hacrash bugs affects --features - --severity major`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.affects(cmd.Context(), o, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&o.subsystem, "subsystem", "", "only fixes of subsystem `NAME`, such as mux-h2")
	fl.StringVar(&o.severity, "severity", "", "only fixes of severity `MIN` or worse: minor, medium, major, critical")
	fl.StringVar(&o.features, "features", "", "leave out what is not built in, by the output of haproxy -vv in `FILE` (- is stdin)")
	fl.BoolVar(&o.all, "all", false, "not only crashes, and also fixes of which it cannot be told")
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
	if o.format != "text" && o.format != "json" {
		return usageError{fmt.Errorf("--format %s: not known; take one of text, json", o.format)}
	}
	x, err := p.loadIndex()
	if err != nil {
		return err
	}
	build, err := p.build(o.features, args)
	if err != nil {
		return err
	}
	if more, ok := x.WithPackage(build.Version, packageChangelog(o.sysroot)); ok {
		x = more
	}
	found, err := x.Affects(build, want)
	if err != nil {
		return fmt.Errorf("bugs affects: %w", err)
	}
	if o.git != "" {
		if err := subjects(ctx, o.git, found.Fixes); err != nil {
			return err
		}
	}
	if o.format == "json" {
		e := json.NewEncoder(p.stdout)
		e.SetIndent("", "  ")
		return e.Encode(found)
	}
	return printAffects(p.stdout, found, build.Version, o.all)
}

// maxBuildText bounds the output of haproxy -vv, which has some 10 kB.
const maxBuildText = 1 << 20

// build is what is asked about: a version, with what -vv says of it.
func (p *program) build(name string, args []string) (fixes.Build, error) {
	var b fixes.Build
	if name != "" {
		text, err := p.read(name)
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
		if v.Raw != b.Version.Raw {
			b.Version, b.Day = v, time.Time{}
		}
	}
	if b.Version.Raw == "" {
		return b, usageError{errors.New("bugs affects: no version given; take one such as 2.8.3, or --features with the output of haproxy -vv")}
	}
	return b, nil
}

// read reads a small file, or stdin.
func (p *program) read(name string) ([]byte, error) {
	if name != "-" {
		return source.Small(name, maxBuildText)
	}
	text, err := io.ReadAll(io.LimitReader(p.stdin, maxBuildText))
	if err != nil {
		return nil, plain(err)
	}
	return text, nil
}

// subjects fills in the subjects of commits from the user's clone, those that it
// has.
func subjects(ctx context.Context, dir string, list []fixes.AffectingFix) error {
	clone, err := openSubjects(ctx, dir)
	if err != nil {
		return err
	}
	defer clone.Close()
	for i := range list {
		if list[i].Subject, err = clone.Of(list[i].Commit); err != nil {
			return noSubjects(dir, err)
		}
	}
	return nil
}

// printAffects writes the document for people: two lines or three a fix.
func printAffects(w io.Writer, d *fixes.Affects, v haproxy.Version, all bool) error {
	var b strings.Builder
	for _, f := range d.Fixes {
		what := strings.Join(slices.Concat([]string{strings.Join(f.Subsystems, "/")}, f.Kinds), " ")
		refs := strings.Join(slices.Concat(f.CVEs, strings.Fields(issues(f.Issues))), " ")
		fmt.Fprintf(&b, "%s  %s  %-8s  %s\n", f.Commit[:10], f.Date, f.Severity, strings.TrimSpace(strings.TrimSpace(what)+"  "+refs))
		if f.Subject != "" {
			fmt.Fprintf(&b, "    %s\n", report.Escape(f.Subject))
		}
		fmt.Fprintf(&b, "    %s\n", standing(&f))
	}
	noun := "fixes of crashes"
	if d.Counts.Affected == 1 && d.Counts.CannotTell <= 1 || d.Counts.Affected == 0 && d.Counts.CannotTell == 1 {
		noun = "fix of a crash"
	}
	if all {
		noun = "fixes"
	}
	if len(d.Fixes) > 0 {
		b.WriteByte('\n')
	}
	switch {
	case d.Counts.CannotTell <= d.Counts.Affected:
		fmt.Fprintf(&b, "HAProxy %s lacks %d %s, %d of them by estimate; of %d it cannot be told", d.Version, d.Counts.Affected, noun, d.Counts.Estimated, d.Counts.CannotTell)
	case d.Counts.Affected == 0:
		fmt.Fprintf(&b, "Of %d %s it cannot be told whether HAProxy %s lacks them; of none it is known", d.Counts.CannotTell, noun, d.Version)
	default:
		fmt.Fprintf(&b, "Of %d %s it cannot be told whether HAProxy %s lacks them; %d it does lack, %d of those by estimate",
			d.Counts.CannotTell, noun, d.Version, d.Counts.Affected, d.Counts.Estimated)
	}
	if d.Counts.NotBuilt > 0 {
		fmt.Fprintf(&b, "; %d are left out, of features not built in", d.Counts.NotBuilt)
	}
	fmt.Fprintf(&b, ".\nKnown up to %s of %s", d.Knowledge.Commit, d.Knowledge.Date)
	if last, err := haproxy.ParseVersion(d.Knowledge.Branch); err == nil {
		fmt.Fprintf(&b, ", branch %s to %s", last.Branch(), last)
		if v.Patch > last.Patch {
			b.WriteString("; newer: estimated")
		}
	}
	b.WriteByte('.')
	if d.Page != "" {
		fmt.Fprintf(&b, " HAProxy's own list: %s", d.Page)
	}
	b.WriteByte('\n')
	if v.Distro() {
		fmt.Fprintf(&b, "All of it is upstream's: your package (%s) may have patches of its own.\n", v.Suffix)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// standing words the standing, and where the fix is.
func standing(f *fixes.AffectingFix) string {
	s := "cannot tell"
	if f.Status == crash.Affected {
		s = "affected (" + f.Basis
		if f.Estimated {
			s += ", estimated"
		}
		s += ")"
	}
	s += ": " + f.Reason
	switch {
	case f.Upgrade != "" && strings.Contains(f.Reason, f.Upgrade):
		return s
	case f.Upgrade != "":
		return s + "; fixed in " + f.Upgrade
	case len(f.FixedIn) > 0:
		return s + "; first in " + f.FixedIn[0]
	}
	return s + "; in no release yet"
}
