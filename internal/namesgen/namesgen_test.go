package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	_ "github.com/hacrash/hacrash/internal/golden" // -update
	"github.com/hacrash/hacrash/pkg/symbols/matched"
)

// small is a program with forty static functions and one of a header.
func small() string {
	var b strings.Builder
	b.WriteString("#include <stdio.h>\n#include \"small.h\"\nconst char haproxy_version[] = VERSION;\n")
	for i := range 40 {
		fmt.Fprintf(&b, "static __attribute__((noinline)) int greet_%d(int n) { printf(\"good morning %d\\n\"); puts(\"number %d\"); return in_header(n); }\n", i, i, i)
		fmt.Fprintf(&b, "int shared_%d(int n) { return n > 3 ? greet_%d(n + 1) + 1 : 0; }\n", i, i)
	}
	b.WriteString("int main(void) { return 0; }\n")
	return b.String()
}

const header = `static __attribute__((noinline)) int in_header(int n) { return puts("from a header") + n; }
`

func compile(t *testing.T, version string) string {
	t.Helper()
	coretest.Need(t, "gcc", "gcc")
	dir := t.TempDir()
	for name, text := range map[string]string{"small.c": small(), "small.h": header} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	exe := filepath.Join(dir, "haproxy")
	c := exec.CommandContext(t.Context(), "gcc", "-O2", "-g", "-rdynamic", "-fPIE", "-pie", "-DVERSION=\""+version+"\"", "-o", exe, filepath.Join(dir, "small.c"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// TestTable: a table is the same whatever the order and the number of runs in which it was made,
// keeps what it has, and says which functions headers define.
func TestTable(t *testing.T) {
	old, young := compile(t, "3.0.1"), compile(t, "3.0.9")
	making := func(runs ...string) []byte {
		table := filepath.Join(t.TempDir(), "names.bin")
		for i, files := range runs {
			args := append([]string{"-o", table}, strings.Fields(files)...)
			if i == 0 {
				args = append([]string{"--new"}, args...)
			}
			var stderr bytes.Buffer
			if code := run(args, &stderr, &stderr); code != 0 {
				t.Fatal(stderr.String())
			}
		}
		b, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	once := making(old + " " + young)
	for name, runs := range map[string][]string{"twice": {old, young}, "again": {old + " " + young, young}, "another time": {old + " " + young}} {
		if !bytes.Equal(once, making(runs...)) {
			t.Errorf("%s: another table", name)
		}
	}
	releases, err := matched.Decode(once)
	if err != nil || len(releases) != 2 {
		t.Fatal(releases, err)
	}
	headers := map[string]bool{}
	for _, r := range releases[1].Records {
		headers[r.Label.Name] = r.Label.Header
	}
	for name, want := range map[string]bool{"greet_0": false, "greet_39": false, "in_header": true} {
		if got, is := headers[name]; !is || got != want {
			t.Errorf("%s: in the table %v, of a header %v", name, is, got)
		}
	}
}

// TestMeasure: the functions of the program that taught the table are named rightly.
func TestMeasure(t *testing.T) {
	exe := compile(t, "3.0.1")
	table := filepath.Join(t.TempDir(), "names.bin")
	var out bytes.Buffer
	if run([]string{"--new", "-o", table, exe}, &out, &out) != 0 || run([]string{"-o", table, "--measure", exe}, &out, &out) != 0 {
		t.Fatal(out.String())
	}
	if !strings.Contains(out.String(), "| haproxy | 40 | 40 (100.0 %) | 0 (0.00 %) | 40 (100.0 %) | 0 (0.00 %) |") {
		t.Error(out.String())
	}
}
