// Command renames finds the functions that HAProxy renamed: commits that take a definition
// out and put one with the same parameters and another name in its place. It prints them for
// pkg/classify/suspects, a line each, the old name first:
//
//	go run ./internal/renames CLONE > pkg/classify/suspects/renamed.txt
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: renames CLONE")
		os.Exit(2)
	}
	log := exec.Command("git", "-C", os.Args[1], "log", "--reverse", "--no-merges", "-U0", "--format=", "v2.0.0..master", "--", "src/*.c", "include/*.h")
	log.Stderr = os.Stderr
	out, err := log.StdoutPipe()
	if err == nil {
		err = log.Start()
	}
	if err == nil {
		for _, line := range renames(out) {
			fmt.Println(line)
		}
		err = log.Wait()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "renames:", err)
		os.Exit(1)
	}
}

// definition is a function's first line as HAProxy writes it: its name and its parameters.
var definition = regexp.MustCompile(`^[+-](?:[a-z_]\w* [\w\s*]*?)\**\b(\w+)\(([^;{]*?)\)?\s*{?$`)

type function struct{ name, parameters string }

// renames reads a difference without context, hunk by hunk.
func renames(diff io.Reader) []string {
	var out []string
	var gone, come []function
	flush := func() {
		if old, new, ok := pair(gone, come); ok {
			out = append(out, old+" "+new)
		}
		gone, come = nil, nil
	}
	lines := bufio.NewScanner(diff)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] != '+' && line[0] != '-' || strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "---") {
			flush()
			continue
		}
		m := definition.FindStringSubmatch(line)
		if m == nil || slices.Contains([]string{"if", "for", "while", "switch", "return", "sizeof", "defined"}, m[1]) {
			continue
		}
		f := function{m[1], strings.Join(strings.Fields(m[2]), "")}
		if line[0] == '-' {
			gone = append(gone, f)
		} else {
			come = append(come, f)
		}
	}
	flush()
	slices.Sort(out)
	return slices.Compact(out)
}

// pair is the one function that is gone and the one that came with the same parameters.
func pair(gone, come []function) (old, new string, ok bool) {
	named := func(list []function, name string) bool {
		return slices.ContainsFunc(list, func(f function) bool { return f.name == name })
	}
	n := 0
	for _, g := range gone {
		for _, c := range come {
			if g.parameters == c.parameters && !named(come, g.name) && !named(gone, c.name) {
				old, new = g.name, c.name
				n++
			}
		}
	}
	return old, new, n == 1
}
