package haproxy

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVersion(t *testing.T) {
	type V = Version
	for _, c := range []struct {
		in   string
		want Version
	}{
		{"3.3.0", V{Major: 3, Minor: 3, Patch: 0, Dev: -1, RC: -1}},
		{"1.9.4", V{Major: 1, Minor: 9, Patch: 4, Dev: -1, RC: -1}},
		{"2.2", V{Major: 2, Minor: 2, Patch: -1, Dev: -1, RC: -1}},
		{"3.0.x", V{Major: 3, Minor: 0, Patch: -1, Dev: -1, RC: -1}},
		{"2.8.3-86e043a", V{Major: 2, Minor: 8, Patch: 3, Dev: -1, RC: -1, Commit: "86e043a"}},
		{"3.2.3-1844da7", V{Major: 3, Minor: 2, Patch: 3, Dev: -1, RC: -1, Commit: "1844da7"}},
		{"3.2-dev5", V{Major: 3, Minor: 2, Patch: -1, Dev: 5, RC: -1}},
		{"v3.2-dev5", V{Major: 3, Minor: 2, Patch: -1, Dev: 5, RC: -1}},
		{"3.2-dev5-37e84676c", V{Major: 3, Minor: 2, Patch: -1, Dev: 5, RC: -1, Commit: "37e84676c"}},
		{"3.2-dev5-37e8467-12", V{Major: 3, Minor: 2, Patch: -1, Dev: 5, RC: -1, Commit: "37e8467", CommitCount: 12}},
		{"2.9.1-a1b2c3-7", V{Major: 2, Minor: 9, Patch: 1, Dev: -1, RC: -1, Commit: "a1b2c3", CommitCount: 7}},
		{"1.6-rc2", V{Major: 1, Minor: 6, Patch: -1, Dev: -1, RC: 2}},
		{"2.0.27-1ppa1~focal", V{Major: 2, Minor: 0, Patch: 27, Dev: -1, RC: -1, Suffix: "-1ppa1~focal"}},
		{"2.6.10-1~bpo10+1", V{Major: 2, Minor: 6, Patch: 10, Dev: -1, RC: -1, Suffix: "-1~bpo10+1"}},
		{"2.6.12-1+deb12u2", V{Major: 2, Minor: 6, Patch: 12, Dev: -1, RC: -1, Suffix: "-1+deb12u2"}},
		{"2.4.22-0ubuntu0.22.04.2", V{Major: 2, Minor: 4, Patch: 22, Dev: -1, RC: -1, Suffix: "-0ubuntu0.22.04.2"}},
		{"2.8-dev6-6bb26d4+site-e71e421", V{Major: 2, Minor: 8, Patch: -1, Dev: 6, RC: -1, Commit: "6bb26d4", Suffix: "+site-e71e421"}},
		{"2.4.17-6.el9_2.2", V{Major: 2, Minor: 4, Patch: 17, Dev: -1, RC: -1, Suffix: "-6.el9_2.2"}},
		{"2.8.3-r0", V{Major: 2, Minor: 8, Patch: 3, Dev: -1, RC: -1, Suffix: "-r0"}},
		// A packager's date is no commit.
		{"2.8.3-20230907", V{Major: 2, Minor: 8, Patch: 3, Dev: -1, RC: -1, Suffix: "-20230907"}},
		{"3.4-dev5-abcdef0-dirty", V{Major: 3, Minor: 4, Patch: -1, Dev: 5, RC: -1, Commit: "abcdef0", Suffix: "-dirty"}},
	} {
		got, err := ParseVersion(c.in + " 2023/09/07 - https://haproxy.org/")
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		c.want.Raw = c.in
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.in, d)
		}
	}
}

func TestParseVersionRefuses(t *testing.T) {
	for _, in := range []string{"", "2", "2.", "x.y", "2.4xyz", "2.4.", "2.4.a", "3.2-dev", "3.2-devel", "99999999999.1.1", "version", "-1.2.3"} {
		if v, err := ParseVersion(in); err == nil {
			t.Errorf("%q: got %+v, want an error", in, v)
		}
	}
}

// The order is that of HAProxy's tags, oldest first.
func TestCompare(t *testing.T) {
	order := []string{"1.9.4", "2.0-dev3", "2.0.0", "2.0.33", "2.2-dev1", "2.10-dev1", "3.2-dev5", "3.2-dev5-37e8467-12",
		"3.2-dev6", "3.2-dev17", "3.2-rc1", "3.2.0", "3.2.5-abcdef0", "3.2.26", "3.3-dev1", "10.0.0"}
	for i, a := range order {
		for j, b := range order {
			va, vb := mustParse(t, a), mustParse(t, b)
			if got, want := va.Compare(vb), sign(i-j); got != want {
				t.Errorf("%s against %s: got %d, want %d", a, b, got, want)
			}
		}
	}
	if mustParse(t, "2.6.12-1+deb12u2").Compare(mustParse(t, "2.6.12-abcdef0")) != 0 {
		t.Error("suffix or hash decides the order")
	}
}

func TestWords(t *testing.T) {
	if v := mustParse(t, "2.8-dev6-6bb26d4+site-e71e421"); !v.IsDev() || !v.Distro() || v.Branch() != "2.8" || v.String() != "2.8-dev6" {
		t.Errorf("%+v %s", v, v)
	}
	if v := mustParse(t, "2.8.3-86e043a"); v.IsDev() || v.Distro() || v.BranchOnly() {
		t.Errorf("a stable release with a hash: %+v", v)
	}
	if v := mustParse(t, "2.2"); !v.BranchOnly() {
		t.Errorf("%+v", v)
	}
}

func TestApplets(t *testing.T) {
	if got := AppletsOfHandler("cli_io_handler"); !slices.Equal(got, []string{"CLI", "MCLI"}) {
		t.Error(got)
	}
	if got := AppletsOfHandler("process_stream"); got != nil {
		t.Error(got)
	}
	if got := HandlerOfApplet("PEER"); got != "peer_io_handler" {
		t.Error(got)
	}
	for in, want := range map[string]string{"<CLI>": "CLI", "CLI": "", "<NONE>": "", "<": "", "<>": "", "s1": ""} {
		if got, ok := AppletName(in); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v", in, got, ok)
		}
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, s := range []string{"3.2-dev5-37e8467-12", "2.4.22-0ubuntu0.22.04.2", "2.8-dev6-6bb26d4+site-e71e421", "2.2", "3.0.x", "1.6-rc2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVersion(s)
		if err != nil {
			return
		}
		// What it prints is a version in the same place of the order.
		w, err := ParseVersion(v.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", s, v, err)
		}
		v.CommitCount = 0
		if v.Compare(w) != 0 {
			t.Fatalf("%q and %q differ", s, w)
		}
	})
}

func mustParse(t *testing.T, s string) Version {
	t.Helper()
	v, err := ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
