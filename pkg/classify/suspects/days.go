package suspects

import (
	"math"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// dated is how the days of a fix stand to one of the builds that lack it.
type dated struct {
	soon, soonDev, fresh float64
	share                float64 // of the build
}

// clock tells how the days of fixes stand to the builds. Fixes of a day stand together: what is
// worked out once a day is kept.
type clock struct {
	*builds
	last  int
	days  []dated // of all builds, for the fixes of the last day
	lack  []bool
	out   []dated
	hopes map[int]float64
	// worths are what days are worth that lie so far from a release, and from a build of
	// master: in odds, not logarithms.
	worths [2][]float64
}

func newClock(x *builds) *clock {
	n := len(x.list)
	return &clock{builds: x, last: -1, days: make([]dated, n), lack: make([]bool, n), out: make([]dated, 0, n), hopes: map[int]float64{}}
}

// of gives the days of a fix, a part for each build that lacks it: those of which its days say
// nothing are one part. It is valid until the next call.
func (c *clock) of(number int, b fixes.Brief) ([]dated, error) {
	any, err := c.lacks(number, c.lack)
	if err != nil || !any {
		return nil, err
	}
	c.turn(b.Day)
	c.out = c.out[:0]
	rest := dated{}
	for i := range c.list {
		if !c.lack[i] {
			continue
		}
		d := c.days[i]
		d.fresh = c.list[i].fresh(b)
		if max(d.soon, d.soonDev, d.fresh) < 0.02 {
			rest.share += d.share
			continue
		}
		c.out = append(c.out, d)
	}
	if rest.share > 0 {
		c.out = append(c.out, rest)
	}
	return c.out, nil
}

// turn sets the days to those of fixes of a day.
func (c *clock) turn(day int) {
	if day == c.last {
		return
	}
	c.last = day
	for i := range c.list {
		c.days[i] = c.list[i].dated(day)
	}
}

// dated is how a fix of a day stands to the build, but for how new the bug was.
func (x *build) dated(day int) dated {
	d := dated{share: x.share}
	if x.day == 0 {
		return d
	}
	d.soon = fade(day-x.day, 150)
	if x.dev {
		d.soonDev = fade(day-x.day, 20)
	}
	return d
}

// fresh is how new the bug of a fix was in the build.
func (x *build) fresh(b fixes.Brief) (v float64) {
	if x.day == 0 {
		return 0
	}
	// Nobody needs a backport of what no release has: the bug was born in
	// the same cycle.
	if x.dev && b.Clause == fixes.None && b.Day-x.day < 200 {
		v = 0.6
	}
	// What came after the release cannot have come with it; the fix went to the
	// branch for another reason.
	if b.Born > 0 && b.Born <= x.day {
		v = max(v, fade(x.day-b.Born, 120))
	}
	return v
}

func fade(days int, over float64) float64 { return math.Exp(-math.Abs(float64(days)) / over) }

// span is how many days of fixes are hoped for at once.
const span = 8

// hope is no less than what the days of a fix are worth, whichever builds lack it.
func (c *clock) hope(w *Weights, b fixes.Brief) float64 {
	if len(c.list) == 1 {
		c.turn(b.Day)
		d := c.days[0]
		d.fresh = c.list[0].fresh(b)
		return w.days(&d)
	}
	fresh := 0.0
	if b.Clause == fixes.None || b.Born > 0 {
		fresh = max(w.Parts[Fresh], 0)
	}
	cell := b.Day / span
	h, ok := c.hopes[cell]
	if !ok {
		h = math.Log(c.mean(w, cell))
		c.hopes[cell] = h
	}
	return h + fresh
}

// far is the distance in days from which on nothing changes.
const far = 1024

// mean is what the days of a span are worth for the builds, each by the day that is the nearest.
func (c *clock) mean(w *Weights, cell int) float64 {
	if c.worths[0] == nil {
		for dev := range c.worths {
			c.worths[dev] = make([]float64, far)
			x := build{day: far, dev: dev == 1}
			for n := range c.worths[dev] {
				d := x.dated(far + n)
				c.worths[dev][n] = math.Exp(w.days(&d))
			}
		}
	}
	sum := 0.0
	for i := range c.list {
		b := &c.list[i]
		if b.day == 0 {
			sum += b.share
			continue
		}
		dev := 0
		if b.dev {
			dev = 1
		}
		distance := max(cell*span-b.day, b.day-(cell+1)*span+1, 0)
		sum += b.share * c.worths[dev][min(distance, far-1)]
	}
	return sum
}

// days is what the days of a fix are worth for one build.
func (w *Weights) days(d *dated) float64 {
	return w.Parts[Soon]*d.soon + w.Parts[SoonDev]*d.soonDev + w.Parts[Fresh]*d.fresh
}

// settle fills in what the days of a fix are worth: each build is the one with its share, and
// by what it says for the fix it is so with another; the values are the means by those. few is
// what is lost by that: 0 where every build says the same of the fix, and the less the fewer
// lack it or are near it.
func (w *Weights) settle(list []dated, v *[Parts]float64) (few float64) {
	if len(list) == 1 {
		v[Soon], v[SoonDev], v[Fresh] = list[0].soon, list[0].soonDev, list[0].fresh
		return math.Log(list[0].share)
	}
	top := math.Inf(-1)
	for i := range list {
		top = max(top, w.days(&list[i]))
	}
	sum := 0.0
	var mean dated
	for i := range list {
		d := &list[i]
		p := d.share * math.Exp(w.days(d)-top)
		sum += p
		mean.soon, mean.soonDev, mean.fresh = mean.soon+p*d.soon, mean.soonDev+p*d.soonDev, mean.fresh+p*d.fresh
	}
	v[Soon], v[SoonDev], v[Fresh] = mean.soon/sum, mean.soonDev/sum, mean.fresh/sum
	mean.soon, mean.soonDev, mean.fresh = v[Soon], v[SoonDev], v[Fresh]
	return top + math.Log(sum) - w.days(&mean)
}
