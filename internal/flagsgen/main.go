// Command flagsgen makes the tables of pkg/haproxy from a clone of HAProxy, of its flags
// and, with --functions, of its functions. For the flags it does this: for each version
// from 2.0-dev0 on it finds the constants of every family of flags in the C headers, asks
// a C compiler what they are worth, and writes when each had which value.
// Names and values are facts; no text of HAProxy is kept. See docs/flags.md.
//
//	go run ./internal/flagsgen --git CLONE [--stable-git BRANCH=CLONE]…
//	go run ./internal/flagsgen --git CLONE --functions pkg/haproxy/data/functions.bin
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

type options struct {
	git, output string
	cc          string
	stable      []string
	families    bool
	functions   string
}

func run(args []string, stdout, stderr io.Writer) int {
	var o options
	f := flag.NewFlagSet("flagsgen", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.git, "git", "", "a clone of haproxy/haproxy, in `DIR`")
	f.StringVar(&o.output, "o", "pkg/haproxy/data/flags.txt", "write the table to `FILE`")
	f.StringVar(&o.cc, "cc", "cc", "the `COMMAND` of a C compiler that takes gcc's options")
	f.BoolVar(&o.families, "families", false, "print the families and their names' patterns, for truth.sh, and stop")
	f.StringVar(&o.functions, "functions", "", "write the table of functions to `FILE`, and nothing else")
	f.Func("stable-git", "the releases of a maintained branch: `BRANCH=DIR`, a clone with the branch checked out (may be repeated)", func(s string) error {
		if b, d, ok := strings.Cut(s, "="); !ok || b == "" || d == "" {
			return fmt.Errorf("want BRANCH=DIR, such as 2.8=haproxy-2.8")
		}
		o.stable = append(o.stable, s)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return 2
	}
	if o.families {
		printFamilies(stdout)
		return 0
	}
	if o.git == "" || f.NArg() > 0 {
		f.Usage()
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := generate(ctx, o, stderr); err != nil {
		fmt.Fprintln(stderr, "flagsgen:", err)
		return 1
	}
	return 0
}

// printFamilies prints "name pattern least most" lines, after one of what is in
// none.
func printFamilies(w io.Writer) {
	fmt.Fprintln(w, "-", never, 0, 0)
	for i := range families {
		for _, p := range families[i].patterns() {
			fmt.Fprintln(w, families[i].name, p.members, p.least, p.most)
		}
	}
}

// generate reads the clones and writes the table; what looks wrong goes to log.
func generate(ctx context.Context, o options, log io.Writer) error {
	if o.functions != "" {
		return functions(ctx, repository{o.git}, o.functions, log)
	}
	h := &history{log: log, cc: compiler(o.cc), parsed: map[string][]constant{}}
	if err := h.master(ctx, repository{o.git}); err != nil {
		return err
	}
	for _, s := range o.stable {
		branch, dir, _ := strings.Cut(s, "=")
		if err := h.branch(ctx, repository{dir}, branch); err != nil {
			return err
		}
	}
	data := encode(h.snapshots, h.releases)
	if err := os.WriteFile(o.output, data, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(log, "%s: %d versions, %d families, %d bytes\n", o.output, len(h.snapshots), len(families), len(data))
	return nil
}
