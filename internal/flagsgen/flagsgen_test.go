package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

const header = `
#ifndef _X_H
#define _X_H
/* #define CF_NOT_A 1 */ // enum { CF_NOT_B };
#define CF_A	0x00000001	/* one */
#define CF_B (CF_A << 1)
#define CF_C (1U << CF_C_BIT)
#define CF_C_BIT 31
#define CF_AB \
	(CF_A | \
	 CF_B)
#define CF_F(x) (1 << (x))
#define CF_NOT (~CF_A & 0xff)
#define SF_ERR_MASK 0xf000
#define SF_ERR_NONE 0
#define SF_ERR_CLITO (2UL << SF_ERR_SHIFT)
#define SF_ERR_SHIFT 12
#define SF_STR "/* no comment"
#define SF_CHAR '"'
enum cs_flags {
	SC_FL_NONE = 0x00000000,
	SC_FL_A    = 0x10, SC_FL_B = SC_FL_A * 2, /* enum { SC_FL_NOT } */
	SC_FL_AB   = SC_FL_A | SC_FL_B,
} __attribute__((packed));
enum __attribute__((__packed__)) {
	OBJ_TYPE_NONE = 0,
	OBJ_TYPE_A,
#ifdef USE_QUIC
	OBJ_TYPE_Q,
#endif
	OBJ_TYPE_B,
	OBJ_TYPE_C = 9,
	OBJ_TYPE_D
};
static inline int f(enum obj_type t) { CF_LABEL: if (t) { OBJ_TYPE_NOT; } return 0; }
#endif
`

// gcc is the compiler; the test is skipped on a machine without one.
func gcc(t *testing.T) compiler {
	t.Helper()
	coretest.Need(t, "cc", "gcc")
	return "cc"
}

func catalogueOf(t *testing.T, files ...string) *catalogue {
	t.Helper()
	var lists [][]constant
	for _, src := range files {
		lists = append(lists, scan([]byte(src)))
	}
	c, err := catalogued(t.Context(), gcc(t), lists...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScan(t *testing.T) {
	c := catalogueOf(t, header)
	want := map[string]uint64{
		"CF_A": 1, "CF_B": 2, "CF_C": 1 << 31, "CF_C_BIT": 31, "CF_AB": 3, "CF_NOT": 0xfe,
		"SF_ERR_MASK": 0xf000, "SF_ERR_NONE": 0, "SF_ERR_CLITO": 0x2000, "SF_ERR_SHIFT": 12, "SF_CHAR": '"',
		"SC_FL_NONE": 0, "SC_FL_A": 0x10, "SC_FL_B": 0x20, "SC_FL_AB": 0x30,
		"OBJ_TYPE_NONE": 0, "OBJ_TYPE_A": 1, "OBJ_TYPE_Q": 2, "OBJ_TYPE_B": 3, "OBJ_TYPE_C": 9, "OBJ_TYPE_D": 10,
	}
	for name, v := range want {
		if got, ok := c.values[name]; !ok || got.problem != "" || got.value != v {
			t.Errorf("%s: %#x %v %s, want %#x", name, got.value, ok, got.problem, v)
		}
	}
	for name, got := range c.values {
		if _, ok := want[name]; !ok && got.problem == "" {
			t.Errorf("also %s: %#x", name, got.value)
		}
	}
	for name, conditional := range map[string]bool{"OBJ_TYPE_A": false, "OBJ_TYPE_B": true, "OBJ_TYPE_D": false} {
		if c.names[name][0].conditional != conditional {
			t.Errorf("%s: conditional %v", name, !conditional)
		}
	}
}

func TestMembers(t *testing.T) {
	c := catalogueOf(t, header)
	find := func(name string) []entry {
		i := slices.IndexFunc(families, func(f family) bool { return f.name == name })
		list, _ := c.members(&families[i])
		return list
	}
	want := map[string][]entry{
		"chn":  {{name: "CF_A", value: 1, mask: 1}, {name: "CF_AB", value: 3}, {name: "CF_B", value: 2, mask: 2}, {name: "CF_C", value: 1 << 31, mask: 1 << 31}, {name: "CF_NOT", value: 0xfe}},
		"strm": {{name: "SF_CHAR", value: '"'}, {name: "SF_ERR_CLITO", value: 0x2000, mask: 0xf000}, {name: "SF_ERR_MASK", value: 0xf000}, {name: "SF_ERR_NONE"}},
	}
	for name, list := range want {
		if got := find(name); !slices.Equal(got, list) {
			t.Errorf("%s: %+v, want %+v", name, got, list)
		}
	}
}

// Constants that two files define differently have no value; one that a file defines as
// nothing that can be computed has the value of the other.
func TestConflict(t *testing.T) {
	c := catalogueOf(t, "#define CF_A 1\n#define CF_B 2\n#define CF_C f(x)\n#define CF_D 4\n", "#define CF_A 2\n#define CF_B 0x2\n#define CF_C 3\n#define CF_D f(x)\n")
	if a := c.values["CF_A"]; a.problem != "CF_A: defined as 0x1 and 0x2" {
		t.Errorf("CF_A: %+v", a)
	}
	for name, want := range map[string]uint64{"CF_B": 2, "CF_C": 3, "CF_D": 4} {
		if a := c.values[name]; a.value != want || a.problem != "" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// What the compiler is asked, and what it refuses: each alone, so that the others keep
// their values.
func TestCompiler(t *testing.T) {
	sound := map[string]uint64{
		"1U<<31": 1 << 31, "1 << 31": 1 << 31, "1ULL << 40": 1 << 40, "~0": 0xffffffff, "~0U": 0xffffffff, "~0ULL": ^uint64(0), "-1": 0xffffffff, "-1L": ^uint64(0),
		"(uint64_t)1 << 63": 1 << 63, "ONE | TWO": 3, "TWO * TWO": 4, "0x80000000 >> 31": 1, "0": 0, "(uchar)-1": 255,
	}
	unsound := []string{"", "1 +", "(1", "1 2", "1 / 0", "1 << 32", "1 << -1", "NONE", "f(1)", "{ 1 }", "0x", "08", "SELF", "x)", "1; int y"}
	var all []string
	for text := range sound {
		all = append(all, text)
	}
	all = append(all, unsound...)
	got, err := gcc(t).values(t.Context(), "#define ONE 1\n#define TWO (ONE + 1)\n#define SELF SELF\n", all)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range all {
		want, ok := sound[text]
		if (got[i].problem == "") != ok || got[i].value != want {
			t.Errorf("%q: %+v, want %#x", text, got[i], want)
		}
	}
	if _, err := gcc(t).values(t.Context(), "#error no\n", nil); err == nil || !strings.Contains(err.Error(), "no") {
		t.Errorf("definitions that do not compile: %v", err)
	}
	if _, err := compiler("no-such-compiler").values(t.Context(), "", nil); err == nil {
		t.Error("without a compiler, no error")
	}
}

// A repository of two tags and a maintained branch, made here.
func TestGenerate(t *testing.T) {
	coretest.Need(t, "git", "git")
	gcc(t)
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	commit := func(subject, src string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, "include"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "include", "x.h"), []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		git("add", ".")
		git("commit", "-qm", subject, "--allow-empty")
	}
	git("init", "-q", "-b", "master")
	commit("one", "#define CF_A 1\n#define CF_B 2\n")
	git("tag", "v2.2-dev1")
	commit("two", "#define CF_A 1\n#define CF_C 2\n#define SF_ERR_MASK 0xf0\n#define SF_ERR_X 0x30\n")
	git("tag", "v2.2.0")
	git("tag", "v1.9.0")
	git("tag", "other")
	git("checkout", "-qb", "stable")
	commit("[RELEASE] Released version 2.2.1", "#define CF_A 1\n#define CF_C 2\n#define SF_ERR_MASK 0xf0\n#define SF_ERR_X 0x30\n/* */\n")
	commit("[RELEASE] Released version 2.2.2", "#define CF_A 4\n")

	out := filepath.Join(t.TempDir(), "flags.txt")
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--git", dir, "--stable-git", "2.2=" + dir, "-o", out}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, want := range []string{"versions 2.2-dev1 2.2.0 2.2.2\nread 2.2.2\n", "\nCF_A 1@0-2 4@2\n", "\nCF_B 2@0-1\n", "\nCF_C 2@1-2\n", "\nSF_ERR_X 30/f0@1-2\n", "\nSF_ERR_MASK f0/0@1-2\n",
		"\nfamily chn flags cf,channel channel\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	for _, args := range [][]string{{}, {"--git", dir, "more"}, {"--stable-git", "2.2"}, {"--nope"}} {
		if code := run(args, &stdout, &stderr); code != 2 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	for _, args := range [][]string{{"--git", t.TempDir()}, {"--git", dir, "--stable-git", "9.9=" + dir, "-o", out}} {
		if code := run(args, &stdout, &stderr); code != 1 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	stdout.Reset()
	if code := run([]string{"--families"}, &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), "\nchn CF_.* 0 ") {
		t.Errorf("families: %d %s", code, stdout.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := generate(ctx, options{git: dir, output: out}, &stderr); err == nil {
		t.Error("cancelled, no error")
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(header))
	f.Add([]byte("enum { A = (1 << 31), B, C = B } #define X A|B\n"))
	f.Add([]byte("#define A B\n#define B A\n#define C A+A+A+A\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<12 {
			return
		}
		for _, k := range scan(src) {
			if k.name == "" || k.text == "" || strings.Contains(k.name+k.text, "\n") {
				t.Fatalf("%+v", k)
			}
		}
	})
}
