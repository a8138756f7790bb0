// Command linesgen makes the table of package lines from clones of HAProxy: which lines
// every function has in every release.
//
//	go run ./internal/linesgen --git CLONE [--stable-git CLONE]…
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/lines"
)

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

func run(args []string, stderr io.Writer) int {
	f := flag.NewFlagSet("linesgen", flag.ContinueOnError)
	f.SetOutput(stderr)
	var clones []string
	add := func(s string) error { clones = append(clones, s); return nil }
	f.Func("git", "a clone of HAProxy with its tags, in `DIR`", add)
	f.Func("stable-git", "a clone with the releases of maintained branches, in `DIR` (may be repeated)", add)
	output := f.String("o", "pkg/lines/data/lines.bin", "write the table to `FILE`")
	if err := f.Parse(args); err != nil {
		return 2
	}
	if len(clones) == 0 || f.NArg() > 0 {
		f.Usage()
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	g := &generator{names: map[string]bool{}, macros: map[string]map[string]bool{}, blobs: map[string]*source{}, log: stderr}
	data, err := g.table(ctx, clones)
	if err == nil {
		err = os.WriteFile(*output, data, 0o644)
	}
	if err != nil {
		fmt.Fprintln(stderr, "linesgen:", err)
		return 1
	}
	fmt.Fprintf(stderr, "%s: %d releases, %d bytes\n", *output, len(g.releases), len(data))
	return 0
}

// dirs are where the source is of what is linked into HAProxy.
var dirs = []string{"src", "include", "ebtree", "addons", "contrib/prometheus-exporter", "contrib/opentracing"}

// first is the oldest release of the table. Those before 2.0 are there so that a stack
// of one is not taken for another.
const first = "1.8.0"

type release struct {
	version haproxy.Version
	day     time.Time
	commit  string
	clone   *history.Clone
	files   []history.Blob
}

type generator struct {
	releases []release
	blobs    map[string]*source // by git's name
	names    map[string]bool    // of all functions
	macros   map[string]map[string]bool
	log      io.Writer
}

func (g *generator) table(ctx context.Context, clones []string) ([]byte, error) {
	for _, dir := range clones {
		c, err := history.OpenClone(ctx, dir)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		if err := g.read(ctx, c); err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
	}
	if len(g.releases) == 0 {
		return nil, fmt.Errorf("%s: no tag of a release since %s; fetch the tags", clones[0], first)
	}
	slices.SortFunc(g.releases, func(a, b release) int { return a.version.Compare(b.version) })
	return g.content().Encode()
}

// read takes the releases that no clone before had.
func (g *generator) read(ctx context.Context, c *history.Clone) error {
	tags, err := c.Tags(ctx)
	if err != nil {
		return err
	}
	oldest, _ := haproxy.ParseVersion(first)
	var wanted []string
	for _, t := range tags {
		known := slices.ContainsFunc(g.releases, func(r release) bool { return r.version.Compare(t.Version) == 0 })
		if known || t.Version.Compare(oldest) < 0 {
			continue
		}
		r := release{version: t.Version, day: t.Date, commit: t.Commit, clone: c}
		if r.files, err = c.Files(ctx, t.Commit, dirs); err != nil {
			return err
		}
		for _, b := range r.files {
			if g.blobs[b.ID] == nil {
				g.blobs[b.ID] = &source{}
				wanted = append(wanted, b.ID)
			}
		}
		g.releases = append(g.releases, r)
	}
	fmt.Fprintf(g.log, "%d tags, %d files of source\n", len(tags), len(wanted))
	return c.Contents(ctx, wanted, func(id string, content []byte) error {
		s := scan(content)
		*g.blobs[id] = s
		for _, f := range s.functions {
			g.names[f.name] = true
		}
		for m, calls := range s.macros {
			if g.macros[m] == nil {
				g.macros[m] = map[string]bool{}
			}
			for _, c := range calls {
				g.macros[m][c] = true
			}
		}
		return nil
	})
}

// content makes the table's content of what was read.
func (g *generator) content() *lines.Content {
	c := &lines.Content{Aliases: g.aliases()}
	wanted := func(name string) bool { return g.names[name] || c.Aliases[name] != nil }
	files := map[string]*lines.File{}
	last := map[string]int{} // the newest release of master so far
	for i, r := range g.releases {
		out := lines.Release{Version: r.version, Day: int(r.day.Unix() / 86400), Parent: -1, Files: map[string]*lines.File{}}
		key := "master"
		if r.version.Patch > 0 {
			key = r.version.Branch()
			if _, ok := last[key]; !ok {
				key = "master"
			}
		}
		if p, ok := last[key]; ok {
			out.Parent = p
		}
		if r.version.Patch > 0 {
			last[r.version.Branch()] = i
		} else {
			last["master"] = i
		}
		for _, b := range r.files {
			if files[b.ID] == nil {
				files[b.ID] = fileOf(g.blobs[b.ID], wanted)
			}
			out.Files[b.Path] = files[b.ID]
		}
		c.Releases = append(c.Releases, out)
	}
	return c
}

func fileOf(s *source, wanted func(string) bool) *lines.File {
	f := &lines.File{}
	for _, fn := range s.functions {
		body := make([]lines.Line, len(fn.lines))
		for i, l := range fn.lines {
			body[i] = lines.Line{Code: l.code, Asserts: l.asserts}
			for _, name := range l.calls {
				if wanted(name) && !slices.Contains(body[i].Calls, name) {
					body[i].Calls = append(body[i].Calls, name)
				}
			}
		}
		f.Function(fn.name, fn.start, body)
	}
	return f
}

// aliases gives the macros through which functions are called, and which these are.
func (g *generator) aliases() map[string][]string {
	out := map[string][]string{}
	for m := range g.macros {
		reached := map[string]bool{}
		g.reach(m, reached, 4)
		for name := range reached {
			if g.names[name] && name != m {
				out[m] = append(out[m], name)
			}
		}
		slices.Sort(out[m])
	}
	return out
}

func (g *generator) reach(macro string, reached map[string]bool, depth int) {
	for name := range g.macros[macro] {
		if reached[name] || depth == 0 || strings.HasPrefix(name, "__builtin") {
			continue
		}
		reached[name] = true
		g.reach(name, reached, depth-1)
	}
}
