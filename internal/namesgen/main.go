// Command namesgen makes the table of package matched from executables of HAProxy with symbols and
// debug data, and measures how well it names others.
//
//	go run ./internal/namesgen [--new] EXECUTABLE…
//	go run ./internal/namesgen --measure EXECUTABLE…
//	go run ./internal/namesgen --measure --stacks FILE EXECUTABLE
//	go run ./internal/namesgen --measure --other TABLE EXECUTABLE…
//
// Releases that the table has and that are not given stay as they are.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
	"github.com/hacrash/hacrash/pkg/unwind"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("namesgen", flag.ContinueOnError)
	f.SetOutput(stderr)
	table := f.String("o", "pkg/symbols/matched/data/names.bin", "the table, in `FILE`")
	fresh := f.Bool("new", false, "begin a new table")
	measuring := f.Bool("measure", false, "name the functions of executables as if they had no symbols, and compare")
	verbose := f.Bool("v", false, "list what was named wrongly")
	stacks := f.String("stacks", "", "with --measure, of one executable: name the functions of the stacks in `FILE`")
	other := f.String("other", "", "with --measure: compare with the names by another table, in `FILE`, of executables without symbols")
	if err := f.Parse(args); err != nil {
		return 2
	}
	if f.NArg() == 0 {
		f.Usage()
		return 2
	}
	var err error
	switch {
	case *measuring && *stacks != "":
		err = measureStacks(*table, f.Arg(0), *stacks, *verbose, stdout)
	case *measuring && *other != "":
		err = compare(*table, *other, f.Args(), stdout)
	case *measuring:
		err = measure(*table, f.Args(), *verbose, stdout)
	default:
		err = makeTable(*table, *fresh, f.Args(), stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "namesgen:", err)
		return 1
	}
	return 0
}

// makeTable adds executables to a table.
func makeTable(table string, fresh bool, files []string, stderr io.Writer) error {
	var releases []matched.Release
	if !fresh {
		b, err := os.ReadFile(table)
		if err == nil {
			releases, err = matched.Decode(b)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	for _, file := range files {
		r, err := learn(file, releases)
		if err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%s: %s, %d static functions\n", file, r.Version, len(r.Records))
		releases = slices.DeleteFunc(releases, func(s matched.Release) bool { return s.Version == r.Version && s.Machine == r.Machine })
		releases = append(releases, r)
	}
	slices.SortStableFunc(releases, compareReleases)
	b, err := matched.Encode(releases)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: %d releases, %d bytes\n", table, len(releases), len(b))
	return os.WriteFile(table, b, 0o644)
}

func compareReleases(a, b matched.Release) int {
	v, _ := haproxy.ParseVersion(a.Version)
	w, _ := haproxy.ParseVersion(b.Version)
	return cmp.Or(cmp.Compare(a.Machine, b.Machine), v.Compare(w))
}

// learn makes the records of an executable. Where it can keep the features that another release
// of the table keeps, it does.
func learn(file string, releases []matched.Release) (r matched.Release, err error) {
	names, err := truth(file)
	if err != nil {
		return r, err
	}
	f, err := elffile.Open(file)
	if err != nil {
		return r, err
	}
	defer f.Close()
	v, ok := matched.Version(f)
	p := matched.Open(f, unwind.NewTable(f, nil))
	if !ok || p == nil {
		return r, fmt.Errorf("%s: not an executable of HAProxy", file)
	}
	r = matched.Release{Version: v.Raw, Machine: f.Machine}
	r.Records = p.Learn(func(addr uint64) (matched.Source, bool) { s, is := names[addr]; return s, is }, nearest(v, r.Machine, releases))
	return r, nil
}

// nearest gives the records of the release that comes right before a version, or else after it.
func nearest(v haproxy.Version, machine uint16, releases []matched.Release) []matched.Record {
	var before *matched.Release
	for i := range releases {
		r := &releases[i]
		w, err := haproxy.ParseVersion(r.Version)
		if err != nil || r.Machine != machine {
			continue
		}
		if before == nil || w.Compare(v) < 0 {
			before = r
		}
	}
	if before == nil {
		return nil
	}
	return before.Records
}
