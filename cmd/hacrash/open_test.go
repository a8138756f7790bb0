package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestOpenWithoutOpener: whoever cannot be shown the page is told so before anything is read.
func TestOpenWithoutOpener(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out, errs bytes.Buffer
	code := Run(t.Context(), []string{"analyze", "--open", "-"}, strings.NewReader("FATAL: bug condition \"x\" matched at src/htx.c:412\n"), &out, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "xdg-open is not installed; write the page with --format html -o FILE") || out.Len() > 0 {
		t.Errorf("%d: %s%s", code, out.String(), errs.String())
	}
}
