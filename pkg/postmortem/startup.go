package postmortem

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

const (
	maxStartup     = 256
	maxStartupLine = 4096
)

// readStartup finds what HAProxy said while starting, in its startup-logs ring.
//
// Folklore: the ring lies in shared memory, "/dev/zero (deleted)" in the table of
// files, or on the heap of a worker. Its messages are framed: a byte that counts
// readers (0), the length as a varint, the text. Alerts elsewhere in memory
// (what was read from a log, a buffer to be written) have no such frame.
func (f *Findings) readStartup(c *elfcore.Core, hits hitsOf) {
	r := reader{c: c}
	var at []uint64
	for _, lit := range []int{litAlert, litWarning, litNotice, litDiag} {
		at = append(at, hits[lit]...)
	}
	slices.SortFunc(at, cmp.Compare[uint64])
	seen := map[string]bool{}
	for _, a := range at {
		n := framedLength(r.before(a, 4))
		if n == 0 {
			continue
		}
		text := r.from(a, n)
		line := strings.TrimRight(text, "\n")
		if len(text) < n || seen[line] || len(f.StartupLog) == maxStartup {
			continue
		}
		seen[line] = true
		f.StartupLog, f.startupAt = append(f.StartupLog, line), append(f.startupAt, a)
	}
}

// keepStartup leaves out the messages that lie elsewhere than in the ring of the startup
// log, where the executable tells which that is: a client may have sent the others, frames
// and all.
func (f *Findings) keepStartup(c *elfcore.Core) {
	for _, ring := range f.Rings {
		if ring.Name != startupLogs || ring.Unavailable != "" {
			continue
		}
		s, why := readRing(c, uint64(ring.Address))
		if why != "" {
			return
		}
		var kept []string
		for i, line := range f.StartupLog {
			if at := f.startupAt[i]; at >= s.area && at-s.area < s.size {
				kept = append(kept, line)
			}
		}
		f.StartupLog, f.startupAt = kept, nil
		return
	}
}

// framedLength decodes the length that ends at the end of b, behind a byte of
// zero (include/haproxy/intops.h encode_varint): below 240 one byte; else the
// low four bits and 0xf0, then seven bits at a time. 0 if there is none.
func framedLength(b []byte) int {
	if n := len(b); n >= 2 && b[n-2] == 0 && b[n-1] > 0 && b[n-1] < 240 {
		return int(b[n-1])
	}
	if n := len(b); n >= 3 && b[n-3] == 0 && b[n-2] >= 240 && b[n-1] < 128 {
		return int(b[n-2]) + int(b[n-1])<<4
	}
	if n := len(b); n >= 4 && b[n-4] == 0 && b[n-3] >= 240 && b[n-2] >= 128 && b[n-1] < 128 {
		return min(int(b[n-3])+int(b[n-2])<<4+int(b[n-1])<<11, maxStartupLine)
	}
	return 0
}
