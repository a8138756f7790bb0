package signatures

import "strings"

// The forms are checked by hand and not by regexps: this package is linked into
// the program, and compiling them would cost every start.

func only(s, set string) bool { return strings.Trim(s, set) == "" }

const digits = "0123456789"

func isNumber(s string) bool { return s != "" && len(s) < 8 && only(s, digits) }

func isCommit(s string) bool { return len(s) >= 10 && len(s) <= 40 && only(s, digits+"abcdef") }

func isID(s string) bool {
	return s != "" && only(s, digits+"abcdefghijklmnopqrstuvwxyz-") &&
		s[0] != '-' && s[len(s)-1] != '-' && !strings.Contains(s, "--")
}

func isCVE(s string) bool {
	s, ok := strings.CutPrefix(s, "CVE-")
	year, n, dash := strings.Cut(s, "-")
	return ok && dash && len(year) == 4 && isNumber(year) && len(n) >= 4 && isNumber(n)
}

func isDate(s string) bool {
	p := strings.Split(s, "-")
	return len(s) == 10 && len(p) == 3 && len(p[0]) == 4 && len(p[1]) == 2 &&
		isNumber(p[0]) && isNumber(p[1]) && isNumber(p[2])
}

func isBranch(s string) bool {
	major, minor, ok := strings.Cut(s, ".")
	return ok && isNumber(major) && isNumber(minor)
}

// isVersion accepts X.Y.Z, X.Y-devN and X.Y-rcN.
func isVersion(s string) bool {
	branch, n, ok := strings.Cut(s, "-")
	if !ok {
		i := strings.LastIndexByte(s, '.')
		return i > 0 && isBranch(s[:i]) && isNumber(s[i+1:])
	}
	n, dev := strings.CutPrefix(n, "dev")
	n, rc := strings.CutPrefix(n, "rc")
	return isBranch(branch) && (dev || rc) && isNumber(n)
}
