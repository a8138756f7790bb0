package source

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A problem directory of ABRT (/var/spool/abrt/ccpp-2021-08-04-03:22:51.1-2470780) has a file
// for each fact. Those of one line are given on as one text, in the form in which abrt-cli
// prints them, with the stack, which may name no process, behind them; the core and the log
// are inputs of their own.
var (
	abrtFacts  = []string{"reason", "component", "cmdline", "executable", "package", "hostname", "pid", "uid", "crash_function", "kernel", "count"}
	abrtInputs = []string{"coredump", "coredump.lz4", "coredump.zst", "coredump.gz", "coredump.xz", "var_log_messages"}
)

func isProblem(dir string) bool {
	for _, name := range []string{"reason", "time", "analyzer"} {
		if st, err := os.Lstat(filepath.Join(dir, name)); err != nil || !st.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// problem gives what a problem directory holds.
func (w *walker) problem(dir string) bool {
	var text bytes.Buffer
	for _, name := range abrtFacts {
		if v := fact(dir, name); v != "" {
			text.WriteString(name + ": " + v + "\n")
		}
	}
	if seconds, err := strconv.ParseInt(fact(dir, "time"), 10, 64); err == nil {
		text.WriteString("time: " + time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04:05 UTC") + "\n")
	}
	text.WriteString("directory: " + dir + "\n")
	for _, name := range [...]string{"backtrace", "core_backtrace"} {
		if stack, err := Small(filepath.Join(dir, name), maxFields); err == nil {
			text.WriteString("\n")
			text.Write(stack)
			break
		}
	}
	facts := &Input{Name: dir, Kind: Log, Size: int64(text.Len()), At: bytes.NewReader(text.Bytes()), Length: int64(text.Len())}
	if !w.give(dir, facts, nil) {
		return false
	}
	for _, name := range abrtInputs {
		path := filepath.Join(dir, name)
		st, err := os.Stat(path)
		if err != nil || !st.Mode().IsRegular() || st.Size() == 0 {
			continue
		}
		in, err := caught(func() (*Input, error) { return w.path(path, st) })
		if !w.give(path, in, err) {
			return false
		}
	}
	return true
}

// fact reads a file of one line.
func fact(dir, name string) string {
	b, err := Small(filepath.Join(dir, name), 4<<10)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}

// descends says that a directory in a directory is looked into: a problem of ABRT's, or the
// journals of a machine.
func descends(path string, e fs.DirEntry) bool {
	return e.IsDir() && (isProblem(path) || len(e.Name()) == 32 && strings.Trim(e.Name(), "0123456789abcdef") == "")
}
