package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/hacrash/hacrash/internal/coretest"
)

// budget is what hacrash may cost, as ratios to its peers in the same run;
// 0 is no limit.
type budget struct {
	gdb      float64 // at least so many times faster
	stack    float64 // at most so many times the time of plain eu-stack
	gdbRSS   float64 // at most so many times the peak memory of gdb
	zstd     float64 // at most so many times the time of zstd -dc
	small    float64 // at most so many times the time and the memory of the small core
	megabyte float64 // at most so much peak memory
}

// The budgets of the project.
var (
	withDWARF = budget{gdb: 15, stack: 1, gdbRSS: 0.35}
	stripped  = budget{gdb: 25, stack: 0.6, gdbRSS: 0.35}
	many      = budget{gdb: 12, stack: 0.25, gdbRSS: 0.35}
)

// huge is the size of the segment that makes a core large, in bytes.
const huge = 8 << 30

// The names of the commands, by which a budget finds them.
const (
	nameOurs  = "hacrash analyze"
	nameTrim  = "hacrash trim"
	nameGDB   = "gdb, all threads bt"
	nameStack = "eu-stack"
	nameZstd  = "zstd -dc"
	nameSmall = "hacrash, small core"
)

// benchCores measures whole reports of cores.
func benchCores(o options, r *runner) error {
	fmt.Printf("Cores: whole reports; medians of %d runs, the commands in turn, page cache warm\n\n", o.coreRuns)
	header()
	b := &bed{}
	defer b.close()
	t := table{o: o, runner: r}

	if o.core != "" {
		t.row("yours", crashed{o.exe, o.core}, withDWARF)
	}
	t.programs(b)
	for _, c := range []struct {
		title   string
		threads int
		budget  budget
		small   sizes
	}{
		{"Debian's haproxy, 4 threads", 4, stripped, sizes{50 << 10, 60 << 10}},
		{"Debian's haproxy, 64 threads", 64, many, sizes{core: 100 << 10}},
	} {
		made, err := b.haproxy(c.threads, o.dir)
		if err != nil {
			t.note(c.title, err)
			continue
		}
		t.row(c.title, made, c.budget)
		t.trimmed(c.title, made, c.small)
		if c.threads == 4 {
			t.packed(c.title+", .zst", made, made.core)
			t.grown(c.title+", 8 GB", made)
			t.bare(c.title+", no libraries", made)
		}
	}
	fmt.Println()
	for _, line := range t.verdicts {
		fmt.Println(line)
	}
	fmt.Println()
	return t.err
}

// programs measures cores of a program of ours.
func (t *table) programs(b *bed) {
	zlib := coretest.Variant{Name: "zlib", Debug: coretest.Zlib}
	bare := coretest.Variant{Name: "stripped", Debug: coretest.Stripped}
	for _, c := range []struct {
		title   string
		threads int
		variant coretest.Variant
		budget  budget
	}{
		{"ours, 4 threads, DWARF", 4, coretest.Plain(), withDWARF},
		{"ours, 4 threads, DWARF in zlib", 4, zlib, withDWARF},
		{"ours, 4 threads, stripped", 4, bare, stripped},
		{"ours, 64 threads, DWARF", 64, coretest.Plain(), many},
		{"ours, 64 threads, stripped", 64, bare, many},
	} {
		made, err := b.ours(c.threads, c.variant)
		if err != nil {
			t.note(c.title, err)
			continue
		}
		t.row(c.title, made, c.budget)
	}
}

// table is the rows so far, and what became of their budgets.
type table struct {
	o        options
	runner   *runner
	verdicts []string
	err      error // the first one, after which nothing is measured
}

func (t *table) note(title string, err error) {
	t.verdicts = append(t.verdicts, fmt.Sprintf("%-40s not measured: %v", title, err))
}

func (t *table) report(c crashed, more ...string) []string {
	argv := []string{t.o.program, "analyze"}
	if c.exe != "" {
		argv = append(argv, "--exe", c.exe)
	}
	return append(append(argv, more...), c.core)
}

func gdb(c crashed, more ...string) []string {
	argv := append([]string{"gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off"}, more...)
	return append(argv, "-ex", "thread apply all bt", c.exe, c.core)
}

// row measures a core with gdb and eu-stack.
func (t *table) row(title string, c crashed, want budget) {
	t.measure(title, want, []command{
		{nameOurs, t.report(c)},
		{nameGDB, gdb(c)},
		{nameStack, []string{"eu-stack", "--core", c.core, "-e", c.exe}},
		{"eu-stack -i -s", []string{"eu-stack", "-i", "-s", "--core", c.core, "-e", c.exe}},
	})
}

// packed measures a compressed core against its decompression alone.
func (t *table) packed(title string, c crashed, core string) {
	if t.err != nil {
		return
	}
	packed := filepath.Join(t.o.dir, "packed.zst")
	defer os.Remove(packed)
	if out, err := exec.Command("zstd", "-q", "-f", "-T0", "-o", packed, core).CombinedOutput(); err != nil {
		t.note(title, fmt.Errorf("zstd: %v %s", err, out))
		return
	}
	t.measure(title, budget{zstd: 1.2, megabyte: 64}, []command{
		{nameOurs, t.report(crashed{c.exe, packed})},
		{nameZstd, []string{"zstd", "-dcq", packed}},
	})
}

// grown measures what becomes of a core's figures when 8 GB are added to it.
func (t *table) grown(title string, c crashed) {
	if t.err != nil {
		return
	}
	path := filepath.Join(t.o.dir, "grown.core")
	defer os.Remove(path)
	b := &bed{}
	if err := b.try(func() { coretest.Grow(b, c.core, path, huge) }); err != nil {
		t.note(title, err)
		return
	}
	t.measure(title, budget{small: 1.2}, []command{
		{nameOurs, t.report(crashed{c.exe, path})},
		{nameSmall, t.report(c)},
		{nameGDB, gdb(crashed{c.exe, path})},
		{nameStack, []string{"eu-stack", "--core", path, "-e", c.exe}},
	})
	t.packed(title+", .zst", c, path)
	t.trimmed(title, crashed{c.exe, path}, sizes{})
}

// bare measures a core whose libraries are elsewhere. It has no budget: gdb gives
// up where the libraries begin.
func (t *table) bare(title string, c crashed) {
	if t.err != nil {
		return
	}
	empty := filepath.Join(t.o.dir, "empty")
	if err := os.MkdirAll(empty, 0o755); err != nil {
		t.err = err
		return
	}
	t.measure(title, budget{}, []command{
		{nameOurs, t.report(c, "--sysroot", empty)},
		{nameGDB, gdb(c, "-iex", "set sysroot "+empty)},
	})
}

// measure prints the rows of the commands that are installed, and holds the
// first of them to its budget.
func (t *table) measure(title string, want budget, cmds []command) {
	if t.err != nil {
		return
	}
	var there []command
	for _, c := range cmds {
		if _, err := exec.LookPath(c.argv[0]); err == nil {
			there = append(there, c)
		}
	}
	figures, err := t.runner.compare(there, t.o.coreRuns)
	if err != nil {
		t.err = fmt.Errorf("%s: %w", title, err)
		return
	}
	print(title, there, figures)
	by := map[string]figure{}
	for i, c := range there {
		by[c.name] = figures[i]
	}
	t.verdicts = append(t.verdicts, want.check(title, by)...)
}

// check says of each limit whether it held.
func (b budget) check(title string, by map[string]figure) (lines []string) {
	ours, report := by[nameOurs]
	if !report {
		ours = by[nameTrim]
	}
	say := func(what string, got, want float64, least bool) {
		sign, held := "<=", got <= want
		if least {
			sign, held = ">=", got >= want
		}
		end := "ok"
		if !held {
			end = "MISSED"
		}
		lines = append(lines, fmt.Sprintf("%-40s %-40s %7.2f   %s %-6.4g %s", title, what, got, sign, want, end))
		title = ""
	}
	wall := func(name string) float64 { return float64(by[name].Wall) }
	rss := func(name string) float64 { return float64(by[name].RSS) }
	if b.gdb > 0 && by[nameGDB].Wall > 0 {
		say("times faster than gdb", wall(nameGDB)/wall(nameOurs), b.gdb, true)
	}
	if b.stack > 0 && by[nameStack].Wall > 0 {
		say("time, of eu-stack's", wall(nameOurs)/wall(nameStack), b.stack, false)
	}
	if b.gdbRSS > 0 && by[nameGDB].RSS > 0 {
		say("memory, of gdb's", rss(nameOurs)/rss(nameGDB), b.gdbRSS, false)
	}
	if b.zstd > 0 && by[nameZstd].Wall > 0 {
		say("time, of zstd's", wall(nameOurs)/wall(nameZstd), b.zstd, false)
	}
	if b.small > 0 {
		say("time, of the small core's", wall(nameOurs)/wall(nameSmall), b.small, false)
		say("memory, of the small core's", rss(nameOurs)/rss(nameSmall), b.small, false)
	}
	if b.megabyte > 0 {
		say("memory, MB", float64(ours.RSS)/(1<<20), b.megabyte, false)
	}
	return lines
}
