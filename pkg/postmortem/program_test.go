package postmortem_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/postmortem"
)

// variant is a way to compile testdata/src/postmortem.c: as a stripped HAProxy of
// some version, which keeps its dynamic symbols and the headers of its sections.
func variant(name string, d coretest.Debug, flags ...string) coretest.Variant {
	return coretest.Variant{Name: name, Debug: d, Flags: append([]string{"-rdynamic"}, flags...)}
}

// newest is what 3.3 and later are like.
func newest() []string { return []string{"-DDISTRO", "-DLATE", "-DCAPS", "-DLIBS"} }

// arm64 is the newest for another machine.
func arm64() coretest.Variant {
	v := variant("arm64", coretest.Stripped, append(newest(), "-no-pie", "-fno-pie")...)
	v.Arch, v.CPU = coretest.ARM64, "cortex-a72"
	return v
}

// riscv64 is the newest for a machine on which it ends with a write to address 1.
func riscv64() coretest.Variant {
	v := variant("riscv64", coretest.Stripped, newest()...)
	v.Arch = coretest.RISCV64
	return v
}

// examined is what was found in a core of the program.
func examined(t *testing.T, way string, v coretest.Variant) (*elfcore.Core, *postmortem.Findings) {
	t.Helper()
	c := coretest.Crash(t, coretest.Program{Source: "postmortem", Way: way, Variant: v})
	file, err := os.Open(c.Core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	st, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	core, err := elfcore.Open(file, st.Size(), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	modules := module.New(context.Background(), core, module.Options{Executable: c.Exe, Sysroot: c.Sysroot})
	t.Cleanup(modules.Close)
	f, err := postmortem.Read(context.Background(), core, postmortem.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f.UseProgram(core, modules.Main())
	if !f.HAProxy || f.Version != "3.2.99-test" {
		t.Fatalf("HAProxy %v, version %q", f.HAProxy, f.Version)
	}
	return core, f
}

func TestObject(t *testing.T) {
	const known, types = "known layout", "debug data"
	for _, x := range []struct {
		variant coretest.Variant
		by      string
	}{
		{variant("newest", coretest.Stripped, newest()...), known},
		{variant("newest-types", coretest.InExe, newest()...), types},
		{variant("newest-no-pie", coretest.Stripped, append(newest(), "-no-pie", "-fno-pie")...), known},
		{arm64(), known},
		{riscv64(), known},
		{variant("3.1", coretest.Stripped, "-DLATE", "-DCAPS", "-DLIBS"), known},
		{variant("3.1-no-caps", coretest.Stripped, "-DLATE", "-DLIBS"), known},
		{variant("3.1-no-libs", coretest.Stripped, "-DLATE", "-DCAPS"), known},
		{variant("3.1-neither", coretest.Stripped, "-DLATE"), known},
		{variant("3.3-neither", coretest.Stripped, "-DLATE", "-DDISTRO"), known},
		{variant("3.0", coretest.Stripped, "-DLIBS"), known},
		{variant("3.0-no-libs", coretest.Stripped), known},
		{variant("3.0-types", coretest.InExe, "-DLIBS"), types},
		{variant("3.0.0", coretest.Stripped, "-DFIRST", "-DLIBS"), known},
		{variant("3.0.0-types", coretest.InExe, "-DFIRST"), types},
	} {
		t.Run(x.variant.Name, func(t *testing.T) {
			core, f := examined(t, "plain", x.variant)
			if f.Object == nil {
				t.Fatal("no post_mortem object")
			}
			flags := strings.Join(x.variant.Flags, " ")
			has := func(flag string) bool { return strings.Contains(flags, "-D"+flag) }
			id := func(n int64) *int64 { return &n }
			files, memory := &crash.Limit{Soft: "1024", Hard: "4096"}, &crash.Limit{Soft: "unlimited", Hard: "unlimited"}
			want := crash.PostMortem{
				By:       x.by,
				Platform: &crash.Platform{OS: "Linux", Release: "6.1.0", Machine: "x86_64", HardwareVendor: "Acme", CPU: "Fast", VirtualMachine: "kvm", Container: "no"},
				Boot:     &crash.Conditions{UID: id(1), GID: id(2), Files: files, Memory: memory},
				Components: []crash.Component{
					{Name: "haproxy", Version: "3.2.99-test", Compiler: "gcc-1", CompilerFlags: "-O2", Build: "TARGET='test'", Path: "/usr/sbin/haproxy"},
					{Name: "other", Version: "1.0"},
				},
			}
			if has("DISTRO") {
				want.Platform.Distribution = "Testix 3"
			}
			if has("LATE") {
				want.Run = &crash.Conditions{UID: id(3), GID: id(4), Files: files, Memory: memory}
				if has("CAPS") {
					want.Boot.Capabilities = &crash.Capabilities{Effective: 1<<32 | 1, Permitted: 3, Inheritable: 7}
					want.Run.Capabilities = &crash.Capabilities{Error: 1}
				}
			}
			if d := cmp.Diff(want, f.Object.PostMortem, cmpopts.IgnoreFields(crash.PostMortem{}, "Address")); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			c := f.Crash(core, nil)
			if c.PostMortem == nil || !strings.HasPrefix(c.Process.System, "Linux 6.1.0 x86_64") || !strings.HasSuffix(c.Process.System, "virtual machine: kvm") {
				t.Errorf("system %q", c.Process.System)
			}
			if has("FIRST") {
				return
			}
			if len(f.Object.Pointers) != 9 || f.Object.PID == 0 || f.Object.Node != "lb1" {
				t.Errorf("pointers %+v, pid %d, node %q", f.Object.Pointers, f.Object.PID, f.Object.Node)
			}
			if a := f.Object.Arguments; len(a) != 2 || !strings.HasSuffix(a[0], "postmortem") || a[1] != "plain" {
				t.Errorf("arguments %q", a)
			}
		})
	}
}

func TestCounters(t *testing.T) {
	want := []crash.Counter{
		{Type: "COUNT_IF", File: "src/test.c", Function: "test", Line: 2, Condition: "1", Message: "seldom", Count: 7},
		{Type: "GLITCH", File: "src/test.c", Function: "test", Line: 3, Message: "odd frame", Count: 1},
		{Type: "CHECK_IF", File: "src/test.c", Function: "test", Line: 4, Condition: `b && "c"`, Count: 2},
	}
	for way, fired := range map[string]crash.Counter{
		"plain":   {},
		"bug":     {Type: "BUG_ON", File: "src/test.c", Function: "test", Line: 870, Condition: "one > zero", Message: "on purpose", Count: 1},
		"counter": {Type: "BUG_ON", File: "src/test.c", Function: "test", Line: 12, Condition: "two > one", Message: "on purpose", Count: 1},
	} {
		for _, v := range []coretest.Variant{variant("newest", coretest.Stripped, newest()...), arm64(), riscv64()} {
			_, f := examined(t, way, v)
			want := want
			if fired.Count > 0 {
				want = append(want[:3:3], fired)
			}
			order := cmpopts.SortSlices(func(a, b crash.Counter) bool { return a.Line < b.Line })
			if d := cmp.Diff(want, f.Counters, cmpopts.IgnoreFields(crash.Counter{}, "Address"), order); d != "" {
				t.Errorf("%s, %s (-want +got)\n%s", way, v.Name, d)
			}
		}
	}
}

func TestRings(t *testing.T) {
	const size, used = 65536, 10000
	for _, x := range []struct {
		variant coretest.Variant
		more    []crash.Ring
	}{
		{variant("newest", coretest.Stripped, newest()...), nil},
		{variant("old-ring", coretest.Stripped, "-DOLD_RING"), nil},
		{variant("loose", coretest.Stripped, "-DLOOSE"), []crash.Ring{{Name: "sinks", Unavailable: "their list does not come back to its head"}}},
	} {
		_, f := examined(t, "plain", x.variant)
		want := []crash.Ring{{Name: "startup-logs", Size: 4096, Used: 321}}
		if x.more == nil {
			want = append(want, crash.Ring{Name: "buf0", Description: "in-memory ring buffer", Size: size, Used: used})
		}
		want = append(want, x.more...)
		if d := cmp.Diff(want, f.Rings, cmpopts.IgnoreFields(crash.Ring{}, "Address")); d != "" {
			t.Errorf("%s (-want +got)\n%s", x.variant.Name, d)
		}
	}
}

func TestCondition(t *testing.T) {
	bug := "FATAL: bug condition \"one > zero\" matched at src/test.c:870\non purpose"
	for _, v := range []coretest.Variant{
		variant("newest", coretest.Stripped, newest()...),
		variant("newest-no-pie", coretest.Stripped, append(newest(), "-no-pie", "-fno-pie")...),
		arm64(),
		riscv64(),
	} {
		for way, want := range map[string]string{
			"bug":     bug,
			"abort":   "ABORT at src/test.c:12: enough: of it",
			"counter": "FATAL: bug condition \"two > one\" matched at src/test.c:12\non purpose",
			"shared":  "shared",
			"warn":    "",
			"plain":   "",
		} {
			core, f := examined(t, way, v)
			got := ""
			if x := f.Condition(core.Threads[0].Registers.PC(), 4096); x != nil && x.Shared {
				got = "shared"
			} else if x != nil {
				got = x.Found().Text
			}
			if got != want {
				t.Errorf("%s, %s: %q, want %q", v.Name, way, got, want)
			}
		}
	}
}

// Without optimisation a check's counter and its end lie far apart. The only one that
// counted something is it, if its function may be on the stack.
func TestOnlyCounterFired(t *testing.T) {
	_, f := examined(t, "bug", variant("newest-O0", coretest.Stripped, append(newest(), "-O0")...))
	i := slices.IndexFunc(f.Counters, func(k crash.Counter) bool { return k.Type == "BUG_ON" })
	if i < 0 {
		t.Fatalf("counters %+v", f.Counters)
	}
	check := f.Counters[i]
	unnamed, named := []crash.Frame{{Address: 1}}, []crash.Frame{{Function: "raise"}, {Function: check.Function}}
	for _, frames := range [][]crash.Frame{unnamed, named} {
		if x := f.Fired(frames); x == nil || *x.Counter != check || !strings.Contains(x.Found().Text, `condition "one > zero" matched at src/test.c:870`) {
			t.Errorf("%+v: %+v", frames, x)
		}
	}
	if x := f.Fired(named[:1]); x != nil {
		t.Errorf("%+v in none of %+v", x, named[:1])
	}
	f.Counters = append(f.Counters, crash.Counter{Type: "ABORT_NOW", Count: 1, Function: check.Function})
	if x := f.Fired(named); x != nil {
		t.Errorf("%+v of two", x)
	}
}

// Without the executable there is what memory tells, and no more.
func TestNoExecutable(t *testing.T) {
	core, f := examined(t, "bug", variant("newest", coretest.Stripped, newest()...))
	g, err := postmortem.Read(context.Background(), core, postmortem.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g.UseProgram(core, nil)
	if g.Object == nil || g.Object.By != "known layout" || g.Counters != nil || g.Rings != nil {
		t.Errorf("object %+v, counters %v, rings %v", g.Object, g.Counters, g.Rings)
	}
	pc := core.Threads[0].Registers.PC()
	if x := g.Condition(pc, 96); x != nil {
		t.Errorf("condition %+v", x)
	}
	// A function that starts just before has loaded nothing.
	if x := f.Condition(pc, 4); x != nil {
		t.Errorf("condition %+v in a function of four bytes", x)
	}
}
