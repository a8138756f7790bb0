package fixes

import (
	"testing"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

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
