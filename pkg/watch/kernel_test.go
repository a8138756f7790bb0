package watch

import "testing"

// The numbers of the kernel's ring begin again with each boot, and the cursor outlives it.
func TestKernelCursor(t *testing.T) {
	for _, c := range []struct {
		boot, number, cursor string
		want                 bool
	}{
		{"a", "7", "", true},
		{"a", "7", "a 6", true},
		{"a", "7", "a 7", false},
		{"a", "6", "a 7", false},
		{"b", "6", "a 7", true},
		{"a", "x", "a 7", false},
		{"a", "7", "damaged", true},
		{"", "6", " 7", false},
	} {
		if got := newer(c.boot, c.number, c.cursor); got != c.want {
			t.Errorf("newer(%q, %q, %q) is %v", c.boot, c.number, c.cursor, got)
		}
	}
}
