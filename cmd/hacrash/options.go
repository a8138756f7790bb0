package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
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
