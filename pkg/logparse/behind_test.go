package logparse

import (
	"strings"
	"testing"
)

// A dump that does not count is told with its lines and what stands before them, and text
// without any is not.
func TestBehind(t *testing.T) {
	var b strings.Builder
	b.WriteString("nothing\n")
	for _, line := range dumpsOf(t)["panic-2.0"] {
		b.WriteString("our-tool|zone 3|" + line + "\n")
	}
	parts, sum := parse(t, at(b.String(), "x"), Options{})
	if len(parts) != 0 || len(sum.Others) != 1 || !strings.HasPrefix(sum.Others[0].What, "lines 2 to ") || !strings.Contains(sum.Others[0].What, `the prefix "our-tool|zone 3|"`) {
		t.Errorf("%d parts, %+v", len(parts), sum.Others)
	}
	_, sum = parse(t, at(strings.Join(dumpsOf(t)["panic-2.0"], "\n"), "x"), Options{})
	if len(sum.Others) != 0 {
		t.Errorf("of a bare dump: %+v", sum.Others)
	}
	_, sum = parse(t, at(strings.Repeat(carry("clf agent", crashTexts["bug"])+"\n", 9), "x"), Options{})
	if len(sum.Others) != 0 {
		t.Errorf("of traffic: %+v", sum.Others)
	}
}
