package watch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/source"
)

// coreFile is a core in one of the directories.
type coreFile struct {
	path string
	pid  int // 0: its name does not tell
	size int64
	time time.Time
}

// coreDirs are directories in which cores appear.
type coreDirs struct {
	dirs []string
	seen map[string]coreFile // by path: what may still be written
	done map[string]bool
}

const (
	maxCores = 10_000                  // that are waited for at a time
	settled  = 1500 * time.Millisecond // a core whose size stays that long is whole
)

// scan gives the cores that are new and whole. What was there at the first scan is old.
//
// Folklore: systemd-coredump links a file into place when it is whole, so that a core has its final
// name at once; the kernel writes a core of a pattern where it will stay, for seconds.
func (d *coreDirs) scan(now time.Time, first bool) (fresh []coreFile) {
	growing := map[string]coreFile{}
	for _, dir := range d.dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if d.done[path] || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "#") || !mayBeCore(e.Name()) {
				continue
			}
			st, err := os.Lstat(path)
			if err != nil || !st.Mode().IsRegular() { // symbolic links are not followed
				continue
			}
			c := coreFile{path: path, pid: pidOf(e.Name()), size: st.Size(), time: st.ModTime()}
			before, known := d.seen[path]
			switch {
			case first:
				d.done[path] = true
			case known && before.size == c.size && now.Sub(c.time) >= settled:
				d.done[path] = true
				fresh = append(fresh, c)
			case len(growing) < maxCores: // the others come when these are done
				growing[path] = c
			}
		}
	}
	d.seen = growing // without those that were removed
	return fresh
}

// mayBeCore says of a name that it may be that of a core.
func mayBeCore(name string) bool { return strings.Contains(strings.ToLower(name), "core") }

// pidOf is the process that a core's name tells: systemd-coredump's, or a number at its end, as core.123
// and core-haproxy-123 have; 0 if there is none.
func pidOf(name string) int {
	if n, ok := source.ReadCoreName(name); ok {
		return n.PID
	}
	for _, packed := range []string{".zst", ".gz", ".xz", ".lz4"} {
		name = strings.TrimSuffix(name, packed)
	}
	digits := name[len(strings.TrimRight(name, "0123456789")):]
	n, err := strconv.Atoi(digits)
	if err != nil || n > 1<<22 { // the kernel's largest
		return 0
	}
	return n
}

// find gives the core of a process that died at about a time, whole or not.
func (d *coreDirs) find(pid int, at time.Time) (c coreFile, whole, ok bool) {
	for _, dir := range d.dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !mayBeCore(e.Name()) || pidOf(e.Name()) != pid {
				continue
			}
			st, err := os.Lstat(filepath.Join(dir, e.Name()))
			if err != nil || !st.Mode().IsRegular() || !at.IsZero() && st.ModTime().Sub(at).Abs() > sameTime {
				continue
			}
			c = coreFile{path: filepath.Join(dir, e.Name()), pid: pid, size: st.Size(), time: st.ModTime()}
			return c, time.Since(st.ModTime()) >= settled, true
		}
	}
	return c, false, false
}
