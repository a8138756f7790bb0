package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/internal/schematest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"hacrash": func() {
			os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs what a user would type, one subject a file.
func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       golden.Update(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLES", samples)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"schema": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: schema document|lines|groups|doctor FILE")
				}
				text := []byte(ts.ReadFile(args[1]))
				switch args[0] {
				case "lines":
					schematest.ValidateLines(t, text)
				case "doctor":
					schematest.ValidateDoctor(t, text)
				case "groups":
					schematest.ValidateGroupLines(t, text)
				default:
					schematest.Validate(t, text)
				}
			},
			// exits CODE PROGRAM ARGUMENT… wants an exit status
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				err = ts.Exec(args[1], args[2:]...)
				var exit *exec.ExitError
				if code := 0; errors.As(err, &exit) {
					if code = exit.ExitCode(); code != want || neg {
						ts.Fatalf("exit status %d, want %d", code, want)
					}
				} else if ts.Check(err); want != 0 {
					ts.Fatalf("exit status 0, want %d", want)
				}
			},
			// alone wants no temporary file left over
			"alone": func(ts *testscript.TestScript, _ bool, _ []string) {
				left, err := filepath.Glob(ts.MkAbs(".*.*"))
				ts.Check(err)
				for _, name := range left {
					if filepath.Base(name) != ".tmp" {
						ts.Fatalf("%s was left", name)
					}
				}
			},
			"mode": func(ts *testscript.TestScript, _ bool, args []string) {
				st, err := os.Stat(ts.MkAbs(args[1]))
				ts.Check(err)
				if got := fmt.Sprintf("%04o", st.Mode().Perm()); got != args[0] {
					ts.Fatalf("%s has mode %s", args[1], got)
				}
			},
			"hardlink": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.Link(ts.MkAbs(args[1]), ts.MkAbs(args[0])))
			},
			"issymlink": func(ts *testscript.TestScript, _ bool, args []string) {
				_, err := os.Readlink(ts.MkAbs(args[0]))
				ts.Check(err)
			},
			// large writes a file of 1 TB, which is all hole
			"large": func(ts *testscript.TestScript, _ bool, args []string) {
				f, err := os.Create(ts.MkAbs(args[0]))
				ts.Check(err)
				ts.Check(errors.Join(f.Truncate(1<<40), f.Close()))
			},
			"mkfifo": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o600))
			},
			// binary writes hostile files: binary KIND FILE
			"binary": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: binary KIND FILE")
				}
				ts.Check(os.WriteFile(ts.MkAbs(args[1]), hostile(args[0]), 0o600))
			},
		},
	})
}
