package form

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/redact"
)

const (
	linesAround = 20 // before the crash, and behind it
	linesApart  = 400
	maxLineKept = 400 // bytes
)

// telling are lines of a log that say something of HAProxy's state: its own messages, the service
// manager's, the kernel's. Lines of traffic are the clients' and stay away.
var telling = lex.Pattern(`\[(NOTICE|WARNING|ALERT|DIAG)\]|systemd(-coredump)?\[\d+\]: |kernel: |haproxy\.service|(Proxy|Server|backend) \S+ (started|stopped|is (UP|DOWN|going DOWN)|has no server)`)

// Around gives the lines of the log before and behind those of a crash, secrets taken out; from a
// file that the evidence names, or from what was kept of stdin. Empty if there is none.
func Around(c *crash.Crash, stdin []byte) string {
	name, first, last := "", 0, 0
	for _, e := range c.Evidence {
		number, ok := strings.CutPrefix(e.Where, "line ")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || name != "" && e.Source != name || first > 0 && (n > last+linesApart || n < first-linesApart) {
			continue
		}
		if first == 0 || n < first {
			first = n
		}
		name, last = e.Source, max(last, n)
	}
	if first == 0 {
		return ""
	}
	var in io.Reader
	if st, err := os.Stat(name); err == nil && st.Mode().IsRegular() {
		f, err := os.Open(name)
		if err != nil {
			return ""
		}
		defer f.Close()
		in = f
	} else {
		in = strings.NewReader(string(stdin))
	}
	return pick(in, first, last)
}

// pick takes the telling lines around those from first to last.
func pick(in io.Reader, first, last int) string {
	var before, behind []string
	kept := redact.NewLines(redact.Options{})
	scan := bufio.NewReaderSize(in, 64<<10)
	for n := 1; n <= last+20*linesAround && len(behind) < linesAround; n++ {
		line, err := scan.ReadString('\n')
		if n == 1 && strings.ContainsRune(line, 0) {
			return "" // packed
		}
		if (n < first || n > last) && telling().MatchString(line) {
			line = kept.Line(strings.TrimRight(line[:min(len(line), maxLineKept)], "\r\n"))
			if n < first {
				before = append(before, line)
			} else {
				behind = append(behind, line)
			}
		}
		if err != nil {
			break
		}
		if len(before) > linesAround {
			before = before[1:]
		}
	}
	if len(before)+len(behind) == 0 {
		return ""
	}
	return strings.Join(append(append(before, "[the crash, see below]"), behind...), "\n")
}
