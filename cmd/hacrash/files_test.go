package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// run runs the command line and gives what it printed.
func run(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(context.Background(), args, strings.NewReader(""), &out, &errs); code != want {
		t.Fatalf("%v: exit status %d, want %d\n%s%s", args, code, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func TestWhereFilesAreLookedFor(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "inlines", Variant: coretest.Plain()})
	separate := coretest.Crash(t, coretest.Program{Source: "inlines", Variant: variant(t, "build-id-dir")})
	other := coretest.Crash(t, coretest.Program{Source: "noreturn", Variant: coretest.Plain()})
	empty := t.TempDir()
	for _, tt := range []struct {
		name      string
		args      []string
		has, none []string
	}{
		{"by the path in the core", []string{c.Core}, []string{"inlines.c:", "(inlined)", "list="}, []string{"debug data of", "stack scan"}},
		{"registers", []string{"--registers", c.Core}, []string{"rip", "stopped at ", "inlines.c:"}, nil},
		{"an empty sysroot", []string{"--sysroot", empty, c.Core}, []string{"MISSING", "--exe", "not whole"}, []string{"inlines.c:"}},
		{"an empty sysroot, and the executable", []string{"--sysroot", empty, "--exe", c.Exe, c.Core}, []string{"inlines.c:", "stack scan", "libc.so.6", "--sysroot"}, nil},
		{"another program", []string{"--sysroot", empty, "--exe", other.Exe, c.Core}, []string{"it is another build"}, []string{"inlines.c:", "noreturn.c:"}},
		{"no debug data", []string{separate.Core}, []string{"debug data of ", "--debug-dir"}, []string{"inlines.c:"}},
		{"a directory of debug data", []string{"--debug-dir", separate.DebugDir, separate.Core}, []string{"inlines.c:", "(inlined)"}, []string{"debug data of"}},
		{"a server that does not answer", []string{"--debuginfod", "http://127.0.0.1:1", separate.Core}, []string{"debug data of ", "127.0.0.1:1"}, nil},
		{"libraries too", []string{"--lib-debug", c.Core}, []string{"libc_start_call_main.h"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			t.Setenv("DEBUGINFOD_URLS", "")
			out, _ := run(t, exitNoCrash, append([]string{"analyze"}, tt.args...)...)
			flat := strings.Join(strings.Fields(out), " ")
			for _, s := range tt.has {
				if !strings.Contains(flat, s) {
					t.Errorf("no %q in\n%s", s, out)
				}
			}
			for _, s := range tt.none {
				if strings.Contains(flat, s) {
					t.Errorf("%q is in\n%s", s, out)
				}
			}
		})
	}
}

func variant(t *testing.T, name string) coretest.Variant {
	t.Helper()
	for _, v := range coretest.Variants() {
		if v.Name == name {
			return v
		}
	}
	t.Fatal("no variant " + name)
	return coretest.Variant{}
}

func TestBadFiles(t *testing.T) {
	core := coretest.Crash(t, coretest.Program{Source: "noreturn", Variant: coretest.Plain()}).Core
	note := filepath.Join(t.TempDir(), "note")
	if err := os.WriteFile(note, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		code int
		args []string
		says string
	}{
		{exitFailed, []string{"--exe", "/nonexistent", core}, "/nonexistent: no such file"},
		{exitFailed, []string{"--exe", note, core}, "not an ELF file"},
		{exitFailed, []string{"--sysroot", "/nonexistent", core}, "/nonexistent: no such file"},
		{exitUsage, []string{"--debuginfod", "ftp://192.0.2.1/", core}, "--debuginfod"},
	} {
		_, errs := run(t, tt.code, append([]string{"analyze"}, tt.args...)...)
		if !strings.Contains(errs, tt.says) || strings.Contains(errs, "goroutine") {
			t.Errorf("%v: %s", tt.args, errs)
		}
	}
}
