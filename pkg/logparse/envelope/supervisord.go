package envelope

import "strings"

// supervisord remembers whose output a log of supervisord shows, at its level debug: the
// child's lines follow as they are, until the next one with a time.
//
//	2026-11-30 22:36:35,123 DEBG 'web' stdout output:
//	what web printed
type supervisord struct {
	child string
	next  int64 // number of the line that may be the child's
}

// of names the child that printed s, or nobody.
func (v *supervisord) of(s string, number int64) string {
	if v.child != "" && number != v.next {
		v.child = ""
	}
	v.next = number + 1
	_, n, fraction, ok := isoStamp(s)
	if !ok || fraction != 3 || s[n-4] != ',' {
		return v.child
	}
	v.child = ""
	rest, ok := strings.CutPrefix(s[n:], " DEBG '")
	name, output, closed := strings.Cut(rest, "' ")
	if ok && closed && (output == "stdout output:" || output == "stderr output:") {
		v.child = short(name)
	}
	return ""
}
