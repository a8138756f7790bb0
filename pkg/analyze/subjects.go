package analyze

import "github.com/hacrash/hacrash/pkg/crash"

// WithSubjects gives each verdict the subjects of the commits that it names, before
// the crash goes on to sink. An empty subject is one that is not known; an error ends
// the run.
func WithSubjects(subject func(commit string) (string, error), sink Sink) Sink {
	return func(c *crash.Crash) error {
		if c.Verdict == nil {
			return sink(c)
		}
		for _, id := range c.Verdict.Named() {
			s, err := subject(id)
			if err != nil {
				return err
			}
			if s != "" {
				c.Verdict.Commits = append(c.Verdict.Commits, crash.Commit{Commit: id, Subject: s})
			}
		}
		return sink(c)
	}
}
