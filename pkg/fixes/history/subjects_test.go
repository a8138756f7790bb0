package history

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestSubjects(t *testing.T) {
	c := newClone(t)
	first := c.commit("BUG/MINOR: first: one\n\nThe body.", "src/a.c", "int a;\n")
	second := c.commit("BUG/MAJOR: second: of\ntwo lines", "", "")
	large := c.commit("MINOR: large\n\n"+strings.Repeat("x", maxCommit+1), "", "")
	blob := c.git("rev-parse", "HEAD:src/a.c")
	s, err := OpenSubjects(context.Background(), c.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, tt := range []struct{ commit, want string }{
		{first, "BUG/MINOR: first: one"}, {first[:10], "BUG/MINOR: first: one"}, {second, "BUG/MAJOR: second: of two lines"},
		{blob, ""}, {large, "MINOR: large"}, {"0123456789", ""}, {"HEAD", ""}, {"", ""}, {first[:5], ""}, {first + "\n" + second, ""},
		{first, "BUG/MINOR: first: one"},
	} {
		if got, err := s.Of(tt.commit); err != nil || got != tt.want {
			t.Errorf("%.60q: %q, %v", tt.commit, got, err)
		}
	}
}

func TestSubjectsErrors(t *testing.T) {
	c := newClone(t)
	ctx, cancel := context.WithCancel(context.Background())
	for _, dir := range []string{filepath.Join(c.dir, "none"), t.TempDir()} {
		if _, err := OpenSubjects(ctx, dir); err == nil || !strings.HasSuffix(err.Error(), "; want a clone of HAProxy") {
			t.Errorf("%v", err)
		}
	}
	s, err := OpenSubjects(ctx, c.dir)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	s.cmd.Wait()
	if _, err := s.Of("0123456789"); err == nil {
		t.Error("git was ended, and answers")
	}
	t.Setenv("PATH", "")
	if _, err := OpenSubjects(context.Background(), c.dir); err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("%v", err)
	}
}
