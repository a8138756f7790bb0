package unwind

import (
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/module"
)

// build is a HAProxy to crash.
type build struct {
	haproxytest.Options
	records bool // it was built to keep frame records
}

// builds are the host's own package, those of other suites, and what a developer gives. Of the
// latter it is not known whether they keep frame records.
func builds(t *testing.T) map[string]build {
	all := map[string]build{"host": {}}
	for suite, b := range map[string]struct{ records, optional bool }{
		"bullseye": {}, "trixie": {records: true}, "sid": {records: true, optional: true},
	} {
		t.Run("suite "+suite, func(t *testing.T) {
			all[suite] = build{haproxytest.Options{Root: debiansuite.Root(t, suite, b.optional)}, b.records}
		})
	}
	for _, path := range haproxytest.Executables(t) {
		all[filepath.Base(path)] = build{Options: haproxytest.Options{Program: path}}
	}
	return all
}

// crashes are ways to end HAProxy which leave threads in other libraries: in abort, behind a
// signal's frame, in epoll_wait, and under load in Lua and in libcrypto.
func crashes(t *testing.T, b build) map[string]func(*haproxytest.Process, *haproxytest.Secrets) {
	ways := map[string]func(*haproxytest.Process, *haproxytest.Secrets){
		"idle": func(p *haproxytest.Process, _ *haproxytest.Secrets) {
			p.WaitIdle()
			_ = syscall.Kill(p.PID, syscall.SIGSEGV)
		},
		"load 1": underLoad, "load 2": underLoad,
	}
	for _, command := range []string{"debug dev panic", "debug dev loop 60000", "debug dev tkill 2 11", "debug dev tkill 0 7"} {
		ways[command] = func(p *haproxytest.Process, _ *haproxytest.Secrets) { p.CLI("expert-mode on; " + command) }
	}
	return ways
}

// underLoad ends HAProxy while a script runs and connections are encrypted.
func underLoad(p *haproxytest.Process, s *haproxytest.Secrets) {
	stop := p.Load(s, true)
	time.Sleep(200 * time.Millisecond)
	_ = syscall.Kill(p.PID, syscall.SIGSEGV)
	stop()
}

// walkCore walks all stacks of a core.
func walkCore(t *testing.T, path string, o module.Options) []Stack {
	t.Helper()
	core, set := openCore(t, path, o)
	u := New(core, set)
	var out []Stack
	for i := range core.Threads {
		out = append(out, u.Thread(&core.Threads[i]))
	}
	return out
}

// score counts frames of the executable.
type score struct{ all, found, wrong, unmarked int }

func (s *score) add(o score) {
	s.all += o.all
	s.found += o.found
	s.wrong += o.wrong
	s.unmarked += o.unmarked
}

func (s score) String() string {
	return fmt.Sprintf("%d of %d (%.1f %%), %d others (%.1f %%)", s.found, s.all, 100*float64(s.found)/float64(max(1, s.all)),
		s.wrong, 100*float64(s.wrong)/float64(max(1, s.found+s.wrong)))
}

// within tells whether so many percent were found, not more of what was found is wrong, and all
// that was guessed is marked. A single wrong one says nothing.
func (s score) within(found, wrong int) bool {
	return s.all > 0 && 100*s.found >= found*s.all && (100*s.wrong <= wrong*(s.found+s.wrong) || s.wrong < 2) && s.unmarked == 0
}

// compare scores stacks against the true ones. Whatever is found of a stack that is
// not whole may be true.
func compare(truth, got []Stack) (s score) {
	for i := range truth {
		all, some := executablePCs(truth[i]), executablePCs(got[i])
		same := common(all, some)
		s.all += len(all)
		s.found += same
		if truth[i].Whole {
			s.wrong += len(some) - same
		}
		for k, f := range got[i].Frames {
			if k > 0 && f.Module != nil && f.Module.Main && (f.Trust == CFI || f.Trust == Context) && guessed(got[i].Frames[:k]) {
				s.unmarked++
			}
		}
	}
	return s
}

// guessed tells whether one of the frames is of a file that is not at hand.
func guessed(frames []Frame) bool {
	for _, f := range frames {
		if !f.atHand() {
			return true
		}
	}
	return false
}

// executablePCs gives the addresses of a stack that lie in the executable.
func executablePCs(s Stack) []uint64 {
	var out []uint64
	for _, f := range s.Frames {
		if f.Module != nil && f.Module.Main {
			out = append(out, f.PC)
		}
	}
	return out
}

// common is how many of b are in a, in the same order.
func common(a, b []uint64) int {
	n := 0
	for _, x := range b {
		for i, y := range a {
			if x == y {
				n++
				a = a[i+1:]
				break
			}
		}
	}
	return n
}

// TestMissingFiles walks the stacks of real crashes with the executable alone, as when a core
// came from a container, and with no file at all.
func TestMissingFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes HAProxy two dozen times")
	}
	var mutex sync.Mutex
	alone, nothing := map[string]*score{}, map[string]*score{}
	all := builds(t)
	t.Run("crashes", func(t *testing.T) {
		for name, b := range all {
			alone[name], nothing[name] = &score{}, &score{}
			for way, end := range crashes(t, b) {
				t.Run(name+" "+way, func(t *testing.T) {
					t.Parallel()
					o, secrets := haproxytest.Loaded(t, b.Options)
					p := haproxytest.Start(t, o)
					end(p, secrets)
					p.Wait()
					exe := b.Program
					if exe == "" {
						exe = "/usr/sbin/haproxy"
					}
					exe = filepath.Join(b.Root, exe)
					truth := walkCore(t, p.Core(), module.Options{Executable: exe, Sysroot: b.Root})
					a := compare(truth, walkCore(t, p.Core(), module.Options{Executable: exe, Sysroot: t.TempDir()}))
					n := compare(truth, walkCore(t, p.Core(), module.Options{Sysroot: t.TempDir()}))
					t.Logf("alone: %v; nothing: %v", a, n)
					mutex.Lock()
					defer mutex.Unlock()
					alone[name].add(a)
					nothing[name].add(n)
				})
			}
		}
	})
	// Where a thread is when it is killed under load is chance, so of a single build more may
	// be missed than of all.
	var sum, sumRecords, sumNothing score
	for name, b := range all {
		a, n := alone[name], nothing[name]
		t.Logf("%s: the executable alone: %v; nothing: %v", name, a, n)
		if !a.within(90, 4) || !n.within(0, 4) {
			t.Errorf("%s: too few, too many wrong, or not marked: %+v; nothing at hand: %+v", name, *a, *n)
		}
		sum.add(*a)
		sumNothing.add(*n)
		if b.records {
			sumRecords.add(*n)
		}
	}
	t.Logf("all: the executable alone: %v; nothing: %v, with frame records %v", sum, sumNothing, sumRecords)
	if !sum.within(95, 2) || !sumNothing.within(0, 2) || sumRecords.all > 0 && !sumRecords.within(90, 2) {
		t.Errorf("too few, too many wrong, or not marked: %+v; nothing at hand: %+v, with frame records %+v", sum, sumNothing, sumRecords)
	}
}
