package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const boot = "8a7d3f00112233445566778899aabbcc"

// coreHead is the front of an ELF core.
var coreHead = "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x04\x00" + strings.Repeat("\x00", 40)

func cores(t *testing.T, r root) *Found {
	t.Helper()
	found, err := Cores(context.Background(), CoreOptions{Options: Options{Root: r.write(t)}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// kept makes a machine without a journal.
func kept() root { return good().without("var/log/journal/.keep") }

func TestCores(t *testing.T) {
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	systemd := func(comm string, pid int, at time.Time) string {
		return fmt.Sprintf("var/lib/systemd/coredump/core.%s.0.%s.%d.%d.zst", comm, boot, pid, at.UnixMicro())
	}
	found := cores(t, kept().
		with(systemd("haproxy", 11, day), "\x28\xb5\x2f\xfd").
		with(systemd("haproxy", 12, day.Add(time.Hour)), "\x28\xb5\x2f\xfd").
		with(systemd("nginx", 13, day), "\x28\xb5\x2f\xfd").
		with("var/lib/systemd/coredump/core.haproxy.0."+boot+".14.1767323045000001", "-> /etc/passwd").
		with(fmt.Sprintf("var/lib/haproxy/cores/core.haproxy.15.%d", day.Add(2*time.Hour).Unix()), coreHead).
		with("var/lib/haproxy/cores/core.nginx.16.1767323045", coreHead).
		with("var/lib/haproxy/cores/notes.txt", "hello").
		with("var/lib/apport/coredump/core._usr_sbin_haproxy.0."+boot+".17.99", coreHead).
		with("var/crash/_usr_sbin_haproxy.0.crash", "ProblemType: Crash\n").
		with("var/crash/_usr_bin_vi.0.crash", "ProblemType: Crash\n").
		with("var/spool/abrt/ccpp-2026-01-02-03:04:05.1-18/coredump", coreHead).
		with("var/spool/abrt/ccpp-2026-01-02-03:04:05.1-18/executable", "/usr/sbin/haproxy\n").
		with("var/spool/abrt/ccpp-2026-01-02-03:04:05.1-19/coredump", coreHead).
		with("var/spool/abrt/ccpp-2026-01-02-03:04:05.1-19/executable", "/usr/bin/vi\n").
		toFile("/cores/core.%e.%p.%t"))
	var got []string
	for i := range found.Leavings {
		l := &found.Leavings[i]
		if !l.Check(context.Background()) || l.Presence != Present {
			t.Errorf("%s: %s", l.Path, l.Presence)
		}
		got = append(got, fmt.Sprintf("%s:%d", l.Source, l.PID))
	}
	// Those without a time in their names are as old as this test.
	dated := got[len(got)-3:]
	if len(got) != 6 || strings.Join(dated, " ") != "directory:15 systemd-coredump:12 systemd-coredump:11" {
		t.Errorf("found %q", got)
	}
	for _, want := range []string{"apport:17", "apport:0", "abrt:18"} {
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("no %s in %q", want, got)
		}
	}
	if notes := strings.Join(found.Notes, "\n"); !strings.Contains(notes, "1 symbolic links were not followed") {
		t.Errorf("notes: %s", notes)
	}
}

// TestManyCores: names are enough for all but those that are shown.
func TestManyCores(t *testing.T) {
	dir := t.TempDir()
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("core.haproxy.0.%s.%d.%d", boot, i+1, 1_700_000_000_000_000+i)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := Cores(context.Background(), CoreOptions{Options: Options{Root: kept().write(t)}, Folders: []string{dir}, Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Leavings) != 10_000 || found.Leavings[0].PID != 10_000 {
		t.Errorf("%d, first %+v", len(found.Leavings), found.Leavings[0])
	}
}

// TestCheck: what is no core is none of ours, and what is gone or locked says so.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text     string
		source   string
		ours     bool
		presence Presence
	}{
		"core":       {coreHead, "directory", true, Present},
		"executable": {"\x7fELF" + strings.Repeat("\x00", 12) + "\x03\x00", "directory", false, Present},
		"text":       {"these are but some words", "directory", false, Present},
		"packed":     {"\x28\xb5\x2f\xfd" + strings.Repeat("x", 20), "directory", true, Present},
		"gone":       {"", "directory", true, Missing},
	} {
		path := filepath.Join(dir, name)
		if c.text != "" {
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		l := Leaving{Path: path, Source: c.source, Size: int64(len(c.text)), Presence: Present}
		if ours := l.Check(context.Background()); ours != c.ours || l.Presence != c.presence {
			t.Errorf("%s: %v, %s", name, ours, l.Presence)
		}
	}
}

// TestGrowing: a core that is being written is waited for.
func TestGrowing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "core")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(coreHead); err != nil {
		t.Fatal(err)
	}
	written := make(chan error)
	go func() {
		for range 5 {
			time.Sleep(settled / 3)
			if _, err := f.WriteString(coreHead); err != nil {
				written <- err
			}
		}
		written <- f.Close()
	}()
	l := Leaving{Path: path, Source: "directory", Presence: Present}
	if !l.Check(context.Background()) || l.Size != int64(6*len(coreHead)) {
		t.Errorf("taken at %d bytes", l.Size)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
}

func TestPatternName(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		ours          bool
		pid, signal   int
		unix          int64
	}{
		{"core.%e.%p.%t", "core.haproxy.77.1700000000", true, 77, 0, 1700000000},
		{"core.%e.%p.%t", "core.haproxy.77.1700000000.zst", true, 77, 0, 1700000000},
		{"core.%e.%p.%t", "core.nginx.77.1700000000", false, 0, 0, 0},
		{"core.%p", "core.12", true, 12, 0, 0},
		{"core.%p", "notes", false, 0, 0, 0},
		{"core", "core", true, 0, 0, 0},
		{"core", "corey", false, 0, 0, 0},
		{"%s-%p-%h", "11-5-lb1", true, 5, 11, 0},
		{"c%p%t", "c71700000000", true, 0, 0, 0},
		{"100%%.%p", "100%.9", true, 9, 0, 0},
		{"core.%p", "core.99999999999999999999", true, 0, 0, 0},
	} {
		l, ours := patternName(c.pattern, c.name)
		unix := int64(0)
		if !l.Time.IsZero() {
			unix = l.Time.Unix()
		}
		if ours != c.ours || ours && (l.PID != c.pid || l.Signal != c.signal || unix != c.unix) {
			t.Errorf("%s %s: %v %+v", c.pattern, c.name, ours, l)
		}
	}
}

func TestRecord(t *testing.T) {
	at := time.UnixMicro(1_767_323_045_000_000).UTC()
	f := &Found{Leavings: []Leaving{{Path: "/x/core.haproxy.zst", PID: 5, Time: at}}}
	f.record([]byte(`{"COREDUMP_COMM":"haproxy","COREDUMP_PID":"5","COREDUMP_SIGNAL":"11","COREDUMP_TIMESTAMP":"1767323045000000","COREDUMP_PACKAGE_VERSION":"2.6.12-1"}`))
	f.record([]byte(`{"COREDUMP_COMM":"haproxy","COREDUMP_PID":"6","COREDUMP_SIGNAL":"6","COREDUMP_TIMESTAMP":"1767323046000000","COREDUMP_FILENAME":[1,2]}`))
	f.record([]byte(`{"COREDUMP_COMM":"nginx","COREDUMP_PID":"7"}`))
	f.record([]byte(`{"COREDUMP_COMM":`))
	if len(f.Leavings) != 2 || f.Leavings[0].Signal != 11 || f.Leavings[0].Version != "2.6.12-1" || f.Leavings[1].PID != 6 || f.Leavings[1].Presence != Missing {
		t.Errorf("%+v", f.Leavings)
	}
}

// FuzzNames: whoever may write to a directory of cores chooses the names.
func FuzzNames(f *testing.F) {
	f.Add("core.%e.%p.%t", "core.haproxy.77.1700000000", `{"COREDUMP_COMM":"haproxy"}`)
	f.Add("%%%s%p", "%11", `{"COREDUMP_PID":[1]}`)
	f.Fuzz(func(t *testing.T, pattern, name, line string) {
		for _, read := range []func(string) (Leaving, bool){systemdName, apportName, reportName, anyName} {
			read("/" + name)
		}
		if l, _ := patternName(pattern, "/"+name); l.PID < 0 {
			t.Errorf("process %d", l.PID)
		}
		found := &Found{}
		found.record([]byte(line))
	})
}

// TestCoreDirs: where cores go by the pattern, in HAProxy's chroot too, and where handlers put them.
func TestCoreDirs(t *testing.T) {
	root := kept().toFile("/cores/core.%e.%p.%t").write(t)
	dirs, err := CoreDirs(Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/cores", "/var/lib/haproxy/cores", "/var/lib/systemd/coredump", "/var/crash"} {
		if !slices.Contains(dirs, filepath.Join(root, want)) {
			t.Errorf("no %s in %q", want, dirs)
		}
	}
}
