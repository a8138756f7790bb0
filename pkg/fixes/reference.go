package fixes

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Reference is what people call a bug by: the number of an issue of HAProxy's, a CVE, or the
// first digits of a commit. One of them is set, Issue and Commit both where digits may be either.
type Reference struct {
	Issue  int
	CVE    string
	Commit string
}

// ParseReference reads "2862", "#2862", "CVE-2024-45506", "972ce87676", or the address of an issue or a
// commit.
func ParseReference(s string) (r Reference, ok bool) {
	for _, prefix := range []string{"https://", "http://", "github.com/haproxy/haproxy/", "issues/", "commit/"} {
		s = strings.TrimPrefix(s, prefix)
	}
	s = strings.TrimSuffix(s, "/")
	if cve := strings.ToUpper(s); strings.HasPrefix(cve, "CVE-") {
		return Reference{CVE: cve}, true
	}
	number, hash := strings.CutPrefix(s, "#")
	if n, err := strconv.Atoi(number); err == nil && n > 0 && number[0] != '0' && n < 1e6 {
		r.Issue = n
	}
	if lower := strings.ToLower(s); !hash && isPrefix(lower) {
		r.Commit = lower
	}
	return r, r.Issue > 0 || r.Commit != ""
}

// Refers are the fixes that a reference names, oldest first. An error says that the index is
// damaged, or that several commits begin alike.
func (x *Index) Refers(r Reference) ([]*Fix, error) {
	if r.Commit != "" {
		f, err := x.Fix(r.Commit)
		if err == nil {
			return []*Fix{f}, nil
		}
		if errors.As(err, new(*AmbiguousError)) {
			return nil, err
		}
	}
	all, err := x.Fixes()
	if err != nil {
		return nil, err
	}
	var found []*Fix
	for i := range all {
		if f := &all[i]; r.Issue > 0 && slices.Contains(f.Issues, r.Issue) || r.CVE != "" && slices.Contains(f.CVEs, r.CVE) {
			found = append(found, f)
		}
	}
	return found, nil
}
