package haproxy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Version is a version of HAProxy as its -v, its logs or a package print it:
// VERSION, then SUBVERS (a commit, and how many commits follow the tag), then
// what a packager added (Makefile: EXTRAVERSION, and the VERSION file).
type Version struct {
	// Raw is the text that was parsed.
	Raw string
	// Major and Minor are the branch.
	Major, Minor int
	// Patch is the third number; -1 for development versions and for a bare
	// branch ("2.2", "3.0.x").
	Patch int
	// Dev and RC are N of -devN and -rcN; -1 when there is none.
	Dev, RC int
	// Commit is the abbreviated commit, 6 to 40 hex digits. Archives of stable
	// releases have one too: it does not prove a development build.
	Commit string
	// CommitCount is how many commits follow the tag, 0 when not said.
	CommitCount int
	// Suffix is what a distribution or vendor added, verbatim with its
	// separator: "-1+deb12u2", "-0ubuntu0.22.04.2", "+site-e71e421".
	Suffix string
}

const (
	maxVersionText = 256
	maxVersionPart = 99999
)

// ParseVersion reads a version. Text after the first blank is not part of it.
func ParseVersion(s string) (Version, error) {
	v := Version{Patch: -1, Dev: -1, RC: -1}
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t\r\n,"); i >= 0 {
		s = s[:i]
	}
	v.Raw = s
	if len(s) > maxVersionText {
		return Version{}, fmt.Errorf("version of %d bytes: too long to be one", len(s))
	}
	bad := func() (Version, error) {
		return Version{}, fmt.Errorf("version %q: want X.Y.Z or X.Y-devN, such as 3.0.5 or 3.2-dev5", s)
	}
	rest := strings.TrimPrefix(s, "v")
	var ok bool
	if v.Major, rest, ok = number(rest); !ok || !strings.HasPrefix(rest, ".") {
		return bad()
	}
	if v.Minor, rest, ok = number(rest[1:]); !ok {
		return bad()
	}
	switch {
	case strings.HasPrefix(rest, ".x"):
		rest = rest[2:]
	case strings.HasPrefix(rest, "."):
		if v.Patch, rest, ok = number(rest[1:]); !ok {
			return bad()
		}
	case strings.HasPrefix(rest, "-dev"):
		if v.Dev, rest, ok = number(rest[4:]); !ok {
			return bad()
		}
	case strings.HasPrefix(rest, "-rc"):
		if v.RC, rest, ok = number(rest[3:]); !ok {
			return bad()
		}
	}
	if rest != "" && lex.IsWord(rest[0]) && rest[0] != '_' {
		return bad() // 2.4xyz, 2.4.1a: no form of HAProxy's
	}
	rest = v.takeCommit(rest)
	v.Suffix = rest
	return v, nil
}

// takeCommit reads "-<hash>[-<n>]" and returns what follows.
func (v *Version) takeCommit(s string) string {
	if !strings.HasPrefix(s, "-") {
		return s
	}
	n := 1
	digits := true
	for n < len(s) && lex.IsHex(s[n]) {
		digits = digits && s[n] <= '9'
		n++
	}
	hash := s[1:n]
	if len(hash) < 6 || len(hash) > 40 || n < len(s) && s[n] != '-' && s[n] != '+' {
		return s
	}
	// A packager's date (2.8.3-20230907) looks like a hash of digits.
	if digits && len(hash) == 8 && strings.HasPrefix(hash, "20") {
		return s
	}
	v.Commit = hash
	s = s[n:]
	if !strings.HasPrefix(s, "-") {
		return s
	}
	count, rest, ok := number(s[1:])
	if !ok || rest != "" && rest[0] != '+' && rest[0] != '-' {
		return s
	}
	v.CommitCount = count
	return rest
}

func number(s string) (n int, rest string, ok bool) {
	n, rest, ok = lex.Int(s)
	return n, rest, ok && n <= maxVersionPart
}

// String is the version without commit and suffix: "3.2-dev5", "2.8.3", "2.2".
func (v Version) String() string {
	s := v.Branch()
	switch {
	case v.Dev >= 0:
		return s + "-dev" + strconv.Itoa(v.Dev)
	case v.RC >= 0:
		return s + "-rc" + strconv.Itoa(v.RC)
	case v.Patch >= 0:
		return s + "." + strconv.Itoa(v.Patch)
	}
	return s
}

// Branch is "X.Y".
func (v Version) Branch() string { return strconv.Itoa(v.Major) + "." + strconv.Itoa(v.Minor) }

// IsDev says that the version comes from the development of its branch, before
// X.Y.0.
func (v Version) IsDev() bool { return v.Dev >= 0 || v.RC >= 0 }

// LongTerm says that the branch is one with long-term support: those of even numbers are.
func (v Version) LongTerm() bool { return v.Minor%2 == 0 }

// BranchOnly says that the release within the branch is not known.
func (v Version) BranchOnly() bool { return v.Patch < 0 && !v.IsDev() }

// Distro says that somebody other than HAProxy's authors named this build, so
// that it may carry patches of its own.
func (v Version) Distro() bool { return v.Suffix != "" }

// CompareBranch compares the branches of v and w: -1, 0 or 1.
func (v Version) CompareBranch(w Version) int {
	if v.Major != w.Major {
		return sign(v.Major - w.Major)
	}
	return sign(v.Minor - w.Minor)
}

// Compare gives -1, 0 or 1 as v is older than, the same as or newer than w: by
// branch, and within it X.Y-devN < X.Y-rcN < X.Y.0 < X.Y.1. A bare branch stands
// before everything of it. Between builds of one tag the count of commits
// decides; hashes and suffixes do not.
func (v Version) Compare(w Version) int {
	if c := v.CompareBranch(w); c != 0 {
		return c
	}
	a, b := v.stage(), w.stage()
	for i := range a {
		if a[i] != b[i] {
			return sign(a[i] - b[i])
		}
	}
	return sign(v.CommitCount - w.CommitCount)
}

// stage is (stage of the branch's life, number within it).
func (v Version) stage() [2]int {
	switch {
	case v.Dev >= 0:
		return [2]int{1, v.Dev}
	case v.RC >= 0:
		return [2]int{2, v.RC}
	case v.Patch >= 0:
		return [2]int{3, v.Patch}
	}
	return [2]int{}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
