package fixes

import (
	"bufio"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Build is what haproxy -vv prints of itself.
type Build struct {
	// Version has an empty Raw when the output does not tell it; Day is that of
	// the release, or of the package.
	Version haproxy.Version
	Day     time.Time
	// without are the features that were left out, by their names in the list.
	without map[string]bool
}

// At gives the build with another version than it said itself: the features stay, the
// day was that of the other.
func (b Build) At(v haproxy.Version) Build {
	if v.Raw != b.Version.Raw {
		b.Version, b.Day = v, time.Time{}
	}
	return b
}

// ParseBuild reads the output of haproxy -vv.
func ParseBuild(text string) (Build, error) {
	b := Build{}
	found := false
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		// Folklore: "HA-Proxy version" up to 2.2, "HAProxy version" from 2.3 on.
		for _, name := range []string{"HAProxy version ", "HA-Proxy version "} {
			if rest, ok := strings.CutPrefix(line, name); ok && b.Version.Raw == "" {
				b.version(rest)
			}
		}
		list, ok := strings.CutPrefix(line, "Feature list")
		if !ok {
			continue
		}
		found = true
		b.without = map[string]bool{}
		for word := range strings.FieldsSeq(list) {
			if name, ok := strings.CutPrefix(word, "-"); ok {
				b.without[name] = true
			}
		}
	}
	if err := lines.Err(); err != nil {
		return Build{}, err
	}
	if !found {
		return Build{}, errors.New(`no line "Feature list" in it; want the output of haproxy -vv`)
	}
	return b, nil
}

func (b *Build) version(s string) {
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		return
	}
	b.Version = v
	if words := strings.Fields(s); len(words) > 1 {
		if day, err := time.Parse("2006/01/02", words[1]); err == nil {
			b.Day = day
		}
	}
}

// Lacks gives the feature that a build was made without and that alone a fix is
// about; "" when there is none, and the bug may be in the build.
func (b *Build) Lacks(f *Fix) string {
	if len(b.without) == 0 {
		return ""
	}
	if name := b.common(f.Subsystems, featureOf); name != "" {
		return name
	}
	return b.common(f.Files, func(file string) string {
		if !strings.HasSuffix(file, ".c") {
			return anyFeature
		}
		return featureOf(strings.TrimSuffix(path.Base(file), ".c"))
	})
}

// anyFeature stands for a file that does not decide, such as a header.
const anyFeature = "*"

// common is the missing feature that all words belong to, "" when there is none.
func (b *Build) common(words []string, of func(string) string) string {
	name := ""
	for _, w := range words {
		switch f := of(w); {
		case f == anyFeature:
		case f == "" || !b.without[f] || name != "" && name != f:
			return ""
		default:
			name = f
		}
	}
	return name
}

// featureOf is the option of HAProxy's Makefile, without USE_, by which a
// subsystem or a source file is built; "" for what is always built.
func featureOf(word string) string {
	word = strings.ReplaceAll(word, "_", "-")
	switch word {
	case "mux-quic", "qmux", "qmux-http", "qmux-trace", "h3", "h3-stats", "qpack", "qpack-dec", "qpack-enc",
		"qpack-tbl", "hq-interop", "cfgparse-quic", "proto-quic", "xprt-quic", "xprt-qstrm":
		return "QUIC"
	case "ocsp", "crt-list", "ckch", "acme", "jws", "jwe", "ech", "cfgparse-ssl":
		return "OPENSSL"
	case "promex", "prometheus", "prometheus-exporter", "service-prometheus":
		return "PROMEX"
	case "deviceatlas", "da":
		return "DEVICEATLAS"
	case "51d", "51degrees":
		return "51DEGREES"
	case "wurfl":
		return "WURFL"
	case "opentracing", "ot":
		return "OT"
	case "slz":
		return "SLZ"
	case "namespace":
		return "NS"
	case "systemd":
		return "SYSTEMD"
	}
	head, _, _ := strings.Cut(word, "-")
	switch head {
	case "quic":
		return "QUIC"
	case "lua", "hlua":
		return "LUA"
	case "ssl":
		return "OPENSSL"
	}
	return ""
}
