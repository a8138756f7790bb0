package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes/history"
)

func openSubjects(ctx context.Context, dir string) (*history.Subjects, error) {
	s, err := history.OpenSubjects(ctx, dir)
	if err != nil {
		return nil, noSubjects(dir, err)
	}
	return s, nil
}

func noSubjects(dir string, err error) error {
	return fmt.Errorf("--git %s: the subjects cannot be read: %w", dir, err)
}

// withSubjects gives each verdict the subjects of the commits that it names, before
// the crash goes on to sink.
func withSubjects(clone *history.Subjects, dir string, sink analyze.Sink) analyze.Sink {
	return func(c *crash.Crash) error {
		if c.Verdict == nil {
			return sink(c)
		}
		for _, id := range named(c.Verdict) {
			subject, err := clone.Of(id)
			if err != nil {
				return noSubjects(dir, err)
			}
			if subject != "" {
				c.Verdict.Commits = append(c.Verdict.Commits, crash.Commit{Commit: id, Subject: subject})
			}
		}
		return sink(c)
	}
}

// named are the commits of matches and suspects, each once.
func named(v *crash.Verdict) []string {
	var ids []string
	add := func(list ...string) {
		for _, id := range list {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for i := range v.Matches {
		m := &v.Matches[i]
		add(m.Fixes...)
		add(m.ExposedBy...)
		add(m.IntroducedBy...)
	}
	for i := range v.Suspects {
		add(v.Suspects[i].Commit)
	}
	return ids
}
