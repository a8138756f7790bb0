package fixes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/fixes"
)

func TestNewer(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fixes.bin")
	if x, err := fixes.Newer(name); x != nil || err != nil {
		t.Errorf("no file: %v, %v", x, err)
	}
	if err := os.WriteFile(name, []byte("nothing of that sort"), 0o600); err != nil {
		t.Fatal(err)
	}
	if x, err := fixes.Newer(name); x != nil || err == nil || !strings.HasPrefix(err.Error(), name+": ") {
		t.Errorf("a damaged file: %v, %v", x, err)
	}
	shipped, err := os.ReadFile("data/fixes.bin")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, shipped, 0o600); err != nil {
		t.Fatal(err)
	}
	if x, err := fixes.Newer(name); x == nil || err != nil {
		t.Errorf("one as new as the program's: %v, %v", x, err)
	}
}

func TestBuildAt(t *testing.T) {
	b, err := fixes.ParseBuild("HAProxy version 2.6.12-1+deb12u4 2023/12/16 - https://haproxy.org/\nFeature list : -LUA +EPOLL\n")
	if err != nil {
		t.Fatal(err)
	}
	if same := b.At(b.Version); same.Day != b.Day || b.Day.IsZero() {
		t.Errorf("the same version is of another day: %v", same.Day)
	}
	other := b.At(parse(t, "2.8.3"))
	if other.Version.Raw != "2.8.3" || !other.Day.IsZero() || other.Lacks(&fixes.Fix{Subsystems: []string{"hlua"}}) != "LUA" {
		t.Errorf("%+v", other)
	}
}

func TestNameCommits(t *testing.T) {
	a := fixes.Affects{Fixes: []fixes.AffectingFix{{Commit: "aaa"}, {Commit: "bbb"}}}
	if err := a.NameCommits(func(id string) (string, error) { return strings.TrimPrefix(id, "aaa"), nil }); err != nil || a.Fixes[0].Subject != "" || a.Fixes[1].Subject != "bbb" {
		t.Errorf("%v, %+v", err, a.Fixes)
	}
	if err := a.NameCommits(func(string) (string, error) { return "", os.ErrClosed }); err != os.ErrClosed {
		t.Errorf("%v", err)
	}
}
