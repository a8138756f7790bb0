package history

import (
	"context"
	"strings"
	"testing"
)

func TestClone(t *testing.T) {
	c, at := history(t)
	ctx := context.Background()
	source, err := OpenClone(ctx, c.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	c.commit("DOC: say it elsewhere", "doc/words.txt", "elsewhere\n")
	for _, tc := range []struct{ revision, names, want string }{
		{"v2.0-dev0", "mux_wake flags src/mux.c", ""},
		{"v2.0-dev0", "wake mux_shut src/mux.h mux_release wait_event", "src/mux.h wake mux_shut wait_event"},
		{"v2.0-dev0", "nothing", "nothing"},
		{"v2.0-dev0", "src/", "src/"}, // a directory is no file
		{"v2.0-dev0", "", ""},
		{"HEAD", "wait_event mux_shut elsewhere doc/words.txt", "elsewhere"},
		{at["major"] + "^", "mux_wake src/other.c", ""},
	} {
		got, err := source.Missing(ctx, tc.revision, strings.Fields(tc.names))
		if err != nil || strings.Join(got, " ") != tc.want {
			t.Errorf("%s, %s: %q, %v; want %q", tc.revision, tc.names, got, err, tc.want)
		}
	}
	var many []string
	for range 3 * maxPatterns {
		many = append(many, "mux_wake")
	}
	if got, err := source.Missing(ctx, "v2.0-dev0", append(many, "none_of_it")); err != nil || len(got) != 1 {
		t.Errorf("many words: %q, %v", got, err)
	}
}

func TestCloneErrors(t *testing.T) {
	c, at := history(t)
	ctx := context.Background()
	source, err := OpenClone(ctx, c.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	for _, tc := range []struct{ revision, name, want string }{
		{"v9.9", "flags", "the clone has no commit v9.9; git fetch --tags"},
		{"--help", "flags", "the clone has no commit --help"},
		{at["old"] + "^", "flags", "the clone has no commit"},
		{"HEAD", "a.*b", "neither an identifier nor a path"},
		{"HEAD", "src/a\nsrc/b", "no path"},
	} {
		_, err := source.Missing(ctx, tc.revision, []string{tc.name})
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %q: error %v, want %q", tc.revision, tc.name, err, tc.want)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := source.Missing(stopped, "HEAD", []string{"flags"}); err != context.Canceled {
		t.Errorf("stopped: %v", err)
	}
	if _, err := OpenClone(ctx, t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("no clone: %v", err)
	}
}

func TestCloneBefore(t *testing.T) {
	c, at := history(t)
	ctx := context.Background()
	source, err := OpenClone(ctx, c.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	for _, tc := range []struct {
		commit string
		want   bool
	}{
		{at["old"], true},
		{at["old"][:10], true},
		{at["major"][:10], false}, // of a later time
		{"0123456789", false},
	} {
		if got, err := source.Before(ctx, "v2.0-dev0", tc.commit); err != nil || got != tc.want {
			t.Errorf("%s: %v, %v; want %v", tc.commit, got, err, tc.want)
		}
	}
	if _, err := source.Before(ctx, "--all", at["old"]); err == nil {
		t.Error("an option was taken for a revision")
	}
}
