package analyze_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/oracle"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/trim"
)

// said is what a small core must say as the original does.
type said struct {
	Kind        crash.Kind
	Fatal       bool
	Fingerprint string
	Version     string
	BuildID     string
	Role        string
	Provoked    string
	Signal      *crash.Signal
	Spin        *crash.Spin
	Assertion   *crash.Assertion
	Stream      *crash.Stream
	Status      crash.Status
	Matches     []string
	Suspects    []string
	Threads     []crash.Thread
	Modules     []crash.Module
	Counters    []crash.Counter
	PostMortem  *crash.PostMortem
	Objects     []crash.Object
}

func saidBy(c *crash.Crash) said {
	s := said{
		Kind: c.Kind, Fatal: c.Fatal, Fingerprint: c.Fingerprint, Version: c.Process.Version, BuildID: c.Process.BuildID, Role: c.Process.Role,
		Provoked: c.Provoked, Signal: c.Signal, Spin: c.Spin, Assertion: c.Assertion, Stream: c.Stream, Status: c.Verdict.Status,
		Threads: c.Threads, Modules: c.Modules, Counters: c.Counters, PostMortem: c.PostMortem, Objects: c.Objects,
	}
	for _, m := range c.Verdict.Matches {
		s.Matches = append(s.Matches, m.ID)
	}
	for _, m := range c.Verdict.Suspects {
		s.Suspects = append(s.Suspects, m.Commit)
	}
	for i := range s.Threads {
		s.Threads[i].Registers = nil // words of which some are not kept
	}
	return s
}

// TestSmallCores: a report of a small core says what that of the original does.
func TestSmallCores(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	beds := []bed{{suite: "", bug: true}, {suite: "bullseye"}, {suite: "trixie", bug: true}, {suite: "sid", bug: true, optional: true}}
	crashEach(t, beds, func(t *testing.T, _ bed, _ way, root string, p *haproxytest.Process) {
		dir := t.TempDir()
		small, nothing := filepath.Join(dir, "small.core"), filepath.Join(dir, "nothing")
		err := analyze.Trim(t.Context(), analyze.Options{Names: []string{p.Core()}, Modules: module.Options{Sysroot: root}}, func(r trim.Result) error {
			return os.WriteFile(small, r.Bytes, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		want := one(t, "original", []string{p.Core()}, root)
		for name, sysroot := range map[string]string{"with its files": root, "with nothing": nothing} {
			got := one(t, name, []string{small}, sysroot)
			if want == nil || got == nil {
				continue
			}
			if d := cmp.Diff(saidBy(want), saidBy(got), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	})
}

// TestSmallCoreOfPacked: a compressed core is read once, and the small one of it has the frames of
// the original for gdb, libraries and all.
func TestSmallCoreOfPacked(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes HAProxy")
	}
	p := haproxytest.Start(t, haproxytest.Options{MasterWorker: true})
	p.CLI("expert-mode on; debug dev panic")
	p.Wait()
	dir := t.TempDir()
	packed, small := filepath.Join(dir, "core.zst"), filepath.Join(dir, "small.core")
	whole, err := os.ReadFile(p.Core())
	if err != nil {
		t.Fatal(err)
	}
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(packed, w.EncodeAll(whole, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	// What is unpacked would lie there.
	o := analyze.Options{Names: []string{packed}, TempDir: filepath.Join(dir, "nowhere")}
	err = analyze.Trim(t.Context(), o, func(r trim.Result) error {
		if len(r.Problems) > 0 {
			t.Error(r.Problems)
		}
		return os.WriteFile(small, r.Bytes, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, want := oracle.GDB(t, "/usr/sbin/haproxy", small, oracle.Options{}), oracle.GDB(t, "/usr/sbin/haproxy", p.Core(), oracle.Options{})
	if d := oracle.CompareThreads(got, want); len(got) != len(want) || d.Frames == 0 || d.SameFrames != d.Frames || d.SamePCs != d.PCs || d.SameLines != d.Lines {
		t.Errorf("%d threads of %d, %v", len(got), len(want), d)
	}
}
