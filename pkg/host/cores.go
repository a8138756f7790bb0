package host

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Presence says whether the core of a crash can be read.
type Presence string

// Presences of a core.
const (
	Present    Presence = "present"
	Missing    Presence = "missing" // it was removed, or never kept
	Unreadable Presence = "unreadable"
)

// Leaving is what a crash left on this machine: a core, a report of a crash handler with one,
// or only a record of it in the journal.
type Leaving struct {
	Time time.Time
	PID  int    // 0 if nothing tells
	Path string // empty if there is only a record
	Size int64
	// Source is who kept it: systemd-coredump, apport, abrt, directory or journal.
	Source   string
	Presence Presence
	// Signal and Version are what the record in the journal tells.
	Signal  int
	Version string
}

// CoreOptions say where to look for cores.
type CoreOptions struct {
	Options
	// Folders are looked at too.
	Folders []string
	// Alone leaves out the places of the machine.
	Alone bool
}

// Found are the leavings of crashes, the newest first.
type Found struct {
	Leavings []Leaving
	// Notes are places that could not be looked at, and what was passed over.
	Notes []string
}

// store is a place in which cores lie.
type store struct {
	dir    string // as the system knows it
	source string
	name   func(file string) (l Leaving, ours bool)
}

// Cores finds what crashes of HAProxy left. Nothing is read but names, attributes, the
// first bytes of files whose names do not tell, and the journal's records of cores.
func Cores(ctx context.Context, o CoreOptions) (*Found, error) {
	h, err := gather(o.Options)
	if err != nil {
		return nil, err
	}
	out := &Found{}
	seen := map[string]bool{}
	if !o.Alone {
		for _, s := range h.stores() {
			out.look(h.path(s.dir), s, seen, true)
		}
		out.journal(ctx, h)
	}
	for _, dir := range o.Folders {
		out.look(dir, store{source: "directory", name: anyName}, seen, false)
	}
	slices.SortStableFunc(out.Leavings, func(a, b Leaving) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Path, b.Path))
	})
	return out, nil
}

// stores are the places of the machine: where cores go now, and where the handlers of
// distributions put them, should the pattern have been changed.
func (h *host) stores() []store {
	list := []store{
		{"/var/lib/systemd/coredump", "systemd-coredump", systemdName},
		{"/var/lib/apport/coredump", "apport", apportName},
		{"/var/crash", "apport", reportName},
		{"/var/spool/abrt", "abrt", abrtName},
		{"/var/tmp/abrt", "abrt", abrtName},
	}
	if h.pattern.handler != handlerFile && h.pattern.handler != handlerCwd {
		return list
	}
	base := filepath.Base(h.pattern.text)
	if h.usesPID() && !strings.Contains(base, "%p") {
		base += ".%p"
	}
	named := func(file string) (Leaving, bool) { return patternName(base, file) }
	dir := filepath.Dir("/" + h.pattern.text)
	if strings.Contains(dir, "%") {
		return list
	}
	roots := []string{"/"}
	if h.process != nil && h.process.root != "" {
		roots = append(roots, h.process.root)
	}
	if h.settings != nil { // the one that crashed may be another, or gone
		roots = append(roots, "/"+h.settings.Chroot)
	}
	slices.Sort(roots)
	for _, root := range slices.Compact(roots) {
		list = append(list, store{filepath.Join(root, dir), "directory", named})
	}
	return list
}

// CoreDirs are the directories in which a machine keeps cores, each once; not all may exist.
func CoreDirs(o Options) (dirs []string, err error) {
	h, err := gather(o)
	if err != nil {
		return nil, err
	}
	for _, s := range h.stores() {
		dirs = append(dirs, h.path(s.dir))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs), nil
}

// look takes what is HAProxy's in a directory. Links are not followed: whoever may write
// to the directory would choose what is read.
func (f *Found) look(dir string, s store, seen map[string]bool, quiet bool) {
	d, err := os.Open(dir)
	if err != nil {
		if !quiet || os.IsPermission(err) {
			f.Notes = append(f.Notes, dir+": "+plain(err))
		}
		return
	}
	defer d.Close()
	entries, err := d.ReadDir(maxEntries)
	if err != nil && err != io.EOF {
		f.Notes = append(f.Notes, dir+": "+plain(err))
	}
	links := 0
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if s.source == "abrt" && e.IsDir() {
			path = filepath.Join(path, "coredump")
		}
		l, ours := s.name(path)
		if !ours || seen[path] {
			continue
		}
		st, err := os.Lstat(path)
		switch {
		case err != nil:
			continue
		case st.Mode()&os.ModeSymlink != 0:
			links++
			continue
		case !st.Mode().IsRegular() || st.Size() == 0:
			continue
		}
		seen[path] = true
		l.Path, l.Source, l.Size, l.Presence = path, s.source, st.Size(), Present
		if l.Time.IsZero() {
			l.Time = st.ModTime().UTC()
		}
		f.Leavings = append(f.Leavings, l)
	}
	if links > 0 {
		f.Notes = append(f.Notes, dir+": "+strconv.Itoa(links)+" symbolic links were not followed; name the files")
	}
}

func plain(err error) string {
	switch {
	case os.IsPermission(err):
		return "permission denied; run as root"
	case os.IsNotExist(err):
		return "no such directory"
	}
	return err.Error()
}

// Check says whether a leaving is a core, or a report, that can be read now: the first bytes
// tell. It waits for one that is still being written, until its size stays.
func (l *Leaving) Check(ctx context.Context) (ours bool) {
	f, err := os.OpenFile(l.Path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		l.Presence = Unreadable
		if os.IsNotExist(err) {
			l.Presence = Missing
		}
		return true
	}
	defer f.Close()
	l.settle(ctx, f)
	var head [18]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return l.Source != "directory" // it is cut, as the analysis will say
	}
	const typeCore = 4
	switch elf := string(head[:4]) == "\x7fELF"; {
	case elf:
		return head[16] == typeCore
	case l.Source != "directory":
		return true
	}
	for _, magic := range []string{"\x28\xb5\x2f\xfd", "\x1f\x8b", "\xfd7zXZ", "\x04\x22\x4d\x18"} { // zstd, gzip, xz, lz4
		if strings.HasPrefix(string(head[:]), magic) {
			return true
		}
	}
	return false
}

// How long a core must keep its size to be whole, and how long is waited for that.
const (
	settled  = 300 * time.Millisecond
	patience = 30 * time.Second
)

func (l *Leaving) settle(ctx context.Context, f *os.File) {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		st, err := f.Stat()
		if err != nil || time.Since(st.ModTime()).Abs() > settled && st.Size() == l.Size {
			return
		}
		l.Size = st.Size()
		select {
		case <-ctx.Done():
			return
		case <-time.After(settled):
		}
	}
}
