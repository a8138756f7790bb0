package signatures

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/fixes"
)

const sound = `
- id: my-own-bug
  title: A title
  facts: What goes wrong.
  fix: 0123456789ab
  require:
    kind: spinning
    object: APPCTX
    applet: MYAPPLET
  versions:
    introduced: 3.2-dev1
    fixed: {master: 3.3-dev1, "3.2": 3.2.5}
    backport: "3.2"
  unique: true
  evidence: What was read.
`

func TestForm(t *testing.T) {
	if _, pp := Read([]byte(sound)); len(pp) != 0 {
		t.Fatalf("%+v", pp)
	}
	for _, c := range []struct {
		name, old, new string
		line           int
		want           string
	}{
		{"unknown key", "  title: A", "  titel: A", 3, "no such key: titel"},
		{"missing key", "  evidence: What was read.\n", "", 2, "evidence is missing"},
		{"unknown fact", "    applet: MYAPPLET", "    aplet: MYAPPLET", 9, "no such fact: aplet"},
		{"bad commit", "0123456789ab", "0123xyz", 5, "no commit"},
		{"short commit", "0123456789ab", "'1234567'", 5, "no commit"},
		{"bad id", "my-own-bug", "My Bug", 2, "want lower-case words"},
		{"bad version", "3.2.5}", "3.2.x}", 12, "want a release"},
		{"branch and release", "\"3.2\": 3.2.5", "\"3.0\": 3.2.5", 12, "not a release of branch 3.0"},
		{"bad clause", `backport: "3.2"`, "backport: maybe", 13, "want a branch"},
		{"not boolean", "unique: true", "unique: perhaps", 14, "true or false"},
		{"twice", "  title: A title\n", "  title: A title\n  title: B\n", 4, "title"},
		{"too general", "    applet: MYAPPLET\n", "", 6, "kind and object alone"},
		{"spin of unknown age", "    introduced: 3.2-dev1\n", "", 6, "a spin needs"},
		{"unique with no fact", "unique: true", "unique: {aplet: X}", 14, "no such fact"},
		{"lookalikes of what is not unique", "  unique: true", "  lookalikes: [0123456789ab]", 2, "limit unique"},
		{"alias", "object: APPCTX", "object: &a APPCTX", 8, "anchors"},
		{"not a list", sound, "id: x\n", 1, "want a list"},
		{"not YAML", sound, "- id: [\n", 1, ""},
		{"zero byte", sound, "- id: \x00\n", 1, "not a text file"},
		{"deep", sound, strings.Repeat("[", 1000), 1, "too deeply"},
		{"deep dashes", sound, strings.Repeat("- ", 1000), 1, "too deeply"},
	} {
		_, pp := Read([]byte(strings.Replace(sound, c.old, c.new, 1)))
		ok := false
		for _, p := range pp {
			ok = ok || p.Line == c.line && p.Col > 0 && strings.Contains(p.Text, c.want)
		}
		if !ok {
			t.Errorf("%s: %+v, want line %d: %s", c.name, pp, c.line, c.want)
		}
	}
	if _, pp := Read(bytes.Repeat([]byte("# filler\n"), 200000)); len(pp) != 1 || !strings.Contains(pp[0].Text, "at most") {
		t.Errorf("%+v", pp)
	}
}

func FuzzLint(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Add([]byte("- id: x\n  require: {any_of: [[], {a: b}]}\n"))
	f.Add([]byte("<<: {a: *b}\n? x\n: y\n--- |\n text\n"))
	f.Add([]byte(strings.Repeat("- ", 20) + strings.Repeat("{", 20)))
	if text, err := os.ReadFile("bugs/spin-cli.yaml"); err == nil {
		f.Add(text)
	}
	x, err := fixes.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := NewLinter(x)
		l.Add(data, "f")
		findings, err := l.Check(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range findings {
			if p.Text == "" || p.Line < 1 || p.Col < 0 || strings.Contains(p.String(), "\n") {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// A signature may be unique only with facts that it does not require.
func TestDecides(t *testing.T) {
	for _, c := range []struct {
		unique string
		facts  Facts
		want   bool
	}{
		{"true", Facts{}, true},
		{"false", Facts{}, false},
		{"{top: f, mux: H1}", Facts{"top": {"f"}, "mux": {"H2", "H1"}}, true},
		{"{top: f, mux: H1}", Facts{"top": {"f"}}, false},
		{"{top: f}", Facts{"top": {"g"}}, false},
		{"[{top: f}, {mux: H1}]", Facts{"mux": {"H1"}}, true},
		{"[{top: f}, {mux: H1}]", Facts{"mux": {}}, false},
	} {
		list, pp := Read([]byte(strings.Replace(sound, "unique: true", "unique: "+c.unique, 1)))
		if len(pp) > 0 || len(list) != 1 {
			t.Fatalf("%s: %+v", c.unique, pp)
		}
		if got := c.facts.Decides(&list[0].Signature); got != c.want {
			t.Errorf("%s with %v: %t", c.unique, c.facts, got)
		}
	}
}
