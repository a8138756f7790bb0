package report

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// sameAs is equal for crashes whose report would read the same but for time
// and process; empty when that cannot be told.
func sameAs(c *crash.Crash) string {
	if c.Fingerprint == "" {
		return ""
	}
	word, id := verdictOf(c)
	return strings.Join([]string{c.Fingerprint, string(c.Kind), c.Version(), word, id, c.Provoked}, "\x00")
}

// verdictOf is the verdict in a word, and the bug that fits best.
func verdictOf(c *crash.Crash) (word, id string) {
	v := c.Verdict
	if v == nil {
		return "", ""
	}
	if len(v.Matches) > 0 {
		id = v.Matches[0].ID
	}
	return strings.ToLower(verdictWord(v.Status)), id
}

// repeat prints a crash that was seen before in one line.
func (s *textStream) repeat(c *crash.Crash, first int) {
	text := fmt.Sprintf("crash %d: the same as crash %d", s.n, first)
	if c.Process != nil && c.Process.PID > 0 {
		text += fmt.Sprintf(", process %d", c.Process.PID)
	}
	if when := whenWhere(c); when != "" {
		text += ", " + when
	}
	if len(c.Evidence) > 0 && c.Evidence[0].Where != "" {
		text += ": " + Escape(c.Evidence[0].Where)
	}
	if !s.repeated {
		s.line("")
	}
	s.hanging("", "  ", text)
}
