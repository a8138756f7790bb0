package fixes

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// TestTouching compares with what the fixes say of themselves.
func TestTouching(t *testing.T) {
	x, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	up, err := x.Upgrade(parsed(t, "2.8.3"), (*Fix).Crash)
	if err != nil {
		t.Fatal(err)
	}
	functions, files, subsystems := []string{"h2_process_demux", "stream_new", "no_function"}, []string{"mux_fcgi.c", "src/hlua.c"}, []string{"quic"}
	want := 0
	for _, n := range up.Fixes {
		f, err := x.Number(n)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(f.Changed, func(s string) bool { return slices.Contains(functions, s) }) || slices.Contains(f.Files, "src/mux_fcgi.c") ||
			slices.Contains(f.Files, "src/hlua.c") || f.Of("quic") {
			want++
		}
	}
	if got, err := x.Touching(up.Fixes, functions, files, subsystems); err != nil || got != want || want < 3 {
		t.Errorf("%d fixes touch them, want %d (%v)", got, want, err)
	}
	if got, err := x.Touching(up.Fixes, nil, nil, nil); got != 0 || err != nil {
		t.Errorf("%d fixes touch nothing (%v)", got, err)
	}
}

// TestFirstWith: a production version is never sent to a development one.
func TestFirstWith(t *testing.T) {
	x, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		version string
		first   []string
		want    string
	}{
		{"2.8.3", []string{"3.0-dev4", "2.8.7", "2.9.6"}, "2.8.7"},
		{"2.8.3-1ubuntu1", []string{"3.0-dev4", "2.9.6"}, "3.0.0"}, // 2.9 gets no more releases
		{"2.7.5", []string{"2.9-dev1", "2.8.2"}, "2.8.2"},
		{"2.7.5", []string{"2.8-dev9"}, "2.8.0"},
		{"3.2-dev5", []string{"3.2-dev6", "3.1.4"}, "3.2-dev6"},
		{"3.4.2", []string{"3.5-dev2"}, ""}, // no release has it
		{"3.0.1", nil, ""},
	} {
		var first []haproxy.Version
		for _, s := range c.first {
			first = append(first, parsed(t, s))
		}
		got := ""
		if r, ok := x.FirstWith(parsed(t, c.version), first); ok {
			got = r.String()
		}
		if got != c.want {
			t.Errorf("%s of %v: %q, want %q", c.version, c.first, got, c.want)
		}
	}
	if first, last, ok := x.Successors(parsed(t, "2.7.5")); !ok || first.Branch() != "2.8" || !last.LongTerm() || last.Compare(first) <= 0 {
		t.Errorf("after 2.7 come %s to %s", first, last)
	}
	for branch, want := range map[string]bool{"1.8": true, "2.7": true, "2.8": false, "3.5": false} {
		if got := x.Ended(branch); got != want {
			t.Errorf("%s has ended: %v", branch, got)
		}
	}
}
