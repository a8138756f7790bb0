// Command bench measures hacrash, as a whole process, against the programs that
// people would use otherwise: ripgrep on large logs; gdb, eu-stack and zstd on
// cores. The commands run turn by turn, medians are printed, and of cores what
// they were to be. It makes its inputs itself, in a temporary directory, and
// crashes a HAProxy and a program of ours for it: make bench.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
)

// options of a run.
type options struct {
	program   string // hacrash
	only      string // cores, logs or empty for both
	keep      bool   // the logs
	dir       string
	logBytes  int64
	logRuns   int
	coreRuns  int
	exe, core string // of the user
}

func main() {
	if slices.Equal(os.Args[1:], []string{asRunner}) {
		fail(serveRuns())
		return
	}
	var o options
	size := flag.Int64("size", 1000, "megabytes of each log")
	flag.IntVar(&o.logRuns, "runs", 5, "counted runs of each command on logs")
	flag.IntVar(&o.coreRuns, "core-runs", 15, "counted runs of each command on cores")
	flag.StringVar(&o.dir, "dir", "", "directory for the inputs (default: a temporary one)")
	flag.StringVar(&o.program, "hacrash", "./hacrash", "the program")
	flag.BoolVar(&o.keep, "keep", false, "leave the logs in -dir, for profiles")
	flag.StringVar(&o.only, "only", "", "cores or logs")
	flag.StringVar(&o.exe, "exe", os.Getenv("EXE"), "an executable with DWARF that left -core (default: EXE of the environment)")
	flag.StringVar(&o.core, "core", os.Getenv("CORE"), "a core to measure beside our own (default: CORE of the environment)")
	flag.Parse()
	o.logBytes = *size << 20
	fail(run(o))
}

func fail(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func run(o options) error {
	if o.dir == "" {
		tmp, err := os.MkdirTemp("", "hacrash-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		o.dir = tmp
	}
	r, err := newRunner()
	if err != nil {
		return err
	}
	defer r.close()
	if o.only != "logs" {
		if err := benchCores(o, r); err != nil {
			return err
		}
	}
	if o.only != "cores" {
		return benchLogs(o, r)
	}
	return nil
}

// command is a program with its arguments.
type command struct {
	name string
	argv []string
}

// shell is a command that is a line for the shell.
func shell(name, line string) command { return command{name, []string{"sh", "-c", line}} }

// compare runs the commands in turn and gives the medians of each.
func (r *runner) compare(cmds []command, runs int) ([]figure, error) {
	all := make([][]figure, len(cmds))
	for n := range runs + 1 {
		for i, c := range cmds {
			f, err := r.run(c)
			if err != nil {
				return nil, err
			}
			if n > 0 { // the first one warms up
				all[i] = append(all[i], f)
			}
		}
	}
	out := make([]figure, len(cmds))
	for i, fs := range all {
		out[i] = figure{
			Wall: median(fs, func(a figure) int64 { return int64(a.Wall) }).Wall,
			CPU:  median(fs, func(a figure) int64 { return int64(a.CPU) }).CPU,
			RSS:  median(fs, func(a figure) int64 { return a.RSS }).RSS,
		}
	}
	return out, nil
}

func median(fs []figure, of func(figure) int64) figure {
	fs = slices.Clone(fs)
	slices.SortFunc(fs, func(a, b figure) int { return cmp.Compare(of(a), of(b)) })
	return fs[len(fs)/2]
}

// print prints a row for each command.
func print(title string, cmds []command, figures []figure) {
	for i, c := range cmds {
		f := figures[i]
		fmt.Printf("%-40s %-24s %9.1f %9.1f %9.1f\n", title, c.name, f.Wall.Seconds()*1e3, f.CPU.Seconds()*1e3, float64(f.RSS)/(1<<20))
		title = ""
	}
}

func header() {
	fmt.Printf("%-40s %-24s %9s %9s %9s\n", "input", "command", "wall ms", "cpu ms", "peak MB")
}
