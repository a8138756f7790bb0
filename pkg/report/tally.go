package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// tally counts crashes by what they amount to, for the summary at the end. Its
// size does not depend on how many crashes there are.
type tally struct {
	rows   []tallyRow
	index  map[string]int
	others int // crashes that found no room
}

type tallyRow struct {
	kind, version, verdict, id, first, last, fingerprint string
	count                                                int
}

// maxTally bounds the rows that are kept, showTally those that are printed.
const (
	maxTally  = 1024
	showTally = 30
)

// sameAs is equal for crashes whose report would read the same but for time
// and process; empty when that cannot be told.
func sameAs(c *crash.Crash) string {
	if c.Fingerprint == "" {
		return ""
	}
	word, id := verdictOf(c)
	return strings.Join([]string{c.Fingerprint, string(c.Kind), versionOf(c), word, id, c.Provoked}, "\x00")
}

func versionOf(c *crash.Crash) string {
	if c.Process == nil {
		return ""
	}
	return c.Process.Version
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

func (t *tally) add(c *crash.Crash) {
	word, id := verdictOf(c)
	row := tallyRow{kind: string(c.Kind), version: versionOf(c), verdict: word, id: id, fingerprint: c.Fingerprint,
		first: c.Time, last: c.Time, count: 1}
	key := strings.Join([]string{row.kind, row.version, word, id, row.fingerprint}, "\x00")
	if t.index == nil {
		t.index = map[string]int{}
	}
	if i, ok := t.index[key]; ok {
		t.rows[i].count++
		if c.Time != "" {
			t.rows[i].last = c.Time
		}
		return
	}
	if len(t.rows) == maxTally {
		t.others++
		return
	}
	t.index[key] = len(t.rows)
	t.rows = append(t.rows, row)
}

// sorted gives the rows, the most frequent first.
func (t *tally) sorted() []tallyRow {
	rows := slices.Clone(t.rows)
	slices.SortStableFunc(rows, func(a, b tallyRow) int { return b.count - a.count })
	return rows
}

// summary prints the tally.
func (s *textStream) summary() error {
	var rows [][]string
	list := s.tally.sorted()
	rest := s.tally.others
	for i, r := range list {
		if i == showTally {
			for _, x := range list[i:] {
				rest += x.count
			}
			break
		}
		cell := func(max int, lines ...string) string {
			var out []string
			for _, l := range lines {
				if l != "" {
					out = append(out, clip(Escape(l), max))
				}
			}
			return strings.Join(out, "\n")
		}
		if r.last == r.first {
			r.last = ""
		}
		rows = append(rows, []string{
			strconv.Itoa(r.count),
			cell(18, r.kind, r.version),
			cell(s.o.Width-52, r.verdict, r.id, r.fingerprint),
			cell(25, r.first, r.last),
		})
	}
	header := []string{"COUNT", "KIND, VERSION", "VERDICT, FINGERPRINT", "FIRST, LAST SEEN"}
	if err := s.table("", header, rows); err != nil {
		return err
	}
	if rest > 0 {
		s.line(number(int64(rest)) + " more of other kinds")
	}
	s.line(plural(s.n, "crash") + " in all")
	return nil
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
