package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// snapshot is what every family had at a version; the families are in the
// order of the table of them.
type snapshot struct {
	version  haproxy.Version
	families [][]entry
}

// history collects snapshots, the oldest first.
type history struct {
	snapshots []snapshot
	releases  []haproxy.Version     // the newest that was read of each maintained branch
	parsed    map[string][]constant // by git's name for a file's content
	cc        compiler
	log       io.Writer
	said      []string
}

// sources are the files that define flags: the headers, and before 2.7 the
// muxes and applets that kept theirs to themselves.
var sources = []string{"include", "src/mux_h1.c", "src/mux_h2.c", "src/mux_fcgi.c", "src/mux_quic.c", "src/mux_spop.c", "src/peers.c",
	"src/cli.c", "src/stats.c", "src/flt_spoe.c", "src/http_client.c", "src/mworker.c"}

// masterTags gives every development version and every X.Y.0 since 2.0-dev0, the oldest first.
func masterTags(ctx context.Context, r repository) ([]haproxy.Version, error) {
	tags, err := r.tags(ctx)
	if err != nil {
		return nil, err
	}
	first, _ := haproxy.ParseVersion("2.0-dev0")
	var list []haproxy.Version
	for _, t := range tags {
		v, err := haproxy.ParseVersion(t)
		if err != nil || v.Compare(first) < 0 || v.Dev < 0 && v.Patch != 0 || v.Suffix != "" || v.Commit != "" {
			continue
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: it has no tag of a version since 2.0-dev0; fetch the tags", r.dir)
	}
	slices.SortFunc(list, haproxy.Version.Compare)
	return list, nil
}

// master reads the tags of every development version and every X.Y.0 since 2.0-dev0.
func (h *history) master(ctx context.Context, r repository) error {
	list, err := masterTags(ctx, r)
	if err != nil {
		return err
	}
	for _, v := range list {
		s, err := h.read(ctx, r, v, v.Raw)
		if err != nil {
			return err
		}
		h.snapshots = append(h.snapshots, s)
	}
	return nil
}

var released = regexp.MustCompile(`^([0-9a-f]{40}) \[RELEASE\] Released version (\d+\.\d+\.\d+)$`)

// branch adds the releases of a maintained branch that differ from the one before.
func (h *history) branch(ctx context.Context, r repository, branch string) error {
	at := slices.IndexFunc(h.snapshots, func(s snapshot) bool { return s.version.Patch == 0 && s.version.Branch() == branch })
	if at < 0 {
		return fmt.Errorf("branch %q: master has no release %s.0", branch, branch)
	}
	log, err := r.output(ctx, "log", "--reverse", "--format=%H %s", "--grep=^.RELEASE. Released version "+branch+"\\.", "HEAD")
	if err != nil {
		return err
	}
	var newest haproxy.Version
	seen, recorded := 0, 0
	for line := range strings.Lines(log) {
		m := released.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		v, err := haproxy.ParseVersion(m[2])
		if err != nil || v.Branch() != branch || v.Patch == 0 {
			continue
		}
		s, err := h.read(ctx, r, v, m[1])
		if err != nil {
			return err
		}
		seen++
		newest = v
		if slices.EqualFunc(s.families, h.snapshots[at].families, slices.Equal[[]entry]) {
			continue
		}
		at++
		recorded++
		h.snapshots = slices.Insert(h.snapshots, at, s)
	}
	if seen == 0 {
		return fmt.Errorf("%s: its HEAD has no release after %s.0", r.dir, branch)
	}
	if seen == newest.Patch { // none is missing
		h.releases = append(h.releases, newest)
	}
	fmt.Fprintf(h.log, "%s: %d releases after %s.0, the newest %s; %d have other flags than the one before\n", r.dir, seen, branch, newest, recorded)
	return nil
}

// read computes all families at a commit.
func (h *history) read(ctx context.Context, r repository, v haproxy.Version, commit string) (snapshot, error) {
	objects, err := r.files(ctx, commit, sources)
	if err != nil {
		return snapshot{}, err
	}
	var missing []string
	for _, o := range objects {
		if _, ok := h.parsed[o]; !ok {
			missing = append(missing, o)
			h.parsed[o] = nil // a content that two files have is asked for once
		}
	}
	if err := r.contents(ctx, missing, func(object string, data []byte) { h.parsed[object] = scan(data) }); err != nil {
		return snapshot{}, err
	}
	var files [][]constant
	for _, o := range objects {
		files = append(files, h.parsed[o])
	}
	c, err := catalogued(ctx, h.cc, files...)
	if err != nil {
		return snapshot{}, fmt.Errorf("%s: %w", v, err)
	}
	s := snapshot{version: v, families: make([][]entry, len(families))}
	for i := range families {
		var problems []string
		s.families[i], problems = c.members(&families[i])
		for _, p := range problems {
			h.warn(v, p)
		}
	}
	return s, nil
}

// warn says a problem at the first version that has it.
func (h *history) warn(v haproxy.Version, problem string) {
	if !slices.Contains(h.said, problem) {
		h.said = append(h.said, problem)
		fmt.Fprintf(h.log, "%s: %s\n", v, problem)
	}
}
