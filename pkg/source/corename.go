package source

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// CoreName is what systemd-coredump says in the name of a core (coredump.c, make_filename):
//
//	core.haproxy.188.8a7d3f….2470780.1628047371000000.zst
type CoreName struct {
	Program string // comm of the process, escaped; at most 15 bytes of it
	PID     int
	Time    time.Time
}

// ReadCoreName reads the name of a core that systemd-coredump kept.
func ReadCoreName(name string) (c CoreName, ok bool) {
	parts := strings.Split(filepath.Base(name), ".")
	if n := len(parts); n > 0 && (parts[n-1] == "zst" || parts[n-1] == "lz4" || parts[n-1] == "xz") {
		parts = parts[:n-1]
	}
	n := len(parts)
	if n < 6 || parts[0] != "core" || len(parts[n-3]) != 32 {
		return c, false
	}
	c.Program = strings.Join(parts[1:n-4], ".")
	pid, err := strconv.ParseUint(parts[n-2], 10, 31)
	micro, err2 := strconv.ParseInt(parts[n-1], 10, 64)
	if err != nil || err2 != nil || micro < 0 || micro > 1e17 {
		return c, false
	}
	c.PID = int(pid)
	if micro < 1e12 { // seconds, of systemd before 246
		micro *= 1e6
	}
	c.Time = time.UnixMicro(micro).UTC()
	return c, true
}

// foreignCore says that a name is the one of a core of another program.
func foreignCore(name string) bool {
	c, ok := ReadCoreName(name)
	return ok && !strings.HasPrefix(c.Program, "hap") // haproxy, hapee-lb
}

// otherTime says that a name is the one of a core that was not asked for.
func (w *walker) otherTime(name string) bool {
	c, ok := ReadCoreName(name)
	return ok && (!w.o.Since.IsZero() && c.Time.Before(w.o.Since) || !w.o.Until.IsZero() && c.Time.After(w.o.Until))
}
