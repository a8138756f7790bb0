package fixes

import "time"

// Content is an index in the form in which it is made: what an importer fills
// and Encode writes.
type Content struct {
	// Head is the newest commit of master, 40 digits, Day when it was committed.
	Head string
	Day  time.Time
	// Order has the first four bytes of the hash of every commit of master from
	// 2.0-dev0 on, oldest first.
	Order []byte
	// Tags are those of master, oldest first; their commits are in Order.
	Tags []Tag
	// Tables are the maintained branches that were searched, lowest first.
	Tables []Table
	// Fixes are by position.
	Fixes []Fix
}

// Table is what is known of the releases of one maintained branch.
type Table struct {
	// Branch is as "2.6".
	Branch string
	// Complete is Z of the last release X.Y.Z that was searched.
	Complete int
	// Releases are the days of the releases, lowest first.
	Releases []Release
	// Landings are by position. A fix that a release took back with a commit of
	// master has a landing still, and so has the commit that took it back (see
	// Fix.Revert); one that was taken back in the branch alone has none.
	Landings []Landing
	// Pending are lines of releases that speak of a bug and belong to no fix that
	// the index knows: mostly of commits that master got after the index was made.
	// They are ordered by Patch, then Mark.
	Pending []Pending
}

// Pending is a line of the release X.Y.Patch, by MarkOf.
type Pending struct {
	Patch int
	Mark  uint32
}

// Release is when X.Y.Z was released.
type Release struct {
	Patch int
	Day   time.Time
}

// epoch is the day from which the data counts days.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	maxDay   = 1 << 16 // in the year 2179
	maxPatch = 1 << 12
)

// DayOf is the day with a number, UTC. Days count from 2000-01-01.
func DayOf(n int) time.Time { return epoch.Add(time.Duration(n) * 24 * time.Hour) }

// Day cuts a time to its day, UTC.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// DayNumber counts days as DayOf does.
func DayNumber(t time.Time) int { return int(t.Sub(epoch) / (24 * time.Hour)) }
