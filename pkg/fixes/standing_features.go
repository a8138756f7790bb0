package fixes

import (
	"path"
	"strings"

	"github.com/hacrash/hacrash/pkg/haconf"
)

// NotBuilt gives the feature that a build was made without and that alone a fix is
// about; "" when there is none, and the bug may be in the build.
func (f *Fix) NotBuilt(b *haconf.Build) string {
	if !b.Lists() {
		return ""
	}
	if name := common(b, f.Subsystems, featureOf); name != "" {
		return name
	}
	return common(b, f.Files, func(file string) string {
		if !strings.HasSuffix(file, ".c") {
			return anyFeature
		}
		return featureOf(strings.TrimSuffix(path.Base(file), ".c"))
	})
}

// anyFeature stands for a file that does not decide, such as a header.
const anyFeature = "*"

// common is the missing feature that all words belong to, "" when there is none.
func common(b *haconf.Build, words []string, of func(string) string) string {
	name := ""
	for _, w := range words {
		switch f := of(w); {
		case f == anyFeature:
		case f == "" || !b.Without(f) || name != "" && name != f:
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
