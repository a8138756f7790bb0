package haproxy

import (
	"slices"
	"strings"
)

// An Applet is one of HAProxy's internal services.
type Applet struct {
	// Name is what dumps print between angle brackets: CLI, PEER …
	Name string
	// Handler is the symbol of its I/O handler.
	Handler string
	// Sub is the subsystem that a commit subject would name.
	Sub string
}

// applets are those of 2.0 to 3.5 (struct applet in src/*.c and
// addons/promex). Lua services print the name they were registered under, and
// so cannot be listed.
var applets = []Applet{
	{"CLI", "cli_io_handler", "cli"},
	{"MCLI", "cli_io_handler", "cli"}, // the master's; of its own from 2.4
	{"STATS", "http_stats_io_handler", "stats"},
	{"PEER", "peer_io_handler", "peers"},
	{"SPOE", "spoe_handle_appctx", "spoe"},
	{"CACHE", "http_cache_io_handler", "cache"},
	{"LUA_TCP", "hlua_socket_handler", "hlua"},
	{"PROMEX", "promex_appctx_handle_io", "promex"},
	{"SINKFWD", "sink_forward_io_handler", "sink"},
	{"SINKFWDOC", "sink_forward_oc_io_handler", "sink"},
	{"SYSLOG", "syslog_io_handler", "log"},
	{"STRMDNS", "dns_session_io_handler", "dns"},
	{"HTTPCLIENT", "httpclient_applet_io_handler", "httpclient"},
}

// Applets lists HAProxy's applets.
func Applets() []Applet { return slices.Clone(applets) }

// AppletsOfHandler gives the names of the applets that a handler serves; two for
// cli_io_handler, which the worker's and the master's CLI share.
func AppletsOfHandler(symbol string) []string {
	var names []string
	for _, a := range applets {
		if a.Handler == symbol {
			names = append(names, a.Name)
		}
	}
	return names
}

// HandlerOfApplet gives the handler of an applet, "" when the name is not one of
// HAProxy's own.
func HandlerOfApplet(name string) string {
	for _, a := range applets {
		if a.Name == name {
			return a.Handler
		}
	}
	return ""
}

// AppletName takes the angle brackets off "<CLI>". It says false for anything
// else: a server called CLI is no applet.
func AppletName(label string) (string, bool) {
	name, ok := strings.CutPrefix(label, "<")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, ">")
	if !ok || name == "" || strings.ContainsAny(name, "<> ") || name == "NONE" || name == "none" {
		return "", false
	}
	return name, true
}
