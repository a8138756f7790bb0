package advice

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/logparse"
)

var knowledge = sync.OnceValue(classify.Load)

// next gives the steps of an example.
func (e *example) next() []crash.Step {
	a := New(knowledge())
	a.System = e.system
	return a.Next(e.crash)
}

// TestExamples: the steps of each example, in words.
func TestExamples(t *testing.T) {
	var b strings.Builder
	for _, e := range examples() {
		fmt.Fprintf(&b, "%s\n", e.name)
		for i, s := range e.next() {
			fmt.Fprintf(&b, "  %d. %s (%s)\n", i+1, s.Do, s.Why)
			if s.Command != "" {
				fmt.Fprintf(&b, "     %s\n", s.Command)
			}
		}
	}
	golden.Check(t, "testdata/examples.golden", []byte(b.String()))
}

// TestEveryRuleIsNeeded: some example gets each rule, so that none is out of reach behind
// another one, or names a value that nobody sets.
func TestEveryRuleIsNeeded(t *testing.T) {
	got := map[string]bool{}
	for _, e := range examples() {
		a := New(knowledge())
		a.System = e.system
		for _, r := range a.situation(e.crash).rules(len(rules)) {
			got[r.do+r.why+r.command] = true
		}
	}
	for i := range rules {
		if r := &rules[i]; !got[r.do+r.why+r.command] {
			t.Errorf("no example gets: %s (%s) %s", r.do, r.why, r.command)
		}
	}
}

// development finds versions of development in a sentence.
var development = regexp.MustCompile(`[0-9]-(dev|rc)[0-9]`)

// TestStepsAreSound: at least one step for each example in each version, and each a plain
// sentence with a command that a shell can read; a production version is never sent to a
// development one.
func TestStepsAreSound(t *testing.T) {
	x, err := knowledge().History(haproxy.Version{})
	if err != nil {
		t.Fatal(err)
	}
	versions := []string{"", "1.8.27", "2.4.0", "2.7.12", "2.8.3-1+deb12u1", "3.1.0", "3.4.1", "9.9.9", "3.2-dev5", "3.5-dev5"}
	for _, branch := range x.Branches() {
		if last, ok := x.Complete(branch); ok {
			versions = append(versions, last.String())
		}
	}
	checked := map[string]bool{}
	for _, e := range examples() {
		for _, version := range versions {
			if e.crash.Process != nil {
				e.crash.Process.Version = version
			}
			steps := e.next()
			if len(steps) == 0 || len(steps) > Most {
				t.Errorf("%s of %q: %d steps", e.name, version, len(steps))
			}
			v, err := haproxy.ParseVersion(version)
			for _, s := range steps {
				if err == nil && !v.IsDev() && development.MatchString(s.Do+s.Why+s.Command) {
					t.Errorf("%s of %s names a development version: %+v", e.name, version, s)
				}
				if !checked[s.Do+s.Why+s.Command] {
					checked[s.Do+s.Why+s.Command] = true
					soundStep(t, e.name, s)
				}
			}
		}
	}
}

func soundStep(t *testing.T, name string, s crash.Step) {
	t.Helper()
	for _, text := range []string{s.Do, s.Why} {
		if first := []rune(text + "x")[0]; unicode.IsUpper(first) && !strings.HasPrefix(text, "HAProxy ") && !strings.HasPrefix(text, "SIG") && !strings.HasPrefix(text, "TimeoutStop") {
			t.Errorf("%s: %q begins with a capital", name, text)
		}
		if strings.HasSuffix(text, ".") || strings.ContainsAny(text, "{}\n") {
			t.Errorf("%s: %q is no sentence without full stop, or has a gap", name, text)
		}
	}
	if s.Do == "" || len([]rune(s.Do)) > maxDo || strings.Contains(s.Do, ": ") && !strings.HasPrefix(s.Do, "until the upgrade, ") {
		t.Errorf("%s: %q is not one plain sentence of %d at most", name, s.Do, maxDo)
	}
	if s.Command == "" {
		return
	}
	if out, err := exec.Command("sh", "-n", "-c", s.Command).CombinedOutput(); err != nil {
		t.Errorf("%s: a shell cannot read %s: %s", name, s.Command, out)
	}
}

// TestHostileValues: what an input wrote is one quoted word of a command, or no part of it.
func TestHostileValues(t *testing.T) {
	if !strings.Contains(outsideQuotes(`cat 'a b'\''c'; touch x`), "touch") {
		t.Fatal("the test sees nothing")
	}
	for _, evil := range []string{
		"a'; touch /tmp/x; '", "$(id)", "`id`", "-rf", "a\nb", "a\x1b[2J", "a\u202eb", "x; y", "a b", "é", "a\xffb", strings.Repeat("x", 5000),
	} {
		c := with(died(crash.Segfault, evil, crash.UnknownBug), all(core(crash.LacksExecutable, crash.LacksDebug, crash.LacksLibrary, crash.LacksLines), suspected))
		c.Verdict.Status = crash.Suspects
		c.Process.Executable, c.Process.BuildID, c.Provoked = "/"+evil, evil, ""
		c.Evidence[0].Source = evil
		c.Modules[1].Path = "/lib/" + evil
		c.Missing[3].What, c.Missing[3].Effect = evil, evil
		c.Verdict.Suspects[0].Commit = evil
		c.Verdict.Matches = []crash.Match{{ID: evil, Fixes: []string{evil}, FixedIn: []string{evil}}}
		c.Threads = []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Module: evil + ".so", Trust: crash.TrustPrinted}}}}
		for _, status := range []crash.Status{crash.Known, crash.Probable, crash.AlreadyFixed, crash.Suspects, crash.UnknownBug, crash.CannotTell} {
			c.Verdict.Status = status
			for _, s := range New(knowledge()).Next(c) {
				if !printable(s.Do) || !printable(s.Why) || s.Command != "" && !printable(s.Command) {
					t.Errorf("%q: %+v", evil, s)
				}
				bare := outsideQuotes(s.Command)
				for _, part := range []string{"touch", "$(id)", "`id`", "; y"} {
					if strings.Contains(bare, part) {
						t.Errorf("%q is run by %s", evil, s.Command)
					}
				}
			}
		}
	}
}

// outsideQuotes is what of a command does not stand between single quotes.
func outsideQuotes(command string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\'':
			quoted = !quoted
		case c == '\\' && !quoted:
			i++
		case !quoted:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// FuzzValues: whatever text, a shell reads it as the one word that it is.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"core.1", "it's", "-x", "a b", "$(x)", "\\", "'", "''", "a'b'c", "é", "\x00", "{version}", "}{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := values{}
		v.read("input", s, isFile)
		got, ok := v.fill("cat {input}", true)
		if !ok {
			return
		}
		word, is := strings.CutPrefix(got, "cat ")
		if !is || unquote(word) != s || strings.ContainsAny(s, "\n\r\x00\x1b") || s[0] == '-' {
			t.Errorf("%q became %s", s, got)
		}
	})
}

// unquote reads a word as a POSIX shell does: single quotes, and a backslash outside of them.
func unquote(word string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case c == '\'':
			quoted = !quoted
		case c == '\\' && !quoted && i+1 < len(word):
			i++
			b.WriteByte(word[i])
		case !quoted && strings.IndexByte(" \t\n\"$`;&|<>()*?[]#~!", c) >= 0:
			return "not one word: " + word
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// TestWithoutCrash: also where there is no crash, there is something to do.
func TestWithoutCrash(t *testing.T) {
	for i := range without {
		steps := WithoutCrash([]logparse.OtherKind{without[i].kind, without[i].kind})
		if len(steps) != 1 || steps[0] != without[i].step {
			t.Errorf("%d: %+v", without[i].kind, steps)
		}
		soundStep(t, "without a crash", steps[0])
	}
	if steps := WithoutCrash(nil); len(steps) != 1 || steps[0] != nothing {
		t.Errorf("nothing seen: %+v", steps)
	}
	soundStep(t, "nothing seen", nothing)
	soundStep(t, "fallback", fallback)
}
