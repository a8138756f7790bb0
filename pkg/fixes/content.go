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
	// Landings are by position.
	Landings []Landing
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

func day(n int) time.Time { return epoch.AddDate(0, 0, n) }

// Day cuts a time to its day, UTC.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func dayNumber(t time.Time) int { return int(t.Sub(epoch) / (24 * time.Hour)) }
