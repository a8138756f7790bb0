package lines

import "github.com/hacrash/hacrash/pkg/haproxy"

// Without gives the candidates as of a table that has not the branch of a version.
func (e Evidence) Without(v haproxy.Version) Candidates {
	t := table()
	in := t.until(e.Day)
	for i, r := range t.releases {
		in[i] = in[i] && r.version.CompareBranch(v) != 0
	}
	return t.candidates(e, in)
}
