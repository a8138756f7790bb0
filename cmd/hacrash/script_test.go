package main

import (
	"context"

	"os"
	"path/filepath"
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
					ts.Fatalf("usage: schema document|lines|groups FILE")
				}
				text := []byte(ts.ReadFile(args[1]))
				switch args[0] {
				case "lines":
					schematest.ValidateLines(t, text)
				case "groups":
					schematest.ValidateGroupLines(t, text)
				default:
					schematest.Validate(t, text)
				}
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
