package fixes

import (
	"slices"
	"strings"
)

// Of says that a fix is of a subsystem, as people call it: see IsSubsystem.
func (f *Fix) Of(name string) bool {
	return slices.ContainsFunc(f.Subsystems, func(s string) bool { return IsSubsystem(s, name) })
}

func flat(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// IsSubsystem says whether the subsystem of a commit is one as people call it: quic is quic and
// quic-be, h2 is mux-h2, lua is hlua.
func IsSubsystem(subsystem, name string) bool {
	s, n := flat(subsystem), flat(name)
	if n == "" {
		return false
	}
	for _, n := range append(aliases(n), n, "mux-"+n) {
		if s == n || strings.HasPrefix(s, n+"-") {
			return true
		}
	}
	return false
}

// aliases are other names of a subsystem.
func aliases(name string) []string {
	for _, group := range [...][]string{
		{"lua", "hlua"}, {"spoe", "flt-spoe", "spop", "mux-spop"}, {"resolvers", "dns", "resolver"}, {"peers", "peer"},
		{"stick-table", "stick-tables", "stktable", "sticktable"}, {"check", "checks", "tcp-check", "tcpcheck"}, {"server", "servers"},
		{"compression", "comp", "flt-http-comp"}, {"prometheus", "promex"}, {"httpclient", "http-client"}, {"quic", "mux-quic", "h3", "qpack", "qmux"},
		{"listener", "listeners"}, {"pattern", "patterns", "pat", "map", "maps"}, {"filter", "filters"}, {"vars", "var"}, {"thread", "threads"},
		{"mworker", "master-worker", "master"}, {"log", "logs"}, {"ssl", "tls", "ssl-sock", "ckch"}, {"cfgparse", "config"},
	} {
		if slices.Contains(group, name) {
			return group
		}
	}
	return nil
}
