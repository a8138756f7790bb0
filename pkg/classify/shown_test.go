package classify

import (
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// A function behind frames that are missing was not on top, unless what is missing belongs to
// a signal's handler.
func TestTopIsShown(t *testing.T) {
	for name, c := range map[string]struct {
		frames []crash.Frame
		want   bool
	}{
		"whole":              {[]crash.Frame{{Function: "h1_io_cb"}, {Function: "main"}}, true},
		"cut at the start":   {[]crash.Frame{{Function: "h1_io_cb", Number: 4}, {Function: "main", Number: 5}}, false},
		"cut before it":      {[]crash.Frame{{Function: "raise", Lead: true}, {Function: "h1_io_cb", Number: 7}}, false},
		"cut behind it":      {[]crash.Frame{{Function: "h1_io_cb"}, {Function: "main", Number: 7}}, true},
		"cut in a handler":   {[]crash.Frame{{Function: "debug_handler", Number: 3}, {Signal: true, Number: 4}, {Function: "h1_io_cb", Number: 5}}, true},
		"cut behind handler": {[]crash.Frame{{Function: "debug_handler"}, {Signal: true}, {Function: "h1_io_cb", Number: 5}}, false},
	} {
		if got := shown(&crash.Thread{Frames: c.frames}, "h1_io_cb"); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
