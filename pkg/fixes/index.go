package fixes

import (
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Index is what is known of HAProxy's history. It is safe for concurrent use.
// What costs time to decode is decoded when it is first asked for.
type Index struct{}

// Load opens the index that is part of the program. It decodes nothing yet.
func Load() (*Index, error) { return nil, nil }

// Open opens an index that hacrash bugs import wrote. The data is kept.
func Open(data []byte) (*Index, error) { return nil, nil }

// Head is the newest commit of master that the index knows, and its day.
func (x *Index) Head() (commit string, day time.Time) { return "", time.Time{} }

// Fixes are all fixes, oldest first. The caller must not change them.
func (x *Index) Fixes() ([]Fix, error) { return nil, nil }

// Fix finds a fix by its commit or the first digits of it (6 at least). An
// error is a *NotFoundError or an *AmbiguousError, or says that the data is damaged.
func (x *Index) Fix(prefix string) (*Fix, error) { return nil, nil }

// At is the fix at a position of master, nil when that commit is none.
func (x *Index) At(position int) (*Fix, error) { return nil, nil }

// Order is the position on master of the commit that begins with the digits of
// prefix (6 at least; those past the eighth are not compared). Positions are
// counted from 2.0-dev0, which is 0. Errors are as those of Fix.
func (x *Index) Order(prefix string) (int, error) { return 0, nil }

// Build is the position on master of the build of a development version: that of
// its commit, or of its tag and the count of commits after it. Its error says why
// it cannot be told.
func (x *Index) Build(v haproxy.Version) (int, error) { return 0, nil }

// Tags are the tags of master since 2.0-dev0, oldest first.
func (x *Index) Tags() []Tag { return nil }

// Tag finds the tag of a version of master, whatever commit and suffix follow it.
func (x *Index) Tag(v haproxy.Version) (Tag, bool) { return Tag{}, false }

// Release is the day of a release, of master or of a maintained branch.
func (x *Index) Release(v haproxy.Version) (time.Time, bool) { return time.Time{}, false }

// Branches are the branches with a table, such as "2.6", lowest first.
func (x *Index) Branches() []string { return nil }

// Table lists the fixes of master that the releases of a branch have, by
// position. Those of X.Y.0 and before are not in it: the tags say so.
func (x *Index) Table(branch string) []Landing { return nil }

// Landed finds the fix at a position in the table of a branch.
func (x *Index) Landed(branch string, position int) (Landing, bool) { return Landing{}, false }

// Complete is the last release of a branch that was searched for fixes: up to it,
// a fix that Table lacks is not in the branch (98 % of the lines of a changelog
// are found). False for a branch without a table.
func (x *Index) Complete(branch string) (haproxy.Version, bool) { return haproxy.Version{}, false }
