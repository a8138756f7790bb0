package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/haproxytest"
)

// crashed is an executable and the core it left.
type crashed struct{ exe, core string }

// bed is the testing.TB that the packages which crash programs ask for; what
// they register runs when it is closed.
type bed struct {
	testing.TB
	cleanups []func()
}

// stopped is what a bed ends a function with.
type stopped struct{ why string }

func (b *bed) Helper()                   {}
func (b *bed) Cleanup(f func())          { b.cleanups = append(b.cleanups, f) }
func (b *bed) Skip(args ...any)          { panic(stopped{fmt.Sprint(args...)}) }
func (b *bed) Fatal(args ...any)         { panic(stopped{fmt.Sprint(args...)}) }
func (b *bed) Fatalf(f string, a ...any) { panic(stopped{fmt.Sprintf(f, a...)}) }

// try runs f; the error says why f could not do what it should.
func (b *bed) try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stopped:
			err = fmt.Errorf("%s", r.why)
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

func (b *bed) close() {
	for i := len(b.cleanups) - 1; i >= 0; i-- {
		b.cleanups[i]()
	}
}

// ours crashes testdata/src/busy.c with so many threads.
func (b *bed) ours(threads int, v coretest.Variant) (out crashed, err error) {
	err = b.try(func() {
		c := coretest.Crash(b, coretest.Program{Source: "busy", Way: fmt.Sprint(threads), Variant: v})
		out = crashed{c.Exe, c.Core}
	})
	return out, err
}

// haproxy makes the system's HAProxy panic, and keeps its core in dir.
func (b *bed) haproxy(threads int, dir string) (out crashed, err error) {
	one := &bed{}
	defer one.close()
	err = one.try(func() {
		p := haproxytest.Start(one, haproxytest.Options{Threads: threads})
		p.CLI("expert-mode on; debug dev panic")
		p.Wait()
		out = crashed{"/usr/sbin/haproxy", filepath.Join(dir, fmt.Sprintf("haproxy-%d.core", threads))}
		if e := move(p.Core(), out.core); e != nil {
			one.Fatal(e)
		}
	})
	return out, err
}

// move takes a sparse file to another file system if it must.
func move(from, to string) error {
	if os.Rename(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = io.Copy(out, in)
	return err
}
