package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/lines"
)

// withheld is a crash whose version is stated, ranked as if only lines told it.
type withheld struct {
	with, without outcome
	releases      int // that the lines fit
}

// withholding measures what a stated version is worth: on the cases whose lines tell releases
// too, and on all queries with places of testdata. The weights are those of the query's fold.
func (e *evaluation) withholding(root string, db *classify.DB, r *suspects.Ranker) error {
	places, err := readPlaces(root)
	if err != nil {
		return err
	}
	for _, o := range e.cross {
		if o.q.unsure || len(o.q.facts.Versions) != 1 {
			continue
		}
		if q := unstated(o.q, db); q != nil {
			if err := e.withhold(&e.unstated, o, q, r); err != nil {
				return err
			}
		}
		for _, evidence := range places[o.q.name] {
			q := &query{name: o.q.name, issue: o.q.issue, commits: o.q.commits, facts: o.q.facts}
			q.facts.Inferred = true
			q.facts.Versions = evidence.Candidates().Releases
			if err := e.withhold(&e.drawn, o, q, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *evaluation) withhold(to *[]withheld, with outcome, q *query, r *suspects.Ranker) error {
	if err := q.gather(r); err != nil {
		return err
	}
	*to = append(*to, withheld{with, judge(q, &e.weights[q.fold()]), len(q.facts.Versions)})
	return nil
}

// unstated is a case without the version that it states; nil where it states none, or its lines
// tell none.
func unstated(q *query, db *classify.DB) *query {
	if q.of == nil || len(q.of.got) == 0 {
		return nil
	}
	c := *q.of.got[0]
	if c.Version() == "" || c.Process.Releases == nil || len(c.Process.Releases.Versions) == 0 {
		return nil
	}
	process := *c.Process
	process.Version, process.VersionSource = "", ""
	c.Process = &process
	verdict := db.Classify(&c)
	c.Verdict = &verdict
	of := *q.of
	of.got = []*crash.Crash{&c}
	return &query{name: q.name, issue: q.issue, of: &of, commits: q.commits, facts: classify.QueryOf(&c)}
}

// readPlaces reads testdata/places.txt, by query.
func readPlaces(root string) (map[string][]lines.Evidence, error) {
	name := filepath.Join(root, "internal/eval/testdata/places.txt")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	out := map[string][]lines.Evidence{}
	for line := range strings.Lines(string(text)) {
		query, list, ok := strings.Cut(strings.TrimSpace(line), " | ")
		if !ok || line[0] == '#' {
			continue
		}
		var e lines.Evidence
		callee := ""
		for place := range strings.FieldsSeq(list) {
			function, at, _ := strings.Cut(place, "@")
			file, number, _ := strings.Cut(at, ":")
			n, err := strconv.Atoi(number)
			if err != nil {
				return nil, fmt.Errorf("%s: %q: want function@file:line", name, place)
			}
			e.Frames = append(e.Frames, lines.Frame{Function: function, File: file, Line: n, Callee: callee})
			callee = function
		}
		out[query] = append(out[query], e)
	}
	return out, nil
}

// inFive counts, with the version and without, how often the fix is shown first and among the
// first five.
func inFive(list []withheld) (with, without ranks) {
	var a, b []outcome
	for _, x := range list {
		a, b = append(a, x.with), append(b, x.without)
	}
	return sumUp(a, asShown), sumUp(b, asShown)
}
