// Command bench measures hacrash against ripgrep on large logs, as whole
// processes, turn by turn in the same run, and prints medians. It makes its
// inputs itself, in a temporary directory: make bench.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hacrash/hacrash/pkg/logparse"
)

func main() {
	size := flag.Int64("size", 1000, "megabytes of each log")
	runs := flag.Int("runs", 5, "counted runs of each command")
	dir := flag.String("dir", "", "directory for the logs (default: a temporary one)")
	prog := flag.String("hacrash", "./hacrash", "the program")
	flag.Parse()
	if err := run(*prog, *dir, *size<<20, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// figure is what one run of a command cost.
type figure struct {
	wall, cpu time.Duration
	rss       int64 // bytes
}

func run(prog, dir string, size int64, runs int) error {
	if dir == "" {
		tmp, err := os.MkdirTemp("", "hacrash-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	lits := filepath.Join(dir, "literals")
	if err := os.WriteFile(lits, []byte(strings.Join(logparse.Literals(), "\n")+"\n"), 0o600); err != nil {
		return err
	}
	rg, err := exec.LookPath("rg")
	if err != nil {
		fmt.Println("ripgrep is not installed: only our own figures are printed")
	}
	fmt.Printf("%d literals; medians of %d runs, the commands in turn, page cache warm\n\n", len(logparse.Literals()), runs)
	fmt.Printf("%-28s %-22s %9s %9s %9s\n", "input", "command", "wall ms", "cpu ms", "peak MB")
	for _, in := range inputs {
		path := filepath.Join(dir, in.name+".log")
		if err := generate(path, size/in.part, in); err != nil {
			return err
		}
		cmds := []command{{"hacrash FILE", prog + " analyze --format jsonl " + path}}
		if rg != "" {
			cmds = append(cmds,
				command{"rg, same literals", rg + " -c -F -f " + lits + " " + path},
				command{"rg, one literal", rg + " -c -F 'refuses to die' " + path})
		}
		if in.pipe {
			cmds = append(cmds, command{"cat | hacrash", "cat " + path + " | " + prog + " analyze --format jsonl -"})
			if rg != "" {
				cmds = append(cmds, command{"cat | rg, same literals", "cat " + path + " | " + rg + " -c -F -f " + lits})
			}
			cmds = append(cmds, command{"cat | cat", "cat " + path + " | cat"})
		}
		if err := compare(in.title, cmds, min(runs, in.runs)); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

type command struct{ name, line string }

// compare runs the commands in turn and prints a row for each.
func compare(title string, cmds []command, runs int) error {
	all := make([][]figure, len(cmds))
	for n := range runs + 1 {
		for i, c := range cmds {
			f, err := measure(c.line)
			if err != nil {
				return fmt.Errorf("%s: %w", c.line, err)
			}
			if n > 0 { // the first one warms up
				all[i] = append(all[i], f)
			}
		}
	}
	for i, c := range cmds {
		fmt.Printf("%-28s %-22s %9.0f %9.0f %9.1f\n", title, c.name,
			ms(median(all[i], func(f figure) int64 { return int64(f.wall) })),
			ms(median(all[i], func(f figure) int64 { return int64(f.cpu) })),
			float64(median(all[i], func(f figure) int64 { return f.rss }))/(1<<20))
		title = ""
	}
	return nil
}

func ms(n int64) float64 { return float64(n) / 1e6 }

func median(fs []figure, of func(figure) int64) int64 {
	v := make([]int64, len(fs))
	for i, f := range fs {
		v[i] = of(f)
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// measure runs a shell line with its output thrown away. The peak memory is
// that of the largest process of the line; this program is kept small because
// Linux hands a parent's peak on to its children.
func measure(line string) (figure, error) {
	cmd := exec.Command("sh", "-c", line)
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	// Exit status 1 of rg and 3 of hacrash only say that nothing was found.
	if e, ok := err.(*exec.ExitError); ok && (e.ExitCode() == 1 || e.ExitCode() == 3) {
		err = nil
	}
	if err != nil {
		return figure{}, err
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	return figure{wall, cpu, u.Maxrss << 10}, nil
}
