package classify

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// maxFixedIn bounds the releases that a suspect names.
const maxFixedIn = 8

// suspect adds to a verdict that found no signature what the history suggests. It
// says nothing without a version: fixes of all times would compete.
func (f *facts) suspect(v crash.Verdict) crash.Verdict {
	if f.crash.Kind == crash.Killed || f.crash.Kind == crash.OutOfMemory || !f.placed() || f.history == nil {
		return v
	}
	q := f.query()
	if !q.Telling() {
		return v
	}
	past, err := f.history()
	if err != nil || past.judge.Unplaced() != "" {
		return v
	}
	ranker, err := past.x.ranker()
	if err != nil {
		return v
	}
	w := suspects.Fitted()
	r, err := ranker.Rank(&q, &w)
	if err != nil || r.Sure < suspects.WeakFrom || len(r.Suspects) == 0 {
		return v
	}
	confidence := crash.ConfidenceWeak
	if r.Sure >= suspects.StrongFrom {
		confidence = crash.ConfidenceStrong
	}
	for i := range r.Suspects {
		s := &r.Suspects[i]
		x := crash.Suspect{
			Commit: s.Fix.Commit, Score: s.Score, Confidence: confidence, Because: s.Because(&w),
			VersionStatus: s.Standing.Status,
		}
		for _, release := range s.Standing.FixedIn[:min(len(s.Standing.FixedIn), maxFixedIn)] {
			x.FixedIn = append(x.FixedIn, release.String())
		}
		v.Suspects = append(v.Suspects, x)
	}
	if confidence == crash.ConfidenceWeak {
		v.Why += "; the history gives weak leads"
		return v
	}
	v.Status = crash.Suspects
	v.Why = fmt.Sprintf("no signature fits, but fixes that %s lacks or may lack have much in common with this crash; none of them is a match", f.named())
	v.Advice = "Try a release that contains them, and report the crash if it comes again."
	return v
}

// QueryOf is what a crash says that fixes may say too.
func QueryOf(c *crash.Crash) suspects.Query { return factsOf(c).query() }

func (f *facts) query() suspects.Query {
	c := f.crash
	q := suspects.Query{Kind: c.Kind}
	if f.hasVersion {
		q.Version = f.version
	}
	q.Candidates = spread(f.releases, rankedReleases)
	if p := c.Pool; p != nil && isName(p.CallerFunction) {
		q.Functions = append(q.Functions, p.CallerFunction)
	}
	if c.Assertion != nil {
		q.Conditions = suspects.Identifiers(c.Assertion.Condition)
		if c.Assertion.File != "" {
			q.Files = append(q.Files, c.Assertion.File)
		}
	}
	if t := c.Faulty(); t != nil {
		f.stack(t, &q)
	}
	q.Functions = append(q.Functions, f.values["handler"]...)
	q.Labels = f.labels()
	return q
}

// maxFiles bounds the frames whose source files count.
const maxFiles = 3

// stack adds the functions and files of a thread, from the crash on.
func (f *facts) stack(t *crash.Thread, q *suspects.Query) {
	frames := t.Interrupted()
	files := 0
	for i := range frames {
		fr := &frames[i]
		if !isName(fr.Function) || fr.Trust == crash.TrustScan && len(q.Functions) == 0 {
			continue
		}
		q.Functions = append(q.Functions, sourceName(fr.Function))
		if fr.File != "" && files < maxFiles && isUseful(fr.Function) {
			files++
			q.Files = append(q.Files, fr.File)
		}
	}
	if t.Task != nil && isName(t.Task.Function) {
		q.Functions = append(q.Functions, t.Task.Function)
	}
}

// labels are the subsystems that the crash names otherwise than by functions.
func (f *facts) labels() []string {
	var out []string
	for _, key := range [...]string{"applet", "front_applet", "back_applet"} {
		for _, name := range f.values[key] {
			for _, a := range haproxy.Applets() {
				if a.Name == name {
					out = append(out, a.Sub)
				}
			}
		}
	}
	for _, m := range f.values["mux"] {
		switch m {
		case "PASS":
			out = append(out, "mux-pt")
		default:
			out = append(out, "mux-"+strings.ToLower(m))
		}
	}
	for _, name := range f.values["filter"] {
		switch {
		case strings.Contains(name, "bandwidth"):
			out = append(out, "bwlim")
		case strings.Contains(name, "SPOE"):
			out = append(out, "spoe")
		case strings.Contains(name, "compression"):
			out = append(out, "compression")
		case strings.Contains(name, "cache"):
			out = append(out, "cache")
		case strings.Contains(name, "trace"):
			out = append(out, "trace")
		}
	}
	if len(f.values["lua"]) > 0 {
		out = append(out, "hlua")
	}
	if strings.HasPrefix(f.first("proto"), "quic") {
		out = append(out, "quic")
	}
	return out
}
