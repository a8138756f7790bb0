package suspects

import (
	_ "embed"
	"path"
	"slices"
	"strings"
)

// HAProxy renames and splits what it is made of. A crash speaks in the names of its
// version, and a fix that this version lacks in names of the same time or later. So
// the tables lead from old names to new ones.

// renamed are functions that a commit gave another name, a line each, in the order of the old
// ones; internal/renames finds them.
//
//go:embed renamed.txt
var renamed string

// parts are prefixes of functions that were not renamed but written anew.
//
// Folklore: the stream interface (si_, until 2.5) became the conn-stream (cs_, 2.6)
// and then the stream connector (sc_, 2.6 on).
var parts = [...]struct{ old, new string }{{"stream_int_", "sc_app_"}, {"si_", "sc_"}}

// maxRenames bounds how often a function was renamed.
const maxRenames = 4

// later are the names that a function may have in later versions, the next one first. The
// functions below a wrapper (__task_queue) are looked for by its name too.
func later(function string) []string {
	var out []string
	for name := function; len(out) < maxRenames; {
		next := renamedTo(name)
		if next == "" || next == function || slices.Contains(out, next) {
			break
		}
		out = append(out, next)
		name = next
	}
	if len(out) > 0 {
		return out
	}
	for _, p := range parts {
		if rest, ok := strings.CutPrefix(function, p.old); ok {
			return []string{p.new + rest}
		}
	}
	if bare := strings.TrimLeft(function, "_"); bare != function {
		return []string{bare}
	}
	return nil
}

func renamedTo(function string) string {
	line := function + " "
	i := 0
	if !strings.HasPrefix(renamed, line) {
		if i = strings.Index(renamed, "\n"+line); i < 0 {
			return ""
		}
		i++
	}
	name, _, _ := strings.Cut(renamed[i+len(line):], "\n")
	return name
}

// became are the source files that parts of a file went to, by their stems.
func became(stem string) []string {
	switch stem {
	case "checks": // 2.2
		return []string{"check", "tcpcheck"}
	case "stream_interface": // 2.6
		return []string{"conn_stream", "stconn"}
	case "conn_stream": // 2.6
		return []string{"stconn"}
	case "dns": // 2.4
		return []string{"resolvers"}
	case "proto_http", "proto_htx": // 2.0, 2.1
		return []string{"http_ana", "http_act"}
	case "xprt_quic": // 2.7
		return []string{"quic_conn", "quic_rx", "quic_tx"}
	case "quic_conn": // 2.9
		return []string{"quic_rx", "quic_tx", "quic_ssl"}
	case "quic_sock":
		return []string{"quic_conn", "quic_tx"}
	case "ssl_sock": // 2.2, 2.8
		return []string{"ssl_ckch", "ssl_ocsp"}
	}
	return nil
}

// stem is a source file without directory and ending, so that src/task.c,
// include/haproxy/task.h and include/haproxy/task-t.h are one.
func stem(file string) string {
	s := path.Base(file)
	s = strings.TrimSuffix(strings.TrimSuffix(s, ".c"), ".h")
	return strings.TrimSuffix(s, "-t")
}

// subsystem is one name for what authors call by several.
func subsystem(name string) string {
	name = strings.ReplaceAll(name, "_", "-")
	switch name {
	case "lua", "hlua-fcn":
		return "hlua"
	case "dns":
		return "resolvers"
	case "stktable", "sticktable":
		return "stick-table"
	case "stream-int", "conn-stream", "stream-interface":
		return "stconn"
	case "checks", "tcpcheck", "tcp-check", "health-check":
		return "check"
	case "http-client":
		return "httpclient"
	case "flt-spoe", "mux-spop":
		return "spoe"
	case "ssl-ocsp":
		return "ocsp"
	case "prometheus-exporter", "prometheus", "service-prometheus":
		return "promex"
	case "http-htx":
		return "htx"
	case "proto-htx", "proto-http":
		return "http-ana"
	case "quic-be", "quic-conn", "quic-rx", "quic-tx", "quic-sock", "quic-ssl":
		return "quic"
	case "resolvers", "stats":
		return name
	}
	// Folklore: "tasks", "peers", "stick-tables" and the like are written with
	// and without their s.
	if s, ok := strings.CutSuffix(name, "s"); ok && len(s) > 3 && !strings.HasSuffix(s, "s") {
		return s
	}
	return name
}
