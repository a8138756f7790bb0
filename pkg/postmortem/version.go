package postmortem

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

const maxVersion = 128

// readVersion finds the version, the most reliable place first: beside the
// marker in the executable's .data, in the statistics page's title beside it,
// in the copy that HAProxy puts into its own environment since 2.3.
func (f *Findings) readVersion(c *elfcore.Core, hits hitsOf) {
	r := reader{c: c}
	main := c.MainModule()
	inMain := func(at uint64) bool { return main == nil || at >= main.Start && at < main.End }
	for _, at := range hits[litMarker] {
		if !inMain(at) {
			continue
		}
		if v, where := besideMarker(&r, at); v != "" {
			f.Version, f.VersionAddress = v, where
			break
		}
	}
	for _, at := range hits[litReleased] {
		v, date, where := released(&r, at)
		if v == "" || !inMain(at) || f.Version != "" && v != f.Version {
			continue
		}
		if f.Version == "" {
			f.Version, f.VersionAddress = v, where
		}
		f.Released = date
		break
	}
	if f.Version != "" {
		return
	}
	// A client can put a version there too, but not take HAProxy's own away: two that
	// differ tell nothing.
	for _, at := range hits[litEnvironment] {
		where := at + uint64(len(literals()[litEnvironment]))
		v := r.from(where, maxVersion)
		switch {
		case !isVersion(v):
		case f.Version == "":
			f.Version, f.VersionAddress = v, where
		case f.Version != v:
			f.Version, f.VersionAddress = "", 0
			return
		}
	}
}

// besideMarker reads the version on either side of the marker.
//
// Folklore: src/version.c defines the marker first and the version after it;
// gcc puts the version before the marker, other compilers behind it. The
// strings between are padded with NULs, and a date stands among them.
func besideMarker(r *reader, at uint64) (version string, where uint64) {
	b := string(r.before(at, maxVersion))
	end := strings.TrimRight(b, "\x00")
	start := strings.LastIndexByte(end, 0) + 1
	if isVersion(end[start:]) {
		return end[start:], at - uint64(len(b)-start)
	}
	after := at + uint64(len(versionMarker))
	b = string(r.read(after, maxVersion))
	trimmed := strings.TrimLeft(b, "\x00")
	v, _, _ := strings.Cut(trimmed, "\x00")
	if isVersion(v) {
		return v, after + uint64(len(b)-len(trimmed))
	}
	return "", 0
}

// released reads " version V, released D" around the literal at at.
func released(r *reader, at uint64) (version, date string, where uint64) {
	const lead = " version "
	b := string(r.before(at, maxVersion))
	i := strings.LastIndex(b, lead)
	if i < 0 || !isVersion(b[i+len(lead):]) {
		return "", "", 0
	}
	version, where = b[i+len(lead):], at-uint64(len(b)-i-len(lead))
	date = r.from(at+uint64(len(", released ")), 32)
	if strings.ContainsAny(date, "%<> \n") {
		date = ""
	}
	return version, date, where
}

// isVersion says whether s looks like 3.2-dev5-37e84676c or 2.6.12-1+deb12u4.
func isVersion(s string) bool {
	if len(s) < 3 || len(s) > maxVersion-1 {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte("/,;<>%\"'", s[i]) >= 0 {
			return false
		}
	}
	major, rest, ok := strings.Cut(s, ".")
	n, _, _ := lex.Int(major)
	return ok && n > 0 && len(major) <= 2 && rest != "" && lex.IsDigit(rest[0])
}

// readBuild finds how HAProxy was built. 3.x keep it in .data, 2.x only in .rodata, which is
// not dumped. What the components of 3.1 and later say of it lies on the heap, and is read
// by pointers: a client could send such a text.
func (f *Findings) readBuild(c *elfcore.Core, hits hitsOf) {
	const maxBuild = 8 << 10
	r := reader{c: c}
	main := c.MainModule()
	inMain := func(at uint64) bool { return main == nil || at >= main.Start && at < main.End }
	for _, at := range hits[litTarget] {
		if text := r.from(at, maxBuild); inMain(at) && strings.Contains(text, "\n  ") {
			f.BuildOptions = strings.TrimRight(text, "\n")
			break
		}
	}
	for _, at := range hits[litTargetVar] {
		if f.BuildOptions != "" {
			break
		}
		line, _, _ := strings.Cut(r.from(at, maxBuild), "\n")
		if inMain(at) && strings.Contains(line, "' USE_") {
			f.BuildOptions = line
		}
	}
	for _, lit := range []int{litFeatures, litNoFeatures} {
		for _, at := range hits[lit] {
			line, _, _ := strings.Cut(r.from(at, maxBuild), "\n")
			if words := strings.Fields(line); inMain(at) && len(words) > len(f.Features) && areFeatures(words) {
				f.Features = words
			}
		}
	}
}

func areFeatures(words []string) bool {
	if len(words) < 4 {
		return false
	}
	for _, w := range words {
		if len(w) < 2 || w[0] != '+' && w[0] != '-' {
			return false
		}
	}
	return true
}
