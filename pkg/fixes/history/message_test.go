package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// known resolves the hashes that these tests cite.
func known(hash, subject string) string {
	switch {
	case strings.HasPrefix("1234567abc0000", hash), subject == "MINOR: applet: split the handler":
		return "1234567abc"
	case strings.HasPrefix("1968731765aaaa", hash):
		return "1968731765"
	}
	return ""
}

func TestClauses(t *testing.T) {
	for _, tc := range []struct{ body, want string }{
		{"", "silent"},
		{"Nothing is said here of versions, only of TLS 1.3 and HTTP/1.1.", "silent"},
		{"This must be backported to 2.4.", "floor 2.4"},
		{"It should be backported to 2.6, 2.5 and 2.4.", "floor 2.4"},
		{"This needs to be backported as far as\n2.0.", "floor 2.0"},
		{"Must be backported up to 3.0. Before, the code was elsewhere.", "floor 3.0"},
		{"This should be backported to versions 2.6 and upper.", "floor 2.6"},
		{"It is there in all versions, so let's backport it until 1.8.", "floor 1.8"},
		{"The wrong test came in 3.2 with commit 1234567ab. It must be backported\nto 3.2.", "floor 3.2"},
		{"Since it was introduced in 2.6, it should be backported as far as this version.", "floor 2.6"},
		{"This can be backported to 3.0.0.", "floor 3.0"},
		{"This must be backpored to 1.9.", "floor 1.9"},
		{"While it should be backported, better not backport it too far (2.4 and 2.3 only).", "floor 2.3"},
		{"It may be backported to 3.4 and probably as far as 3.2 or 3.0", "floor 3.0"},
		{"Appeared in 2.5-dev2. This must be backported to 2.4.1 and OpenSSL 3.0 users.", "floor 2.4"},
		{"This must be backported to all stable versions.", "all"},
		{"It should be backported\nto every supported branch.", "all"},
		{"This can be backported wherever it applies.", "all"},
		{"This should be backported to stable versions.", "all"},
		{"No backport needed.", "none"},
		{"No need to backport, this is 3.4-dev only.", "none"},
		{"There's no reason to backport this as it came with 3.2-dev13.", "none"},
		{"This does not need to be backported.", "none"},
		{"Thus, it does not have to be backported to 2.4.", "none"},
		{"No backport is needed unless 1234567ab is backported.", "same 1234567abc"},
		{`No backport is needed, except if commit 1968731765 ("BUG/MEDIUM: config: read` + "\n" + `an empty word") is.`, "same 1968731765"},
		{"See commit 1234567ab.\n\nThis must be backported wherever the patch above is.", "same 1234567abc"},
		{"It must be backported with the previous patch.", "same previous00"},
		{"This should be backported if the new cache is backported.", "same"},
		{"This may be backported if needed.", "asked"},
		{"This should be backported.", "asked"},
		{"Don't forget to backport it.", "asked"},
		{"It can't happen before. It cannot be backported as is.", "asked"},
		{`Commit 1234567ab ("BUG/MINOR: x: no backport needed") did this.`, "silent"},
	} {
		c := clauses{known, "3.5"}.of(tc.body, "previous00")
		got := strings.TrimSpace(c.Kind.String() + " " + c.Floor + c.Same)
		if got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.body, got, tc.want)
		}
	}
	c := clauses{known, "3.5"}.of("Seen with 2.8 and 2.4.\nLua 5.3, gcc 4.7 and 9.1 have nothing to do with it.\nBackport it to 2.6.", "")
	if got := strings.Join(c.Named, " "); got != "2.4 2.6 2.8" {
		t.Errorf("branches named: %s", got)
	}
}

func TestIssues(t *testing.T) {
	for _, tc := range []struct {
		body string
		want []int
	}{
		{"This should fix issue #2862.", []int{2862}},
		{"GitHub issues #31 and GH #7, GH-120", []int{7, 31, 120}},
		{"https://github.com/haproxy/haproxy/issues/1593 and github.com/other/thing/issues/99", []int{1593}},
		{"  #10 0x000055d3 in main ()\n#11 process_stream (t=0x1) at src/stream.c:10\n#0  <signal handler called>", nil},
		{"RFC 9113 #3.2 says so, see step #2", nil},
		{"wolfSSL/wolfssl#5544", nil},
		{"It was bug #3906 on redmine.", nil},
		{"PR #2222 had this", nil},
		{"(#218) [#219]", []int{218, 219}},
	} {
		if got := issuesOf(tc.body); !slices.Equal(got, tc.want) {
			t.Errorf("%q: %v, want %v", tc.body, got, tc.want)
		}
	}
	if got := cvesOf("This is CVE-2021-40346 (cve-2023-0056)."); !slices.Equal(got, []string{"CVE-2021-40346", "CVE-2023-0056"}) {
		t.Errorf("CVEs: %v", got)
	}
}

func TestRoles(t *testing.T) {
	const h = "1234567abc"
	for _, tc := range []struct {
		body string
		want role
	}{
		{"This was introduced in 2.4 by commit 1234567abc.", introduced},
		{`Since commit 1234567abc ("MEDIUM: mux: take` + "\n" + `less"), the flag is lost.`, introduced},
		{"Commit 1234567abc introduced a mistake.", introduced},
		{"This is a regression of 1234567abc.", introduced},
		{`Commit 1234567abc ("MINOR: x: y") revealed an older bug.`, exposed},
		{"It became visible with 1234567abc.", exposed},
		{"This depends on commit 1234567abc.", mentioned},
		{"The same bug was fixed by 1234567abc in h2.", mentioned},
		{"It must be backported with 1234567abc.", mentioned},
		{"See also 1234567abc.", mentioned},
	} {
		got := rolesOf(tc.body)
		if len(got) != 1 || got[0].hash != h || got[0].role != tc.want {
			t.Errorf("%q: %+v, want role %d", tc.body, got, tc.want)
		}
	}
	two := rolesOf("It was brought by commits 1234567abc and 2345678bcd, see 3456789cde.")
	if len(two) != 3 || two[1].role != introduced || two[2].role != mentioned {
		t.Errorf("two origins: %+v", two)
	}
	if got := rolesOf("It costs 10000000 cycles, the facade is effaced."); got != nil {
		t.Errorf("numbers and words as commits: %+v", got)
	}
	if got := rolesOf("Broken by commit 1234567890 (\"MINOR: a \"b\" c\")."); len(got) != 1 || got[0].subject != `MINOR: a "b" c` {
		t.Errorf("a hash of digits, a subject with quotes: %+v", got)
	}
}

func TestKinds(t *testing.T) {
	rules := kindRules()
	for _, tc := range []struct{ body, want string }{
		{"the process\ncrashes with a segmentation fault", "crash segfault"},
		{"a use-after-free or a double free", "use_after_free double_free"},
		{"it triggers the BUG_ON() there", "bug_on"},
		{"an endless loop, killed by the watchdog", "loop watchdog"},
		{"NULL pointer dereference", "null"},
		{"reads past the end, memory gets corrupted", "out_of_bounds corruption"},
		{"a deadlock between two threads", "deadlock"},
		{"a memory leak, a race, a stuck stream, an uninitialized field", "leak race freeze uninitialised"},
		{`this fixes commit 1234567 ("BUG/MAJOR: x: fix a crash")`, ""},
		{"the wrong status is reported", ""},
	} {
		if got := strings.Join(kindsOf(rules, tc.body), " "); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.body, got, tc.want)
		}
	}
	for _, k := range fixes.AllKinds() {
		if kindWords()[k] == "" {
			t.Errorf("no words for kind %s", k)
		}
	}
}

func TestNamesInText(t *testing.T) {
	body := "h1_process() calls b_data() twice, BUG_ON() is a macro.\nBUG_ON(sc->flags &\n (SC_FL_ABRT_DONE|se_fl_test(x, \"a text\"))) was hit; FATAL: bug condition \"c_empty(ic)\" matched"
	if got := namedOf(body); !slices.Equal(got, []string{"b_data", "h1_process"}) {
		t.Errorf("named: %v", got)
	}
	if got := fmt.Sprint(conditionsOf(body)); got != "[sc flags SC_FL_ABRT_DONE se_fl_test c_empty ic]" {
		t.Errorf("conditions: %s", got)
	}
}

func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		"BUG/MINOR: x: y\n\nSince commit 1234567abc (\"MINOR: a: b\"), it loops (#12). Backport it to 2.4.",
		"Revert \"BUG/MAJOR: a\"\n\nThis reverts commit 1234567abc12.",
		"BUG\n\nBUG_ON(((\"", "BUG/X;;;\n\n#1 0x2\n- no backport. unless (as far as 2.0",
	} {
		f.Add(s)
	}
	rules := kindRules()
	f.Fuzz(func(t *testing.T, s string) {
		subject, body, _ := strings.Cut(s, "\n")
		sub, ok := parseSubject(subject)
		if ok && len(sub.Subsystems) > maxSubsystems {
			t.Errorf("%d subsystems", len(sub.Subsystems))
		}
		kindsOf(rules, s)
		issuesOf(s)
		namedOf(s)
		conditionsOf(s)
		rolesOf(body)
		c := clauses{known, "3.5"}.of(body, "previous00")
		if (c.Kind == fixes.Floor) != (c.Floor != "") || c.Same != "" && c.Kind != fixes.SameAs {
			t.Errorf("a clause that contradicts itself: %+v", c)
		}
	})
}
