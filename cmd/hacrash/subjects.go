package main

import (
	"context"
	"fmt"

	"github.com/hacrash/hacrash/pkg/fixes/history"
)

// clone tells subjects of commits out of the user's clone of HAProxy (--git).
type clone struct {
	dir      string
	subjects *history.Subjects
}

// openClone opens the clone in a directory; Close is needed afterwards.
func openClone(ctx context.Context, dir string) (*clone, error) {
	c := &clone{dir: dir}
	var err error
	if c.subjects, err = history.OpenSubjects(ctx, dir); err != nil {
		return nil, c.failed(err)
	}
	return c, nil
}

func (c *clone) failed(err error) error {
	return fmt.Errorf("--git %s: the subjects cannot be read: %w", c.dir, err)
}

// subject is that of a commit; empty if the clone has no such.
func (c *clone) subject(commit string) (string, error) {
	s, err := c.subjects.Of(commit)
	if err != nil {
		return "", c.failed(err)
	}
	return s, nil
}

func (c *clone) Close() { c.subjects.Close() }
