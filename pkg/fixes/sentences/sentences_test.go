package sentences

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// maxEmbedded is how many bytes the sentences may add to the program.
const maxEmbedded = 300_000

// TestCompiledIsFresh: sentences.bin says what *.yaml say.
func TestCompiledIsFresh(t *testing.T) {
	want, err := ReadDir(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, compiled) {
		t.Error("sentences.bin is stale; run go generate ./pkg/fixes/sentences")
	}
	if d := cmp.Diff(want, All()); d != "" {
		t.Error(d)
	}
	if len(compiled) > maxEmbedded {
		t.Errorf("%d bytes, more than %d", len(compiled), maxEmbedded)
	}
	for _, s := range want {
		if got, ok := Of(s.Commit + strings.Repeat("0", 30)); !ok || got.Text != s.Text {
			t.Errorf("%s: %+v, %v", s.Commit, got, ok)
		}
	}
}

// TestFilesAreOfTheirYears: a sentence stands in the file of the year of its fix.
func TestFilesAreOfTheirYears(t *testing.T) {
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range names {
		year, is := strings.CutSuffix(e.Name(), ".yaml")
		if !is {
			continue
		}
		text, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		list, err := ReadDir(fstest.MapFS{e.Name(): {Data: text}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			if f, err := x.Fix(s.Commit); err != nil || f.Date.Format("2006") != year {
				t.Errorf("%s: %s is not of that year: %v", e.Name(), s.Commit, err)
			}
		}
	}
}

func TestOf(t *testing.T) {
	for _, commit := range []string{"", "972ce", "zzzzzzzzzz", "0000000000", strings.Repeat("f", 40)} {
		if s, ok := Of(commit); ok {
			t.Errorf("%q: %+v", commit, s)
		}
	}
}

func TestForm(t *testing.T) {
	good := Sentence{Commit: "972ce87676", Text: "A thread spins.", Needs: []string{"quic|h2", "word:set-var"}, Workaround: "Do without."}
	if wrong := Form(good); wrong != nil {
		t.Errorf("%q", wrong)
	}
	for want, change := range map[string]func(*Sentence){
		"commit: want 10 digits":             func(s *Sentence) { s.Commit = "972ce8767" },
		"text: 91 characters: at most 90":    func(s *Sentence) { s.Text = strings.Repeat("A", 90) + "." },
		"text: want one sentence":            func(s *Sentence) { s.Text = "no capital." },
		"text: want one sentence, with":      func(s *Sentence) { s.Text = "No full stop" },
		"workaround: want one sentence":      func(s *Sentence) { s.Workaround = "x" },
		`needs: "quick" is not in the vocab`: func(s *Sentence) { s.Needs = []string{"quic", "quick"} },
	} {
		s := good
		change(&s)
		if wrong := strings.Join(Form(s), "; "); !strings.Contains(wrong, want) {
			t.Errorf("%q, want %q", wrong, want)
		}
	}
}

func TestReadDir(t *testing.T) {
	for text, want := range map[string]string{
		"- commit: 1234567890\n  text: A.\n":                                 "",
		"- commit: 12e4567890\n  text: A.\n":                                 "",
		"- commit: \"12e4567890\"\n  text: A.\n  crash: false\n":             "",
		"- commit: 972ce87676\n  text: A.\n- commit: 972ce87676\n  text: B.": "a.yaml:3: 972ce87676 stands in a.yaml:1 too",
		"- commit: 972ce87676\n  text: A.\n  sentence: B.\n":                 "sentence",
		"commit: x\n": "want a list",
		"- [":         "a.yaml",
	} {
		_, err := ReadDir(fstest.MapFS{"a.yaml": {Data: []byte(text)}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := ReadDir(fstest.MapFS{}); err == nil {
		t.Error("a directory without sentences")
	}
}

func TestCopied(t *testing.T) {
	const subject = "BUG/MAJOR: mux-h2: do not crash on a stream that is gone"
	for text, want := range map[string]string{
		"HAProxy may crash on a stream as it ends.": "",
		"It may CRASH on, a stream!":                "",
		"Now crash on a stream that goes.":          "crash on a stream that",
		"":                                          "",
	} {
		if got := Copied(text, subject); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := x.Fixes()
	if err != nil {
		t.Fatal(err)
	}
	of := func(files string) *fixes.Fix {
		i := slices.IndexFunc(all, func(f fixes.Fix) bool { return f.Crash() && strings.Join(f.Files, " ") == files })
		if i < 0 {
			t.Fatalf("no crash fix changes %s alone", files)
		}
		return &all[i]
	}
	lua, quic := of("src/hlua.c"), of("src/quic_conn.c")
	list := []Sentence{
		{Commit: lua.Commit[:10], Text: "A copied run of many words is here.", Needs: []string{"h1"}},
		{Commit: quic.Commit[:10], Text: "A.", Needs: []string{"cli"}},
		{Commit: "0000000000", Text: "A."},
	}
	found, err := Check(list, x, func(string) (string, error) { return "BUG: a copied run of many things", nil })
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	missing := 0
	for _, f := range found {
		if strings.Contains(f.Text, "without a sentence") {
			missing++
			continue
		}
		said[f.Commit] += fmt.Sprintf("%v %s\n", f.Note, f.Text)
	}
	crashes := 0
	for i := range all {
		if all[i].Crash() {
			crashes++
		}
	}
	if missing != crashes-2 {
		t.Errorf("%d crash fixes are said to have no sentence, of %d", missing, crashes)
	}
	for commit, want := range map[string]string{
		lua.Commit[:10]:  "false needs: only src/hlua.c change, and none of lua, httpclient is needed\nfalse \"a copied run of many\" stands in the commit's subject",
		quic.Commit[:10]: "true needs: only src/quic_conn.c change",
		"0000000000":     "false no fix that the index knows",
	} {
		if !strings.HasPrefix(said[commit], want) {
			t.Errorf("%s: %q, want %q", commit, said[commit], want)
		}
	}
}

// FuzzOpen: no file makes it panic, or gives a sentence that is not in it.
func FuzzOpen(f *testing.F) {
	small, err := Encode([]Sentence{{Commit: "972ce87676", Text: "A thread spins.", Needs: []string{"cli"}}, {Commit: "0000000001", Text: "B.", Workaround: "C.", NotCrash: true}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add([]byte(magic))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := open(data)
		if err != nil {
			return
		}
		for i := range b.n {
			if s, ok := b.at(i); ok && !bytes.Contains(data, []byte(s.Text)) {
				t.Fatalf("%q", s.Text)
			}
		}
	})
}
