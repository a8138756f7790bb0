package fault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cut maps a file and cuts it: whoever reads the second page faults.
func cut(t *testing.T) (mapped []byte, ours func(uintptr) bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 3*os.Getpagesize()), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := unix.Mmap(int(f.Fd()), 0, 3*os.Getpagesize(), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(b) })
	if err := os.Truncate(path, int64(os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	start := uintptr(unsafe.Pointer(&b[0]))
	return b, func(a uintptr) bool { return a-start < uintptr(len(b)) }
}

var sink byte

func nilMap() {
	var t struct{ m map[string]int }
	t.m["x"] = 1
}

func TestGuard(t *testing.T) {
	b, ours := cut(t)
	page := os.Getpagesize()
	if Guard(ours, func() { sink = b[0] }) {
		t.Error("a page that is there faulted")
	}
	if !Guard(ours, func() { sink = b[page] }) {
		t.Error("a page that is gone did not fault")
	}
	if !Guard(ours, func() { Go(func() byte { return b[2*page] }).Wait() }) {
		t.Error("a fault in a goroutine did not reach who waits")
	}
	theirs := func(uintptr) bool { return false }
	for name, f := range map[string]func(){
		"nil map":             nilMap,
		"index":               func() { sink = b[len(b):][0:][page] },
		"a value":             func() { panic("x") },
		"nil pointer":         func() { var p *[4]byte; sink = p[1] },
		"nil map, goroutine":  func() { Go(func() int { nilMap(); return 0 }).Wait() },
		"fault of other maps": func() { Guard(theirs, func() { sink = b[page] }) },
	} {
		guard := ours
		if strings.HasPrefix(name, "fault") {
			guard = theirs
		}
		err := Catch(func() error { Guard(guard, f); return nil })
		if Of(err) == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCatch(t *testing.T) {
	want := errors.New("an error")
	if err := Catch(func() error { return want }); err != want {
		t.Error(err)
	}
	for name, f := range map[string]func(){
		"here":                nilMap,
		"in a goroutine":      func() { Go(func() int { nilMap(); return 1 }).Wait() },
		"in one of its own":   func() { Go(func() int { return Go(func() int { nilMap(); return 1 }).Wait() }).Wait() },
		"passed by a guard":   func() { Guard(func(uintptr) bool { return true }, nilMap) },
		"after End of a task": func() { s := Go(func() int { nilMap(); return 1 }); s.End(); s.Wait() },
	} {
		in := Of(Catch(func() error { f(); return nil }))
		if in == nil {
			t.Fatalf("%s: no error", name)
		}
		text := in.Error()
		if !strings.HasPrefix(text, "internal error: assignment to entry in nil map (fault.nilMap at fault_test.go:") || !strings.Contains(text, "; please report it at ") || strings.Contains(text, "\n") {
			t.Errorf("%s: %s", name, text)
		}
		if !strings.Contains(string(in.Stack), "fault.nilMap") {
			t.Errorf("%s: the stack does not say where:\n%s", name, in.Stack)
		}
	}
	if v := Go(func() int { return 7 }).Wait(); v != 7 {
		t.Error(v)
	}
}
