package history

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// subject is the first line of a commit that fixes a bug, taken apart.
type subject struct {
	// Severity is MINOR, MEDIUM, MAJOR or CRITICAL; "" when it has none.
	Severity   string
	Subsystems []string
	// Text is what is left.
	Text string
	// Revert is set when the commit takes a fix back; the rest is that fix's.
	Revert bool
}

var severities = []string{"MINOR", "MEDIUM", "MAJOR", "CRITICAL"}

// parseSubject reads "BUG/<severity>: <subsystem>[/<subsystem>...]: text" and
// what was written in its place: no colon behind the severity, ";" for ":", a
// misspelt severity, no severity or subsystem at all. False: no fix of a bug.
func parseSubject(s string) (subject, bool) {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "Revert "); ok {
		sub, ok := parseSubject(strings.Trim(inner, `" `))
		sub.Severity, sub.Revert = "", !sub.Revert
		return sub, ok
	}
	rest, ok := strings.CutPrefix(s, "BUG")
	if !ok || rest == "" {
		return subject{}, false
	}
	var sub subject
	switch rest[0] {
	case '/':
		n := 1
		for n < len(rest) && rest[n] >= 'A' && rest[n] <= 'Z' {
			n++
		}
		sub.Severity = severity(rest[1:n])
		rest = rest[n:]
	case ':', ';', ' ':
	default:
		return subject{}, false // BUGFIX, BUGS: no form of HAProxy's
	}
	rest = strings.TrimLeft(rest, ":; /")
	sub.Subsystems, sub.Text = subsystems(rest)
	return sub, true
}

// severity finds the severity that was meant: "MEIDUM", "MINIR", "MIONR" have been
// seen. BUILD and other words are none.
func severity(word string) string {
	best, least := "", 3
	for _, s := range severities {
		if d := distance(word, s); d < least && len(word) >= 4 {
			best, least = s, d
		}
	}
	return best
}

// distance is how many letters must be changed, added or dropped.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

const (
	maxSubsystem  = 24 // letters
	maxSubsystems = 6
)

// subsystems reads "mux-h2/quic: text". What stands before the colon must look
// like names: a sentence with a colon in it has no subsystem.
func subsystems(s string) ([]string, string) {
	i := strings.IndexAny(s, ":;")
	if i <= 0 {
		return firstWord(s)
	}
	var list []string
	for name := range strings.FieldsFuncSeq(s[:i], func(r rune) bool { return r == '/' || r == ',' || r == '&' || r == '+' }) {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if !isSubsystem(name) || len(list) == maxSubsystems {
			return firstWord(s)
		}
		list = append(list, name)
	}
	return list, strings.TrimSpace(s[i+1:])
}

// firstWord is for "BUG/MINOR mux-quic apply timeout": only a name with a dash or
// an underscore is taken for a subsystem when no colon says so.
func firstWord(s string) ([]string, string) {
	word, rest, _ := strings.Cut(s, " ")
	if word == strings.ToLower(word) && isSubsystem(word) && strings.ContainsAny(word, "-_") {
		return []string{word}, rest
	}
	return nil, s
}

func isSubsystem(s string) bool {
	if len(s) > maxSubsystem || strings.Count(s, " ") > 1 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !lex.IsWord(c) && c != '-' && c != '.' && c != ' ' {
			return false
		}
	}
	return true
}
