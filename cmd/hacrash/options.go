package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/source"
)

// versionFlag reads --haproxy-version; the zero Version is none.
func versionFlag(s string) (haproxy.Version, error) {
	if s == "" {
		return haproxy.Version{}, nil
	}
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		return v, usageError{fmt.Errorf("--haproxy-version %s: %w", s, err)}
	}
	return v, nil
}

// oneOf refuses a value that an option does not know.
func oneOf(option, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return usageError{fmt.Errorf("--%s %s: not known; take one of %s", option, value, strings.Join(known, ", "))}
}

// withSubjects hands on who tells the subjects of commits, from a clone; nil if none is named.
func withSubjects(ctx context.Context, git string, use func(of func(commit string) (string, error)) error) error {
	if git == "" {
		return use(nil)
	}
	clone, err := history.OpenSubjects(ctx, git)
	if err != nil {
		return fmt.Errorf("--git %w", err)
	}
	defer clone.Close()
	return use(clone.Of)
}

// small reads a file of at most so many bytes; "-" is stdin.
func (p *program) small(name string, most int64) ([]byte, error) {
	if name != "-" {
		return source.Small(name, most)
	}
	text, err := io.ReadAll(io.LimitReader(p.stdin, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("more than %d MiB; cut out of it what matters", most>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return text, nil
}
