package suspects

import (
	"math"
	"sort"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// build is a version that the crash may be of.
type build struct {
	version haproxy.Version
	// day is about that of its release, 0 when not known.
	day int
	dev bool
	// share is how probable it is that the crash is of this one.
	share float64
}

// builds are the versions that a crash may be of. Of a crash whose version nobody knows it is
// one without a judge, which lacks every fix.
type builds struct {
	list  []build
	judge *fixes.Any // of the list, nil where nothing is known of the version
	// first is the number of the first fix that counts where there is no judge.
	first  int
	status []crash.VersionStatus
}

// age is how long after its release a version crashes, in days, where only the day of the
// crash is known.
const age = 120

func (r *Ranker) builds(q *Query) *builds {
	if len(q.Versions) == 0 {
		x := &builds{list: []build{{share: 1}}}
		if v, err := haproxy.ParseVersion(q.Since); err == nil {
			if tag, ok := r.x.Tag(v); ok {
				x.first = r.x.After(tag.Position)
			}
		}
		if !q.Day.IsZero() {
			x.list[0].day = fixes.DayNumber(q.Day) - age
		}
		return x
	}
	x := &builds{}
	var versions []haproxy.Version
	add := func(v haproxy.Version, part float64) {
		b := build{version: v, dev: v.IsDev()}
		if day := r.dayOf(v); !day.IsZero() {
			b.day = fixes.DayNumber(day)
		}
		b.share = part * often(v)
		x.list = append(x.list, b)
		versions = append(versions, v)
	}
	for _, v := range q.Versions {
		add(v, 1)
	}
	if q.Inferred {
		for _, v := range q.Versions {
			before, part := r.snapshots(v)
			for _, b := range before {
				add(b, part)
			}
		}
	}
	sum := 0.0
	for i := range x.list {
		sum += x.list[i].share
	}
	for i := range x.list {
		x.list[i].share /= sum
	}
	x.judge = r.x.JudgeAny(versions)
	x.status = make([]crash.VersionStatus, len(versions))
	return x
}

// often is how often a version is reported, beside others; docs/knowledge.md has the counts.
// Development versions get a third of it: SoonDev lets them speak three times as loud.
func often(v haproxy.Version) float64 {
	if v.IsDev() {
		return 0.2
	}
	return math.Exp(-float64(max(v.Patch, 0)) / 10)
}

// snapshots are builds on the way to a version, and how often each is met beside it: the lines of
// a crash are those of the next tag, but a bug may be in them that came and went before the tag.
func (r *Ranker) snapshots(v haproxy.Version) (before []haproxy.Version, part float64) {
	if v.Commit != "" || v.CommitCount > 0 {
		return nil, 0
	}
	if v.Patch > 0 && !v.IsDev() {
		v.Patch, v.CommitCount = v.Patch-1, 1
		return []haproxy.Version{v}, 0.2
	}
	tag, ok := r.x.Tag(v)
	tags := r.x.Tags()
	at := sort.Search(len(tags), func(i int) bool { return tags[i].Position >= tag.Position })
	if !ok || at == 0 || !v.IsDev() {
		return nil, 0
	}
	for third := 1; third < 3; third++ {
		v := tags[at-1].Version
		if v.CommitCount = third * (tag.Position - tags[at-1].Position) / 3; v.CommitCount > 0 {
			before = append(before, v)
		}
	}
	return before, 0.25
}

// lacks marks the builds that may have the bug of a fix, and says whether any does.
func (x *builds) lacks(number int, out []bool) (any bool, err error) {
	if x.judge == nil {
		out[0] = number >= x.first
		return out[0], nil
	}
	if err := x.judge.Each(number, x.status); err != nil {
		return false, err
	}
	for i, s := range x.status {
		out[i] = s == crash.Affected || s == crash.VersionCannotTell
		any = any || out[i]
	}
	return any, nil
}

// dayOf is about the day of a version: of its commit, else of its release.
func (r *Ranker) dayOf(v haproxy.Version) time.Time {
	if v.IsDev() {
		if p, err := r.x.Build(v); err == nil {
			return r.dayAt(p)
		}
	}
	if day, ok := r.x.Release(v); ok || v.Patch <= 0 {
		return day
	}
	return likelyDay(v, r.x)
}

// dayAt is about when master had a commit: the day of the next fix.
func (r *Ranker) dayAt(position int) time.Time {
	if r.x.Count() == 0 {
		return time.Time{}
	}
	return fixes.DayOf(r.x.Brief(min(r.x.After(position), r.x.Count()-1)).Day)
}

// likelyDay is when a release came of whose branch there is no table: as long
// after X.Y.0 as in the branches that have one, on average. With 21 to 38 days
// between releases this is right to some months, which is enough for Soon.
func likelyDay(v haproxy.Version, x *fixes.Index) time.Time {
	zero := func(v haproxy.Version) (time.Time, bool) {
		v.Patch = 0
		return x.Release(v)
	}
	first, ok := zero(v)
	if !ok {
		return time.Time{}
	}
	var sum time.Duration
	n := 0
	for _, branch := range x.Branches() {
		other, err := haproxy.ParseVersion(branch)
		if err != nil {
			continue
		}
		begin, ok := zero(other)
		other.Patch = v.Patch
		if day, known := x.Release(other); ok && known {
			sum += day.Sub(begin)
			n++
		}
	}
	if n == 0 {
		return time.Time{}
	}
	return first.Add(sum / time.Duration(n))
}
