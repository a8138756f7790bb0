package main

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

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

// query is a crash whose fix is known, ready to be ranked.
type query struct {
	name    string
	issue   int
	report  bool // one of testdata/queries.yaml, else a case
	facts   suspects.Query
	pool    []suspects.Evidence
	right   []bool
	inPool  bool
	telling bool
}

// publicCase is a public report with its lines, and what the verdict should be.
type publicCase struct {
	ID      string   `yaml:"id"`
	Kind    string   `yaml:"kind"`
	Label   string   `yaml:"label"`
	Version string   `yaml:"version"`
	Fixes   []string `yaml:"fixes"`
	issue   int
	got     []*crash.Crash
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

// cases analyses the public reports.
func cases(root string, db *classify.DB) ([]publicCase, error) {
	var out []publicCase
	if err := load(filepath.Join(root, "pkg/analyze/testdata/truth.yaml"), &out); err != nil {
		return nil, err
	}
	var lines []struct {
		ID    string `yaml:"id"`
		Issue int    `yaml:"issue"`
		Lines string `yaml:"lines"`
	}
	if err := load(filepath.Join(root, "pkg/logparse/testdata/cases.yaml"), &lines); err != nil {
		return nil, err
	}
	for i := range out {
		c := &out[i]
		for _, l := range lines {
			if l.ID != c.ID {
				continue
			}
			c.issue = l.Issue
			_, err := analyze.Run(context.Background(), analyze.Options{Stdin: strings.NewReader(l.Lines), Version: c.Version, Knowledge: db},
				func(x *crash.Crash) error { c.got = append(c.got, x); return nil })
			if err != nil {
				return nil, fmt.Errorf("case %s: %w", c.ID, err)
			}
		}
	}
	return out, nil
}

// queries are the reports and those of the cases that were fixed.
func queries(root string, list []publicCase, x *fixes.Index) ([]*query, error) {
	var reports []report
	if err := load(filepath.Join(root, "internal/eval/testdata/queries.yaml"), &reports); err != nil {
		return nil, err
	}
	var out []*query
	for i := range reports {
		r := &reports[i]
		facts := classify.QueryOf(r.crash())
		if r.Label != "" {
			facts.Labels = append(facts.Labels, r.Label)
		}
		q, err := newQuery(strconv.Itoa(r.Issue), r.Issue, facts, r.Fixes, x)
		if err != nil {
			return nil, err
		}
		q.report = true
		out = append(out, q)
	}
	for _, c := range list {
		if len(c.Fixes) == 0 || len(c.got) == 0 {
			continue
		}
		q, err := newQuery("case "+c.ID, c.issue, classify.QueryOf(c.got[0]), c.Fixes, x)
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

func newQuery(name string, issue int, facts suspects.Query, commits []string, x *fixes.Index) (*query, error) {
	q := &query{name: name, issue: issue, facts: facts, telling: facts.Telling()}
	r, err := suspects.NewRanker(x)
	if err != nil {
		return nil, err
	}
	all, err := r.Gather(&facts)
	if err != nil {
		return nil, err
	}
	judge := x.Judge(facts.Version, time.Time{})
	for _, e := range all {
		if facts.Version.Raw != "" && !judge.Standing(e.Fix).Lacks() {
			continue
		}
		right := slices.ContainsFunc(commits, func(c string) bool { return strings.HasPrefix(e.Fix.Commit, c[:10]) })
		q.pool = append(q.pool, e)
		q.right = append(q.right, right)
		q.inPool = q.inPool || right
	}
	return q, nil
}

// folds is how many parts the queries are cut into. Those of one issue are in one.
const folds = 10

func (q *query) fold() int {
	issue := q.issue
	if issue >= 10000 { // two crashes of one issue, see queries.yaml
		issue /= 10
	}
	sum := md5.Sum([]byte(strconv.Itoa(issue)))
	return int(binary.BigEndian.Uint16(sum[:])) % folds
}
