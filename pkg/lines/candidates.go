package lines

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Candidates are the releases that evidence fits.
type Candidates struct {
	// Releases are those of the table that fit, by version. There are none when nothing
	// was told, or when no release fits.
	Releases []haproxy.Version
	// Used is how many places of the source were compared, Skipped how many frames the
	// table does not know.
	Used, Skipped int
	// Wrong is how many places do not fit the releases that fit best.
	Wrong int
	known func(haproxy.Version) (fits, known bool)
	runs  string
}

// Fits says whether the lines may be those of a version, whatever its day: the assertion is
// where it says, and no more than one frame is somewhere else (of many, one in eight). It is
// not known when the table has no release of that name, or nothing was compared.
func (c *Candidates) Fits(v haproxy.Version) (fits, known bool) {
	if c.known == nil {
		return false, false
	}
	return c.known(v)
}

// String names the candidates in few words: "2.4.3 to 2.4.7".
func (c *Candidates) String() string { return c.runs }

// maxRuns bounds the ranges that are named.
const maxRuns = 3

// describe names runs of releases that follow each other in the table.
func (t *lineTable) describe(in []bool) string {
	var runs []string
	var first, last haproxy.Version
	for i := 0; i < len(in); i++ {
		if !in[i] {
			continue
		}
		from := i
		for i+1 < len(in) && in[i+1] {
			i++
		}
		a, b := t.releases[from].version, t.releases[i].version
		if first.Raw == "" {
			first = a
		}
		last = b
		if from == i {
			runs = append(runs, a.String())
		} else {
			runs = append(runs, a.String()+" to "+b.String())
		}
	}
	switch {
	case len(runs) > maxRuns:
		return fmt.Sprintf("some of %s to %s", first, last)
	case len(runs) > 1:
		return strings.Join(runs[:len(runs)-1], ", ") + " or " + runs[len(runs)-1]
	}
	return strings.Join(runs, "")
}
