package outfile

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written makes a file and gives its path.
func written(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// entries are the names in a directory.
func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestWholeOrNotAtAll(t *testing.T) {
	for _, keep := range []bool{true, false} {
		dir := t.TempDir()
		old := written(t, filepath.Join(dir, "report"), "old")
		f, err := Open(old, Streams{})
		if err != nil {
			t.Fatal(err)
		}
		if got := entries(t, dir); got != "report" {
			t.Errorf("before anything is written there is %s", got)
		}
		fmt.Fprint(f, "new")
		if got := content(t, old); got != "old" {
			t.Errorf("half written, the file holds %q", got)
		}
		if err := errors.Join(f.Close(keep), f.Close(!keep)); err != nil {
			t.Fatal(err)
		}
		want := map[bool]string{true: "new", false: "old"}[keep]
		if got := content(t, old); got != want {
			t.Errorf("closed with %v, the file holds %q", keep, got)
		}
		if got := entries(t, dir); got != "report" {
			t.Errorf("there is left: %s", got)
		}
	}
}

// An empty result replaces what was there as any other does, if it is to be kept.
func TestEmptyResult(t *testing.T) {
	path := written(t, filepath.Join(t.TempDir(), "report"), "old")
	f, err := Open(path, Streams{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(true); err != nil || content(t, path) != "" {
		t.Errorf("%v, %q", err, content(t, path))
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, mode %v", err, st.Mode())
	}
}

func TestPlacesThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	log := written(t, at("log"), "evidence")
	sub := at("sub")
	inside := written(t, func() string { _ = os.Mkdir(sub, 0o755); return filepath.Join(sub, "core") }(), "evidence")
	if err := errors.Join(os.Link(log, at("hard")), os.Symlink(log, at("soft")), os.Symlink(at("nothing"), at("dangling"))); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	stdin, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	for _, tt := range []struct {
		name   string
		inputs []string
		why    string
	}{
		{log, []string{log}, "this is an input (" + log + ")"},
		{at("hard"), []string{log}, "this is an input"},
		{at("soft"), []string{log}, "this is an input"},
		{log, []string{at("absent"), at("soft")}, "this is an input (" + at("soft") + ")"},
		{inside, []string{sub}, "this is an input (" + inside + ")"},
		{at("hard"), []string{"-"}, "this is an input (stdin)"},
		{sub, nil, "a directory"},
		{at("socket"), nil, "a socket"},
		{at("dangling"), nil, "leads nowhere"},
		{at("nowhere/report"), nil, "no such directory"},
	} {
		var place *PlaceError
		if _, err := Open(tt.name, Streams{Stdin: stdin, Inputs: tt.inputs}); !errors.As(err, &place) || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s, inputs %v: %v; want %s", tt.name, tt.inputs, err, tt.why)
		}
	}
	if content(t, log) != "evidence" || content(t, inside) != "evidence" {
		t.Error("an input is not what it was")
	}
}

func TestStdoutAndDevices(t *testing.T) {
	var out bytes.Buffer
	for _, name := range []string{"", "-"} {
		f, err := Open(name, Streams{Stdout: &out})
		if err != nil || f.Writer != &out {
			t.Errorf("%q: %v, %v", name, f, err)
		}
	}
	f, err := Open(os.DevNull, Streams{Inputs: []string{os.DevNull}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(f, "gone"); err != nil {
		t.Error(err)
	}
	if err := f.Close(false); err != nil {
		t.Error(err)
	}
	if st, err := os.Stat(os.DevNull); err != nil || st.Mode().IsRegular() {
		t.Errorf("%v, %v", st, err)
	}
	// Stdout that is a file, by its name: it is written where it stands.
	path := written(t, filepath.Join(t.TempDir(), "out"), "")
	stdout, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer stdout.Close()
	if f, err := Open(path, Streams{Stdout: stdout}); err != nil || f.Writer != stdout {
		t.Errorf("%v, %v", f, err)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	real := written(t, filepath.Join(dir, "real"), "old")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if err := Replace(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(real)
	if err != nil || st.Mode().Perm() != 0o644 || content(t, real) != "new" || entries(t, dir) != "link real" {
		t.Errorf("%v, %v, %q, %s", err, st.Mode(), content(t, real), entries(t, dir))
	}
	if err := Replace(filepath.Join(dir, "absent", "file"), nil); err == nil || strings.Contains(err.Error(), "open ") {
		t.Errorf("no directory: %v", err)
	}
}
