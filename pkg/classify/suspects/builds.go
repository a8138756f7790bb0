package suspects

import (
	"math"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// build is a version that the crash may be of.
type build struct {
	judge *fixes.Judge
	// day is about that of its release, 0 when not known.
	day int
	dev bool
	// first is the number of the first fix that counts where there is no judge.
	first int
}

// maxBuilds bounds the versions that are looked at where several are possible.
const maxBuilds = 8

// age is how long after its release a version crashes, in days, where only the day of the
// crash is known.
const age = 120

// builds are the versions of a query, with the judge of all. Of a crash whose version nobody
// knows it is one without a judge, which lacks every fix.
func (r *Ranker) builds(q *Query) ([]build, *fixes.Any) {
	versions := spread(q.Versions, maxBuilds)
	if len(versions) == 0 {
		b := build{}
		if v, err := haproxy.ParseVersion(q.Since); err == nil {
			if tag, ok := r.x.Tag(v); ok {
				b.first = r.x.After(tag.Position)
			}
		}
		if !q.Day.IsZero() {
			b.day = fixes.DayNumber(q.Day) - age
		}
		return []build{b}, nil
	}
	any := r.x.JudgeAny(versions)
	out := make([]build, len(versions))
	for i, judge := range any.Each() {
		out[i] = build{judge: judge, dev: versions[i].IsDev()}
		if day := r.dayOf(versions[i]); !day.IsZero() {
			out[i].day = fixes.DayNumber(day)
		}
	}
	return out, any
}

// spread takes n of a list at most, evenly.
func spread(list []haproxy.Version, n int) []haproxy.Version {
	if len(list) <= n {
		return list
	}
	out := make([]haproxy.Version, n)
	for i := range out {
		out[i] = list[i*(len(list)-1)/(n-1)]
	}
	return out
}

// lacks says that the build may have the bug of a fix.
func (b *build) lacks(number int) (bool, error) {
	if b.judge == nil {
		return number >= b.first, nil
	}
	return b.judge.Lacks(number)
}

// clock tells how the days of a fix stand to a build. It is its own since fixes of a day
// stand together: what is worked out once a day is kept.
type clock struct {
	*build
	last          int
	soon, soonDev float64
}

// values fills in the parts that are made of days.
func (c *clock) values(b fixes.Brief, v *[Parts]float64) {
	v[Soon], v[SoonDev], v[Fresh] = 0, 0, 0
	if c.day == 0 {
		return
	}
	if b.Day != c.last {
		c.last = b.Day
		c.soon = fade(b.Day-c.day, 150)
		if c.dev {
			c.soonDev = fade(b.Day-c.day, 20)
		}
	}
	v[Soon] = c.soon
	if c.dev {
		v[SoonDev] = c.soonDev
		// Nobody needs a backport of what no release has: the bug was born in
		// the same cycle.
		if b.Clause == fixes.None && b.Day-c.day < 200 {
			v[Fresh] = 0.6
		}
	}
	// What came after the release cannot have come with it; the fix went to the
	// branch for another reason.
	if b.Born > 0 && b.Born <= c.day {
		v[Fresh] = max(v[Fresh], fade(c.day-b.Born, 120))
	}
}

func fade(days int, over float64) float64 { return math.Exp(-math.Abs(float64(days)) / over) }

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

// clocks are those of all builds of a query.
type clocks []clock

func (r *Ranker) clocks(q *Query) (clocks, *fixes.Any) {
	builds, any := r.builds(q)
	out := make(clocks, len(builds))
	for i := range builds {
		out[i].build = &builds[i]
	}
	return out, any
}

// best fills in the days of a fix by the builds that lack it, and gives the one that it fits
// best, nil when none lacks it. The days count as they do on average: each of the builds may
// be the one, and a fix that came soon after one of many is no better a guess than that build.
func (cc clocks) best(number int, b fixes.Brief, v *[Parts]float64) (*build, error) {
	var found *build
	most, of := -1.0, *v
	var mean [Parts]float64
	for i := range cc {
		lacks, err := cc[i].lacks(number)
		if err != nil {
			return nil, err
		}
		if !lacks {
			continue
		}
		cc[i].values(b, &of)
		for _, p := range [...]Part{Soon, SoonDev, Fresh} {
			mean[p] += of[p] / float64(len(cc))
		}
		if sum := of[Soon] + of[SoonDev] + of[Fresh]; sum > most {
			most, found = sum, cc[i].build
		}
	}
	v[Soon], v[SoonDev], v[Fresh] = mean[Soon], mean[SoonDev], mean[Fresh]
	return found, nil
}

// hope is best as if every build lacked the fix.
func (cc clocks) hope(b fixes.Brief, v *[Parts]float64) {
	most, of := -1.0, *v
	for i := range cc {
		cc[i].values(b, &of)
		if sum := of[Soon] + of[SoonDev] + of[Fresh]; sum > most {
			most, *v = sum, of
		}
	}
}
