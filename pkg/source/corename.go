package source

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// coreName is what systemd-coredump says in the name of a core (coredump.c, make_filename):
//
//	core.haproxy.188.8a7d3f….2470780.1628047371000000.zst
type coreName struct {
	program string // comm of the process, escaped; at most 15 bytes of it
	time    time.Time
}

func readCoreName(name string) (c coreName, ok bool) {
	parts := strings.Split(filepath.Base(name), ".")
	if n := len(parts); n > 0 && (parts[n-1] == "zst" || parts[n-1] == "lz4" || parts[n-1] == "xz") {
		parts = parts[:n-1]
	}
	n := len(parts)
	if n < 6 || parts[0] != "core" || len(parts[n-3]) != 32 {
		return c, false
	}
	c.program = strings.Join(parts[1:n-4], ".")
	_, err := strconv.ParseUint(parts[n-2], 10, 31) // pid
	micro, err2 := strconv.ParseInt(parts[n-1], 10, 64)
	if err != nil || err2 != nil || micro < 0 || micro > 1e17 {
		return c, false
	}
	if micro < 1e12 { // seconds, of systemd before 246
		micro *= 1e6
	}
	c.time = time.UnixMicro(micro).UTC()
	return c, true
}

// foreignCore says that a name is the one of a core of another program.
func foreignCore(name string) bool {
	c, ok := readCoreName(name)
	return ok && !strings.HasPrefix(c.program, "hap") // haproxy, hapee-lb
}

// otherTime says that a name is the one of a core that was not asked for.
func (w *walker) otherTime(name string) bool {
	c, ok := readCoreName(name)
	return ok && (!w.o.Since.IsZero() && c.time.Before(w.o.Since) || !w.o.Until.IsZero() && c.time.After(w.o.Until))
}
