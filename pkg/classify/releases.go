package classify

import (
	"fmt"
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// judge says how what is known of a version stands to bugs.
type judge interface {
	Bug(*fixes.Bug) fixes.Standing
	LacksAny(commits []string) string
	Unplaced() string
}

// past is what HAProxy's history says of one version, or of those that it may be; where
// nothing is known of it, there is no judge.
type past struct {
	x     *history
	judge judge
}

func (db *DB) past(f *facts) (*past, error) {
	x, err := db.historyOf(f.version)
	switch {
	case err != nil:
		return nil, err
	case len(f.releases) > 0:
		return &past{x, x.JudgeAny(f.releases)}, nil
	case f.hasVersion:
		return &past{x, x.Judge(f.version, time.Time{})}, nil
	}
	return &past{x: x}, nil
}

// candidates takes the releases that the lines of the crash fit. A version that is stated
// and is none of them is one more that the process may be of.
func (f *facts) candidates() {
	p := f.crash.Process
	if p == nil || p.Releases == nil || f.hasVersion && !p.Releases.Contradicts {
		return
	}
	if len(p.Releases.Versions) > maxReleases {
		return
	}
	for _, s := range p.Releases.Versions {
		if v, err := haproxy.ParseVersion(s); err == nil {
			f.releases = append(f.releases, v)
		}
	}
	if f.hasVersion && len(f.releases) > 0 {
		f.releases = append(f.releases, f.version)
		slices.SortFunc(f.releases, haproxy.Version.Compare)
	}
}

// maxReleases is how many releases a crash may fit and still be judged by them: one frame of
// a helper fits hundreds, which tells nothing.
const maxReleases = 200

// placed says that something is known of the version.
func (f *facts) placed() bool { return f.hasVersion || len(f.releases) > 0 }

// named is what a sentence calls the version.
func (f *facts) named() string {
	switch {
	case len(f.releases) == 0:
		return "version " + f.version.Raw
	case f.hasVersion:
		return fmt.Sprintf("each of version %s, which is stated, and %s, which the lines of the backtrace fit,", f.version.Raw, f.crash.Process.Releases.Range)
	}
	return fmt.Sprintf("every release that the lines of the backtrace fit (%s)", f.crash.Process.Releases.Range)
}

// doubted adds to a verdict that the version is not what is stated.
func (f *facts) doubted(v crash.Verdict) crash.Verdict {
	p := f.crash.Process
	if !f.hasVersion || p.Releases == nil {
		return v
	}
	note := ""
	switch r := p.Releases; {
	case r.Contradicts:
		note = fmt.Sprintf("the lines of the backtrace fit %s, not the stated %s", r.Range, p.Version)
	case len(r.Versions) == 0 && r.Places > 1:
		note = "the lines of the backtrace fit no release: the build was changed, or they are of several"
	default:
		return v
	}
	if v.Why != "" {
		note = "; " + note
	}
	v.Why += note
	return v
}
