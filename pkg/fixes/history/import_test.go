package history

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// clone is a repository that a test builds: the shape of HAProxy's, in small.
type clone struct {
	t    *testing.T
	dir  string
	days int // of the next commit, after 2019-01-01
}

func newClone(t *testing.T) *clone {
	t.Helper()
	coretest.Need(t, "git", "git")
	c := &clone{t: t, dir: t.TempDir()}
	c.git("init", "-q", "-b", "master")
	return c
}

func (c *clone) git(args ...string) string {
	c.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", c.dir, "-c", "commit.gpgSign=false", "-c", "tag.gpgSign=false", "-c", "core.hooksPath="}, args...)...)
	date := fmt.Sprintf("2019-%02d-%02dT12:00:00+0000", 1+c.days/28, 1+c.days%28)
	cmd.Env = append(cmd.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b",
		"GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit makes one, with a file changed when name is not empty, and gives its hash.
func (c *clone) commit(message, name, content string) string {
	c.t.Helper()
	if name != "" {
		full := filepath.Join(c.dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			c.t.Fatal(err)
		}
		c.git("add", name)
	}
	c.git("commit", "-q", "--allow-empty", "-m", message)
	c.days++
	return c.git("rev-parse", "HEAD")
}

func (c *clone) release(version string) string {
	c.t.Helper()
	hash := c.commit("[RELEASE] Released version "+version, "", "")
	c.git("tag", "-a", "-m", version, "v"+version)
	return hash
}

const muxBefore = `static int mux_wake(struct conn *conn)
{
	if (conn->flags)
		return 0;
	return 1;
}

static void mux_release(struct conn *conn)
{
	free(conn);
}
`

const muxAfter = `static int mux_wake(struct conn *conn)
{
	BUG_ON(conn->wait_event && !conn->flags);
	if (conn->flags)
		return mux_shut(conn);
	return 1;
}

static void mux_release(struct conn *conn)
{
	free(conn);
}
`

// history builds master and says what its commits are called.
func history(t *testing.T) (*clone, map[string]string) {
	c := newClone(t)
	at := map[string]string{}
	at["old"] = c.commit("MEDIUM: mux: first shape", "src/mux.c", muxBefore)
	c.release("2.0-dev0")
	at["origin"] = c.commit("MINOR: mux: look at flags", "src/other.c", "int x;\n")
	at["fix"] = c.commit("BUG/MEDIUM: mux: shut when flags are set\n\nSince commit "+at["origin"][:9]+
		" (\"MINOR: mux: look at flags\"), mux_wake() makes the process crash, as\nreported in issue #321. It must be backported to 1.9.", "src/mux.c", muxAfter)
	c.release("2.0.0")
	c.release("2.1-dev0")
	at["none"] = c.commit("BUG/MINOR: cli: free the line\n\nCommit "+at["old"][:8]+" revealed it. No backport needed.", "src/cli.c", "int cli(void)\n{\n\treturn 0;\n}\n")
	at["major"] = c.commit("BUG/MAJOR: mux: do not loop\n\nAn endless loop.\n\nThis should be backported to all stable versions.", "src/mux.c", muxBefore)
	at["twice1"] = c.commit("BUG/MINOR: log: check the length\n\nBackport to 2.0.", "src/log.c", "int a;\n")
	at["revert"] = c.commit("Revert \"BUG/MAJOR: mux: do not loop\"\n\nThis reverts commit "+at["major"]+".", "src/mux.c", muxAfter)
	c.commit("DOC: nothing to see", "doc/x.txt", "x\n")
	c.release("2.1-dev1")
	return c, at
}

func importOf(t *testing.T, o Options) *fixes.Index {
	t.Helper()
	content, err := Import(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := content.Encode()
	if err != nil {
		t.Fatal(err)
	}
	x, err := fixes.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func encoded(t *testing.T, x *fixes.Index) []byte {
	t.Helper()
	content, err := x.Content()
	if err != nil {
		t.Fatal(err)
	}
	data, err := content.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestImport(t *testing.T) {
	c, at := history(t)
	x := importOf(t, Options{Git: c.dir})
	list, err := x.Fixes()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list {
		got = append(got, fmt.Sprintf("%d %s %s %v %v %v %v %v %v %s|%s|%s %s", f.Position, f.Severity, strings.Join(f.Subsystems, ","), f.Kinds, f.Files, f.Changed, f.Called, f.Named, f.Conditions,
			f.Backport.Kind, f.Backport.Floor, f.First, f.Date.Format("01-02")))
	}
	want := []string{
		"2 MEDIUM mux [crash] [src/mux.c] [mux_wake] [mux_shut] [mux_wake] [conn flags wait_event] floor|1.9|2.0.0 01-04",
		"5 MINOR cli [] [src/cli.c] [cli] [] [] [] none||2.1-dev1 01-07",
		"6 MAJOR mux [loop] [src/mux.c] [mux_wake] [mux_shut] [] [conn flags wait_event] all||2.1-dev1 01-08",
		"7 MINOR log [] [src/log.c] [] [] [] [] floor|2.0|2.1-dev1 01-09",
		"8  mux [] [src/mux.c] [mux_wake] [mux_shut] [] [conn flags wait_event] silent||2.1-dev1 01-10",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fixes (-want +got):\n%s", diff)
	}
	if f := list[0]; f.Commit != at["fix"] || !cmp.Equal(f.Issues, []int{321}) || !cmp.Equal(f.Introduced, []string{at["origin"][:10]}) {
		t.Errorf("fix: %+v", f)
	}
	if f := list[1]; !cmp.Equal(f.Exposed, []string{at["old"][:10]}) {
		t.Errorf("exposed by: %+v", f)
	}
	if f := list[4]; f.Revert != at["major"][:10] {
		t.Errorf("revert of: %q", f.Revert)
	}
	if p, err := x.Order(at["origin"][:7]); err != nil || p != 1 {
		t.Errorf("order of the origin: %d, %v", p, err)
	}
	if p, err := x.Order(at["old"]); err == nil {
		t.Errorf("a commit from before 2.0-dev0 has position %d", p)
	}
	if head, day := x.Head(); head != c.git("rev-parse", "HEAD") || day.Format("01-02") != "01-12" {
		t.Errorf("head %s of %s", head, day)
	}
	if again := importOf(t, Options{Git: c.dir}); !bytes.Equal(encoded(t, again), encoded(t, x)) {
		t.Error("the same history gives other bytes")
	}
	for _, b := range [][]byte{[]byte("do not loop"), []byte("shut when flags")} {
		if bytes.Contains(encoded(t, x), b) {
			t.Errorf("the data has the sentence %q", b)
		}
	}
}

// branch builds 2.0 with two releases beside master.
func branch(c *clone, at map[string]string) {
	c.git("checkout", "-q", "-b", "stable", "v2.0.0")
	pick := func(name, subject string) {
		c.commit(subject+"\n\nText.\n\n(cherry picked from commit "+at[name]+")\nSigned-off-by: x\n(cherry picked from commit 0123456789012345678901234567890123456789)", "", "")
	}
	pick("major", "BUG/MAJOR: mux: do not loop")
	c.commit("BUG/MINOR: stable: of this branch only", "", "")
	c.release("2.0.1")
	pick("twice1", "BUG/MINOR: log: check the length")
	c.commit("Revert \"BUG/MAJOR: mux: do not loop\"\n\nBroke the branch.", "", "")
	c.release("2.0.2")
	pick("none", "BUG/MINOR: cli: not released yet")
}

func TestStableBranch(t *testing.T) {
	c, at := history(t)
	branch(c, at)
	x := importOf(t, Options{Git: c.dir, StableGit: []Source{{"2.0", c.dir}}})
	want := []fixes.Landing{{Position: 7, Patch: 2, Basis: fixes.CherryPick}}
	if diff := cmp.Diff(want, x.Table("2.0")); diff != "" {
		t.Errorf("landings (-want +got):\n%s", diff)
	}
	if v, ok := x.Complete("2.0"); !ok || v.String() != "2.0.2" {
		t.Errorf("complete up to %s, %v", v, ok)
	}
	if _, ok := x.Complete("2.1"); ok {
		t.Error("2.1 is complete without having been searched")
	}
}

// One clone with all branches, whatever is checked out in it, tells the same; and so
// it does, and the CHANGELOG, where there is no clone of master but an index.
func TestAllBranches(t *testing.T) {
	c, at := history(t)
	branch(c, at)
	one := importOf(t, Options{Git: c.dir, StableGit: []Source{{"2.0", c.dir}}})
	c.git("branch", "-q", "-m", "stable", "haproxy-2.0")
	c.git("checkout", "-q", "master")
	for name, o := range map[string]Options{
		"by the branch":         {Git: c.dir, StableGit: []Source{{"2.0", c.dir}}},
		"all of them":           {Git: c.dir, StableGit: []Source{{"", c.dir}}},
		"added to an index":     {From: importOf(t, Options{Git: c.dir}), StableGit: []Source{{"", c.dir}}},
		"added to what has all": {From: one, StableGit: []Source{{"", c.dir}}},
	} {
		if diff := cmp.Diff(one.Table("2.0"), importOf(t, o).Table("2.0")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	c.git("branch", "-q", "-D", "haproxy-2.0")
	if diff := cmp.Diff(one.Table("2.0"), importOf(t, Options{Git: c.dir, StableGit: []Source{{"", c.dir}}}).Table("2.0")); diff != "" {
		t.Errorf("by the tags alone (-want +got):\n%s", diff)
	}

	name := filepath.Join(t.TempDir(), "CHANGELOG")
	if err := os.WriteFile(name, []byte(changelog), 0o644); err != nil {
		t.Fatal(err)
	}
	whole := importOf(t, Options{Git: c.dir, Changelogs: []Source{{"2.0", name}}})
	if alone := importOf(t, Options{From: importOf(t, Options{Git: c.dir}), Changelogs: []Source{{"", name}}}); !bytes.Equal(encoded(t, whole), encoded(t, alone)) {
		t.Error("a CHANGELOG alone gives other bytes than with the clone")
	}
}

// A branch may get what brought a bug, and a fix whose line was lost.
func TestStableBranchOrigins(t *testing.T) {
	c := newClone(t)
	c.release("2.0-dev0")
	c.release("2.0.0")
	origin := c.commit("MEDIUM: mux: a new thing", "src/mux.c", muxBefore)
	c.commit("BUG/MAJOR: mux: the thing crashes\n\nSince commit "+origin[:9]+" (\"MEDIUM: mux: a new thing\"). Backport to 2.0.", "src/mux.c", muxAfter)
	c.commit("BUG/MINOR: cli: a line was lost", "src/cli.c", "int x;\n")
	c.release("2.1-dev1")
	c.git("checkout", "-q", "-b", "haproxy-2.0", "v2.0.0")
	c.commit("MEDIUM: mux: a new thing\n\n(cherry picked from commit "+origin+")", "", "")
	c.release("2.0.1")
	c.commit("BUG/MINOR: cli: a line was lost", "", "")
	c.release("2.0.2")
	want := []fixes.Landing{{Position: 2, Patch: 1, Basis: fixes.CherryPick}, {Position: 4, Patch: 2, Basis: fixes.Changelog}}
	if diff := cmp.Diff(want, importOf(t, Options{Git: c.dir, StableGit: []Source{{Path: c.dir}}}).Table("2.0")); diff != "" {
		t.Errorf("landings (-want +got):\n%s", diff)
	}
}

const changelog = `ChangeLog :
===========

2019/02/20 : 2.0.2
    - BUG/MINOR: log:  check the length
    - BUG/MEDIUM: peers: what master has later
    - DOC: a line

2019/02/10 : 2.0.1
    - BUG/MAJOR: mux: do not loop.

2019/01/04 : 2.0.0
    - BUG/MEDIUM: mux: shut when flags are set
`

func TestChangelogAndUpdate(t *testing.T) {
	c, _ := history(t)
	name := filepath.Join(t.TempDir(), "CHANGELOG")
	if err := os.WriteFile(name, []byte(changelog), 0o644); err != nil {
		t.Fatal(err)
	}
	logs := []Source{{"2.0", name}}
	x := importOf(t, Options{Git: c.dir, Changelogs: logs})
	want := []fixes.Landing{{Position: 6, Patch: 1, Basis: fixes.Changelog}, {Position: 7, Patch: 2, Basis: fixes.Changelog}}
	if diff := cmp.Diff(want, x.Table("2.0")); diff != "" {
		t.Errorf("landings (-want +got):\n%s", diff)
	}
	if d, ok := x.Release(version(t, "2.0.1")); !ok || d.Format("01-02") != "02-10" {
		t.Errorf("2.0.1 was released on %s, %v", d, ok)
	}

	// Master learns the fix that the changelog had already; the table follows
	// without the changelog, and the result is that of an import of everything.
	c.commit("BUG/MEDIUM: peers: what master has later\n\nBackport to 2.0.", "src/peers.c", "int p;\n")
	c.release("2.1-dev2")
	grown := importOf(t, Options{Git: c.dir, From: x})
	want = append(want, fixes.Landing{Position: 11, Patch: 2, Basis: fixes.Changelog})
	if diff := cmp.Diff(want, grown.Table("2.0")); diff != "" {
		t.Errorf("landings after the update (-want +got):\n%s", diff)
	}
	if whole := importOf(t, Options{Git: c.dir, Changelogs: logs}); !bytes.Equal(encoded(t, whole), encoded(t, grown)) {
		t.Error("an update gives other bytes than an import of everything")
	}
	if again := importOf(t, Options{Git: c.dir, From: grown, Changelogs: logs}); !bytes.Equal(encoded(t, again), encoded(t, grown)) {
		t.Error("an update that brings nothing changes the data")
	}
}

func TestImportErrors(t *testing.T) {
	c, at := history(t)
	dir := t.TempDir()
	c.git("clone", "-q", "--depth", "2", "file://"+c.dir, filepath.Join(dir, "shallow"))
	c.git("clone", "-q", "--no-tags", c.dir, filepath.Join(dir, "tagless"))
	other := newClone(t)
	other.commit("first", "", "")
	other.release("2.0-dev0")
	other.release("2.0.0")
	older := filepath.Join(dir, "older")
	c.git("clone", "-q", c.dir, older)
	if out, err := exec.Command("git", "-C", older, "reset", "-q", "--hard", at["major"]).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	words := filepath.Join(dir, "words")
	if err := os.WriteFile(words, []byte("nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	x := importOf(t, Options{Git: c.dir})
	cut := filepath.Join(dir, "cut")
	if err := os.WriteFile(cut, []byte("2019/03/20 : 2.0.2\n    - BUG/MINOR: log: check the length\n\n2019/02/10 : 2.0.1\n    - BUG/MAJOR: mux: do no"), 0o644); err != nil {
		t.Fatal(err)
	}
	// Branches that are not what they are called.
	lying := func(build func(*clone)) string {
		liar := newClone(t)
		liar.git("fetch", "-q", "--tags", c.dir, "+refs/heads/*:refs/heads/*", "--update-head-ok")
		liar.git("checkout", "-q", "-b", "haproxy-2.0", "v2.0.0")
		liar.days = 200
		build(liar)
		return liar.dir
	}
	ofMaster := lying(func(l *clone) { l.git("reset", "-q", "--hard", "v2.1-dev1") })
	gap := lying(func(l *clone) { l.release("2.0.1"); l.release("2.0.3") })
	early := lying(func(l *clone) {
		l.days = 3
		l.commit("BUG/MAJOR: mux: do not loop\n\n(cherry picked from commit "+at["major"]+")", "", "")
		l.release("2.0.1")
	})
	for _, tc := range []struct {
		name string
		o    Options
		want string
	}{
		{"nothing at all", Options{}, "neither a clone of HAProxy nor an index"},
		{"a branch that is master", Options{Git: c.dir, StableGit: []Source{{"2.0", ofMaster}}}, "what should be branch 2.0 has 2.1-dev0 in it"},
		{"a branch with a gap", Options{Git: c.dir, StableGit: []Source{{"", gap}}}, "goes from 2.0.1 to 2.0.3"},
		{"a fix before it was made", Options{From: x, StableGit: []Source{{"", early}}}, "2.0.1 of 2019-01-05 has a commit of master of 2019-01-08"},
		{"no branches", Options{Git: c.dir, StableGit: []Source{{"", c.dir}}}, "no maintained branch is in it"},
		{"a CHANGELOG that is cut", Options{Git: c.dir, Changelogs: []Source{{"", cut}}}, "2.0.1 is not whole in it"},
		{"no directory", Options{Git: filepath.Join(dir, "none")}, "no such directory"},
		{"no repository", Options{Git: dir}, "not a git repository"},
		{"shallow", Options{Git: filepath.Join(dir, "shallow")}, "git fetch --unshallow"},
		{"no tags", Options{Git: filepath.Join(dir, "tagless")}, "no tag v2.0-dev0"},
		{"another history", Options{Git: other.dir, From: x}, "not the history"},
		{"older than the index", Options{Git: older, From: x}, "git pull"},
		{"unknown branch", Options{Git: c.dir, Changelogs: []Source{{"9.9", words}}}, "no release 9.9.0"},
		{"unknown branch of git", Options{Git: c.dir, StableGit: []Source{{"2.1", c.dir}}}, "no release 2.1.0"},
		{"no changelog", Options{Git: c.dir, Changelogs: []Source{{"2.0", words}}}, "want HAProxy's CHANGELOG"},
		{"absent changelog", Options{Git: c.dir, Changelogs: []Source{{"2.0", words + "x"}}}, "no such file"},
		{"not that branch", Options{Git: c.dir, StableGit: []Source{{"2.0", other.dir}}}, "not branch 2.0"},
	} {
		_, err := Import(context.Background(), tc.o)
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q, want %q", tc.name, fmt.Sprint(err), tc.want)
		}
	}
	t.Setenv("PATH", dir)
	if _, err := Import(context.Background(), Options{Git: c.dir}); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Errorf("without git: %v", err)
	}
}

func version(t *testing.T, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
