package host

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/source"
)

// systemdName reads core.haproxy.0.BOOT.PID.MICROSECONDS.zst.
func systemdName(file string) (l Leaving, ours bool) {
	c, ok := source.ReadCoreName(file)
	return Leaving{PID: c.PID, Time: c.Time}, ok && strings.HasPrefix(c.Program, "hap")
}

// apportName reads core._usr_sbin_haproxy.UID.BOOT.PID.TICKS.
func apportName(file string) (l Leaving, ours bool) {
	parts := strings.Split(filepath.Base(file), ".")
	if n := len(parts); n > 3 && strings.Contains(parts[1], "haproxy") {
		l.PID, _ = strconv.Atoi(parts[n-2])
		return l, true
	}
	return l, false
}

// reportName reads _usr_sbin_haproxy.UID.crash.
func reportName(file string) (l Leaving, ours bool) {
	name := filepath.Base(file)
	return l, strings.HasSuffix(name, ".crash") && strings.Contains(name, "haproxy")
}

// abrtName reads ccpp-2026-01-02-03:04:05.678-PID/coredump; whose it is stands in the file
// executable beside it.
func abrtName(file string) (l Leaving, ours bool) {
	dir := filepath.Dir(file)
	if filepath.Base(file) != "coredump" || !strings.HasPrefix(filepath.Base(dir), "ccpp-") {
		return l, false
	}
	exe, err := source.Small(filepath.Join(dir, "executable"), 4096)
	if err != nil || !haproxy.IsProgram(filepath.Base(strings.TrimSpace(string(exe)))) {
		return l, false
	}
	name := filepath.Base(dir)
	l.PID, _ = strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	return l, true
}

// anyName takes all but cores that say that they are of another program.
func anyName(file string) (l Leaving, ours bool) {
	if _, ok := source.ReadCoreName(file); ok {
		return systemdName(file)
	}
	return l, filepath.Base(file)[0] != '.'
}

// patternName reads a name that the kernel made by core_pattern. Where two values
// stand side by side, nobody can tell them apart, and nothing is taken of them.
func patternName(pattern, file string) (l Leaving, ours bool) {
	name := filepath.Base(file)
	for pattern != "" {
		verb := byte(0)
		at := strings.IndexByte(pattern, '%')
		literal := pattern
		if at >= 0 && at+1 < len(pattern) {
			literal, verb, pattern = pattern[:at], pattern[at+1], pattern[at+2:]
		} else {
			pattern = ""
		}
		if verb == '%' {
			literal, verb = literal+"%", 0
		}
		rest, ok := strings.CutPrefix(name, literal)
		if !ok {
			return l, false
		}
		name = rest
		if verb == 0 {
			continue
		}
		end, known := valueEnd(name, pattern)
		if !known {
			return l, true
		}
		value := name[:end]
		name = name[end:]
		switch n, err := strconv.ParseInt(value, 10, 64); {
		case verb == 'e' && !haproxy.IsProgram(value):
			return l, false
		case err != nil || n < 0 || n > 1<<40:
		case verb == 'p' || verb == 'P':
			l.PID = int(n)
		case verb == 's':
			l.Signal = int(n)
		case verb == 't':
			l.Time = time.Unix(n, 0).UTC()
		}
	}
	// What packs cores adds its suffix.
	return l, name == "" || name[0] == '.'
}

// valueEnd is where the value ends at the front of a name, if what follows in the
// pattern tells.
func valueEnd(name, pattern string) (end int, known bool) {
	literal, _, _ := strings.Cut(pattern, "%")
	if literal != "" {
		end = strings.Index(name, literal)
		return end, end >= 0
	}
	if pattern != "" {
		return 0, false
	}
	end = strings.IndexByte(name, '.')
	if end < 0 {
		end = len(name)
	}
	return end, true
}
