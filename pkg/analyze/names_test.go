package analyze_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// guesses are the names by likeness on the stack of the thread at fault.
func guesses(t *testing.T, c *crash.Crash) (out []string) {
	t.Helper()
	for _, f := range c.Faulty().Frames {
		if f.Matched == nil {
			continue
		}
		if f.Function != "" || f.Matched.Similarity < 0.3 || f.Matched.Margin < 0.2 {
			t.Errorf("%+v: %+v", f, f.Matched)
		}
		out = append(out, f.Matched.Function)
	}
	return out
}

// TestNamesByLikeness: the static functions that called the one which aborted have their names in
// the core of a stripped HAProxy, and in its log with the executable; with --names off they have none.
func TestNamesByLikeness(t *testing.T) {
	p := haproxytest.Start(t, haproxytest.Options{})
	p.CLI("expert-mode on; debug dev bug")
	p.Wait()
	log := filepath.Join(t.TempDir(), "haproxy.log")
	if err := os.WriteFile(log, []byte(p.Stderr()), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"debug_parse_cli_bug", "cli_io_handler"}
	has := func(what string, c *crash.Crash) {
		t.Helper()
		got := guesses(t, c)
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%s: %q have no %s", what, got, name)
			}
		}
	}
	core := crashOf(t, p.Core(), analyze.Options{})
	has("core", core)
	has("log", crashOf(t, log, analyze.Options{Modules: module.Options{Executable: "/usr/sbin/haproxy"}}))
	if got := guesses(t, crashOf(t, p.Core(), analyze.Options{Symbols: symbols.Options{NoMatches: true}})); got != nil {
		t.Errorf("with names off there are %q", got)
	}
	for _, format := range []string{"text", "markdown"} {
		var out bytes.Buffer
		if err := report.Write(&out, format, &crash.Report{Crashes: []crash.Crash{*core}}, report.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, name := range want {
			text := strings.ReplaceAll(out.String(), `\_`, "_")
			if !strings.Contains(text, name+"?") || strings.Count(text, name) != strings.Count(text, name+"?") {
				t.Errorf("%s: %s is not marked as a guess everywhere", format, name)
			}
		}
	}
}

// TestInspectFunctions lists the functions of a stripped HAProxy.
func TestInspectFunctions(t *testing.T) {
	p := haproxytest.Start(t, haproxytest.Options{})
	p.CLI("expert-mode on; debug dev bug")
	p.Wait()
	var out bytes.Buffer
	to := report.NewObjects(&out, "text", "functions", false)
	o := analyze.Options{Names: []string{p.Core()}}
	if err := analyze.Ask(t.Context(), o, analyze.Query{What: "functions"}, to); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "matched="); n < 1000 {
		t.Errorf("%d functions with names", n)
	}
	o.Symbols.NoMatches = true
	if err := analyze.Ask(t.Context(), o, analyze.Query{What: "functions"}, report.NewObjects(&out, "text", "functions", false)); err == nil {
		t.Error("with names off there are functions")
	}
}
