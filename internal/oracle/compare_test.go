package oracle

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormalise(t *testing.T) {
	for name, want := range map[string]string{
		"__libc_start_main@@GLIBC_2.34": "start_main",
		"__libc_start_main_impl":        "start_main",
		"__GI_raise":                    "raise",
		"__GI___clock_gettime":          "clock_gettime",
		"__vdso_clock_gettime":          "clock_gettime",
		"__pthread_kill_implementation": "pthread_kill",
		"__pthread_kill_internal":       "pthread_kill",
		"pthread_kill@@GLIBC_2.34":      "pthread_kill",
		"split.part.0":                  "split",
		"_start":                        "start",
		"stream_dump_and_crash":         "stream_dump_and_crash",
		"__":                            "__",
		"":                              "",
		"_internal":                     "internal",
		"unused.constprop.0@plt":        "unused",
	} {
		if got := normalise(name); got != want {
			t.Errorf("Normalise(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSameValue(t *testing.T) {
	for _, test := range []struct {
		ours, theirs string
		want         verdict
	}{
		{"42", "42", equal},
		{"0x2a", "42", equal},
		{"42", "43", differ},
		{"-1", "18446744073709551615", differ},
		{"97", "97 'a'", equal},
		{`44 ','`, `44 ','`, equal},
		{"200", `200 '\310'`, equal},
		{"1", "true", equal},
		{"false", "true", differ},
		{"0x55aa", `0x55aa "a, text"`, equal},
		{"0x55aa", "0x55aa <main>", equal},
		{"(struct node *) 0x55aa", "0x55aa", equal},
		{"(int (*)(int)) 0x55aa", "0x55aa <nested>", equal},
		{"BLUE", "-7 (BLUE)", equal},
		{"-7", "-7 (BLUE)", equal},
		{"RED", "-7 (BLUE)", differ},
		{"FLAG_A | FLAG_C", "5 ((FLAG_A | FLAG_C))", equal},
		{"1.5", "1.5", equal},
		{"0.1", "0.100000001", equal},
		{"1e100", "1e+100", equal},
		{"1.5", "1.25", differ},
		{"nan", "nan", equal},
		{`"seven"`, `"seven\000\000"`, equal},
		{`"seven"`, `"eight"`, differ},
		{"", "<optimized out>", neither},
		{"", "", neither},
		{"<optimized out>", "3", onlyTheirs},
		{"3", "<optimized out>", onlyOurs},
		{"{first = 1, second = 2}", "{first = 0x1, second = 2}", equal},
		{"{first=1, second=2}", "{first = 1, second = 2}", equal},
		{"{1, 2}", "{first = 1, second = 2}", equal},
		{"{second = 1}", "{first = 1}", differ},
		{"{first = 1, second = 3}", "{first = 1, second = 2}", differ},
		{"{first = 1, second = <optimized out>}", "{first = 1, second = 2}", onlyTheirs},
		{"{first = 1, second = 2}", "{first = 1, second = <synthetic pointer>}", onlyOurs},
		{"{first = 1, second = 2}", "<optimized out>", onlyOurs},
		{"", "{first = 1, second = 2}", onlyTheirs},
		{`{id = 77, name = "a}, {", inner = {first = -1}}`, `{id = 77, name = "a}, {\000", inner = {first = -1}}`, equal},
		{"{1}", "{1, 2}", differ},
	} {
		if got := sameValue(test.ours, test.theirs); got != test.want {
			t.Errorf("sameValue(%q, %q) = %d, want %d", test.ours, test.theirs, got, test.want)
		}
	}
}

func TestCompare(t *testing.T) {
	theirs := []Frame{
		{Number: 0, PC: 0x10, Function: "inner", File: "/src/a.c", Line: 1, Inline: true, Args: []Arg{{Name: "n", Value: "1"}, {Name: "gone", Value: "<optimized out>"}}},
		{Number: 1, PC: 0x10, Function: "outer", File: "/src/a.c", Line: 2, Args: []Arg{{Name: "n", Value: "2", Entry: "3"}}},
		{Number: 2, PC: 0x20, Signal: true},
		{Number: 3, PC: 0x30},
		{Number: 4, PC: 0x40, Function: "__libc_start_main_impl", File: "../csu/libc-start.c", Line: 360},
	}
	if d := compare(theirs, theirs); len(d.Differences) != 0 || d.SameFrames != 5 || d.SamePCs != 5 || d.SameLines != 3 {
		t.Errorf("a stack differs from itself: %v", d)
	}
	ours := []Frame{
		{PC: 0x10, Function: "outer", File: "a.c", Line: 3, Args: []Arg{{Name: "n", Value: "2"}, {Name: "more", Value: "7"}}},
		{PC: 0x20, Function: "__restore_rt"},
		{PC: 0x30, Function: "static_one"},
		{PC: 0x44, Function: "__libc_start_main", File: "libc-start.c", Line: 360},
		{PC: 0x50, Function: "_start"},
	}
	got := compare(ours, theirs)
	want := Diff{
		Frames: 5, SameFrames: 4, PCs: 4, SamePCs: 3, Lines: 2, SameLines: 1,
		Args: Tally{Equal: 1, Ours: 1}, Entries: Tally{Theirs: 1, Neither: 1},
		Differences: []string{
			"only theirs: #0 0x10 [inline] inner(n=1, gone=<optimized out>) at a.c:1",
			"#1 outer: line ours a.c:3, theirs /src/a.c:2",
			`#1 outer n@entry: ours "", theirs "3"`,
			`#1 outer more: ours "7", theirs ""`,
			"#4 __libc_start_main_impl: pc ours 0x44, theirs 0x40",
			"only ours:   #0 0x50 _start()",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCompareThreads(t *testing.T) {
	frame := []Frame{{Function: "f"}}
	d := CompareThreads([]Thread{{LWP: 1, Frames: frame}, {LWP: 2, Frames: frame}}, []Thread{{LWP: 1, Frames: frame}, {LWP: 3, Frames: frame}})
	if d.Frames != 3 || d.SameFrames != 1 || len(d.Differences) != 2 {
		t.Errorf("%v", d)
	}
	if !strings.HasPrefix(d.Differences[0], "LWP 3: only theirs") || !strings.HasPrefix(d.Differences[1], "LWP 2: only ours") {
		t.Errorf("%v", d)
	}
}

func TestPhysical(t *testing.T) {
	got := Physical([]Frame{{Function: "a", Inline: true}, {Function: "b"}, {Function: "c", TailCall: true}, {Signal: true}})
	if len(got) != 2 || got[0].Function != "b" || !got[1].Signal {
		t.Errorf("%v", got)
	}
}
