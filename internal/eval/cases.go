package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// publicCase is a public report with its lines, and what the verdict should be.
type publicCase struct {
	ID      string   `yaml:"id"`
	Issue   int      `yaml:"issue"`
	Kind    string   `yaml:"kind"`
	Label   string   `yaml:"label"`
	Version string   `yaml:"version"`
	Fixes   []string `yaml:"fixes"`
	// Unsure: the report does not prove that these are the fixes.
	Unsure bool   `yaml:"unsure"`
	Lines  string `yaml:"lines"`
	got    []*crash.Crash
}

func load(name string, to any) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(b, to); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// cases analyses the public reports: those that pkg/analyze is tested with, and those of
// testdata.
func cases(root string, db *classify.DB) ([]publicCase, error) {
	var out, lines, more []publicCase
	for name, to := range map[string]*[]publicCase{
		"pkg/analyze/testdata/truth.yaml":   &out,
		"pkg/logparse/testdata/cases.yaml":  &lines,
		"internal/eval/testdata/cases.yaml": &more,
	} {
		if err := load(filepath.Join(root, name), to); err != nil {
			return nil, err
		}
	}
	for i := range out {
		c := &out[i]
		at := slices.IndexFunc(lines, func(l publicCase) bool { return l.ID == c.ID })
		if at < 0 {
			return nil, fmt.Errorf("case %s has no lines", c.ID)
		}
		c.Issue, c.Lines = lines[at].Issue, lines[at].Lines
	}
	out = append(out, more...)
	for i := range out {
		c := &out[i]
		_, err := analyze.Run(context.Background(), analyze.Options{Stdin: strings.NewReader(c.Lines), Version: c.Version, Knowledge: db},
			func(x *crash.Crash) error { c.got = append(c.got, x); return nil })
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", c.ID, err)
		}
	}
	return out, nil
}

// report is one of testdata/queries.yaml: a crash as facts, and what fixed it.
type report struct {
	Issue     int      `yaml:"issue"`
	Version   string   `yaml:"version"`
	Kind      string   `yaml:"kind"`
	Functions []string `yaml:"functions"`
	Condition string   `yaml:"condition"`
	File      string   `yaml:"file"`
	Muxes     []string `yaml:"muxes"`
	Applet    string   `yaml:"applet"`
	Label     string   `yaml:"label"`
	Fixes     []string `yaml:"fixes"`
}

// crash makes what an analysis of the report would have made.
func (r *report) crash() *crash.Crash {
	c := &crash.Crash{Kind: crash.Kind(r.Kind), Fatal: true, Process: &crash.Process{Version: r.Version}}
	t := crash.Thread{Faulty: true}
	for _, f := range r.Functions {
		t.Frames = append(t.Frames, crash.Frame{Function: f, Trust: crash.TrustPrinted})
	}
	switch {
	case c.Kind == crash.BugOn:
		c.Assertion = &crash.Assertion{Condition: r.Condition, File: r.File}
	case c.Kind == crash.Spinning && r.Applet != "":
		c.Spin = &crash.Spin{Object: "APPCTX", Applet: r.Applet}
	case c.Kind == crash.Spinning:
		c.Spin = &crash.Spin{Object: "STREAM"}
	default:
		i := slices.IndexFunc(t.Frames, func(f crash.Frame) bool { return !haproxy.ReportsCrash(f.Function) })
		if i >= 0 {
			t.Frames[i].File = r.File
		}
	}
	if len(r.Muxes) == 2 {
		c.Stream = &crash.Stream{Fields: []crash.Field{{Name: "cof.mux", Value: r.Muxes[0]}, {Name: "cob.mux", Value: r.Muxes[1]}}}
	}
	c.Threads = []crash.Thread{t}
	return c
}
