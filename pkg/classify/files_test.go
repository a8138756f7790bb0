package classify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// directory makes files by name and text.
func directory(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAddFiles(t *testing.T) {
	second := strings.Replace(sound, "my-own-bug", "my-second-bug", 1)
	dir := directory(t, map[string]string{"a.yaml": sound, "b.yml": second, "notes.txt": "none", ".hidden.yaml": "- id: x\n"})
	db := load(t)
	if err := db.AddFiles(dir); err != nil {
		t.Fatal(err)
	}
	for id, file := range map[string]string{"my-own-bug": "a.yaml", "my-second-bug": "b.yml"} {
		if _, ok := db.Get(id); !ok || db.Source(id) != filepath.Join(dir, file) {
			t.Errorf("%s: %v, from %q", id, ok, db.Source(id))
		}
	}
	for name, says := range map[string]string{
		directory(t, nil): "no file in it is named .yaml or .yml",
		directory(t, map[string]string{"a.yaml": sound, "b.yaml": "- id: x\n"}): "b.yaml:1:",
		filepath.Join(dir, "absent"): "absent: no such file",
	} {
		if err := load(t).AddFiles(name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}

// One broken file takes nothing away but itself.
func TestAddReadable(t *testing.T) {
	dir := directory(t, map[string]string{"a.yaml": "- id: x\n", "b.yaml": sound})
	db := load(t)
	problems := db.AddReadable(dir)
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "a.yaml:1:") || !strings.HasSuffix(problems[0].Error(), "; going on without this file") {
		t.Errorf("%v", problems)
	}
	if _, ok := db.Get("my-own-bug"); !ok {
		t.Error("the sound file was not read")
	}
	if problems := db.AddReadable(filepath.Join(dir, "absent")); problems != nil {
		t.Errorf("no directory: %v", problems)
	}
}

func TestChoose(t *testing.T) {
	file := filepath.Join(directory(t, map[string]string{"a.yaml": sound}), "a.yaml")
	db := load(t)
	before := len(db.Signatures())
	if got, err := db.Choose("cli-end-state-unread-input"); err != nil || len(got) != 1 || got[0].ID != "cli-end-state-unread-input" || len(db.Signatures()) != before {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := db.Choose(file); err != nil || len(got) != 1 || got[0].ID != "my-own-bug" {
		t.Errorf("%v, %v", got, err)
	}
	builtIn := directory(t, map[string]string{"b.yaml": strings.Replace(sound, "my-own-bug", "cli-end-state-unread-input", 1)})
	if got, err := db.Choose(filepath.Join(builtIn, "b.yaml")); err != nil || len(got) != 1 || got[0].Title != "A title" {
		t.Errorf("one that replaces another: %v, %v", got, err)
	}
	if _, err := db.Choose("neither"); err == nil || !strings.Contains(err.Error(), "no signature and no file") {
		t.Errorf("%v", err)
	}
}
