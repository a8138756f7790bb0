package classify

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// Refers are the signatures of the bug that a reference names.
func (db *DB) Refers(r fixes.Reference) []signatures.Signature {
	begins := func(commit string) bool {
		n := min(len(commit), len(r.Commit))
		return n > 0 && commit[:n] == r.Commit[:n]
	}
	var found []signatures.Signature
	for _, s := range db.sigs {
		if r.Issue > 0 && slices.Contains(s.Issues, r.Issue) ||
			r.CVE != "" && slices.ContainsFunc(s.CVEs, func(c string) bool { return strings.EqualFold(c, r.CVE) }) ||
			begins(s.Fix) || slices.ContainsFunc(s.Related, begins) {
			found = append(found, s)
		}
	}
	return found
}
