package main

import (
	"cmp"
	"crypto/md5"
	"encoding/binary"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
)

// query is a crash whose fix is known, ready to be ranked.
type query struct {
	name    string
	issue   int
	report  bool        // one of testdata/queries.yaml, else a case
	of      *publicCase // nil for a report
	commits []string    // that fixed it
	facts   suspects.Query
	pool    []suspects.Gathered
	right   []bool
	// close are the places in the pool that weights are fitted on: of the rest guess says
	// that they have little in common with the crash.
	close  []int
	inPool bool
	// telling: something in it may tell fixes apart.
	telling bool
	// unsure: the report does not prove its fixes.
	unsure bool
}

// queries are the reports and those of the cases that were fixed.
func queries(root string, list []publicCase, ranker *suspects.Ranker) ([]*query, error) {
	var reports []report
	if err := load(filepath.Join(root, "internal/eval/testdata/queries.yaml"), &reports); err != nil {
		return nil, err
	}
	var out []*query
	add := func(q *query, c *crash.Crash, label string, commits []string) error {
		out = append(out, q)
		if c == nil { // nothing was found in its lines
			return nil
		}
		q.facts = classify.QueryOf(c)
		if label != "" {
			q.facts.Labels = append(q.facts.Labels, label)
		}
		q.commits = commits
		return q.gather(ranker)
	}
	for i := range reports {
		r := &reports[i]
		if err := add(&query{name: strconv.Itoa(r.Issue), issue: r.Issue, report: true}, r.crash(), r.Label, r.Fixes); err != nil {
			return nil, err
		}
	}
	for i := range list {
		c := &list[i]
		if len(c.Fixes) == 0 {
			continue
		}
		var got *crash.Crash
		if len(c.got) > 0 {
			got = c.got[0]
		}
		if err := add(&query{name: "case " + c.ID, issue: c.Issue, of: c, unsure: c.Unsure}, got, "", c.Fixes); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (q *query) gather(r *suspects.Ranker) (err error) {
	q.telling = q.facts.Telling()
	if q.pool, err = r.Gather(&q.facts); err != nil {
		return err
	}
	for _, e := range q.pool {
		right := slices.ContainsFunc(q.commits, func(c string) bool { return strings.HasPrefix(e.Fix.Commit, c[:10]) })
		q.right = append(q.right, right)
		q.inPool = q.inPool || right
	}
	const most = 400
	for i := range q.pool {
		q.close = append(q.close, i)
	}
	scores := make([]float64, len(q.pool))
	for i := range q.pool {
		if scores[i] = score(&guess, &q.pool[i]); q.right[i] {
			scores[i] = 1e9
		}
	}
	slices.SortFunc(q.close, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	q.close = q.close[:min(len(q.close), most)]
	return nil
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

func isReport(q *query) bool        { return !q.unsure && q.report }
func isCase(q *query) bool          { return !q.unsure && !q.report }
func isSolid(q *query) bool         { return !q.unsure }
func hasVersion(q *query) bool      { return len(q.facts.Versions) > 0 }
func isVersioned(q *query) bool     { return isSolid(q) && hasVersion(q) }
func isVersionedCase(q *query) bool { return isCase(q) && hasVersion(q) }
func isTelling(q *query) bool       { return isSolid(q) && q.telling }
