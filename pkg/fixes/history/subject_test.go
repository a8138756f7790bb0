package history

import (
	"strings"
	"testing"
)

func TestParseSubject(t *testing.T) {
	for _, tc := range []struct {
		in, severity, subsystems, text string
		revert                         bool
	}{
		{in: "BUG/MEDIUM: mux-h2: wake the stream up", severity: "MEDIUM", subsystems: "mux-h2", text: "wake the stream up"},
		{in: "BUG/MINOR: ssl/ckch: free the entry", severity: "MINOR", subsystems: "ssl ckch", text: "free the entry"},
		{in: "BUG/MAJOR: Lua, h1: do not loop", severity: "MAJOR", subsystems: "lua h1", text: "do not loop"},
		{in: "BUG/CRITICAL: hpack: check the index", severity: "CRITICAL", subsystems: "hpack", text: "check the index"},
		{in: "BUG/MINOR mux-quic: no colon before", severity: "MINOR", subsystems: "mux-quic", text: "no colon before"},
		{in: "BUG/MEDIUM: mux-spop; other colon", severity: "MEDIUM", subsystems: "mux-spop", text: "other colon"},
		{in: "BUG/MEIDUM: mworker: two letters turned", severity: "MEDIUM", subsystems: "mworker", text: "two letters turned"},
		{in: "BUG/MINIR: proxy: one letter off", severity: "MINOR", subsystems: "proxy", text: "one letter off"},
		{in: "BUG/MIONR: quic: two letters turned", severity: "MINOR", subsystems: "quic", text: "two letters turned"},
		{in: "BUG: hlua: no severity", subsystems: "hlua", text: "no severity"},
		{in: "BUG/BUILD: stats: the build is broken", subsystems: "stats", text: "the build is broken"},
		{in: "BUG/MINOR: a sentence without any name", severity: "MINOR", text: "a sentence without any name"},
		{in: "BUG/MINOR: mux-quic no colon at all", severity: "MINOR", subsystems: "mux-quic", text: "no colon at all"},
		{in: "BUG/MINOR: this is a long sentence that has one: there", severity: "MINOR", text: "this is a long sentence that has one: there"},
		{in: `Revert "BUG/MEDIUM: dns: bound the work"`, subsystems: "dns", text: "bound the work", revert: true},
		{in: `Revert "Revert "BUG/MEDIUM: dns: bound the work""`, subsystems: "dns", text: "bound the work"},
	} {
		got, ok := parseSubject(tc.in)
		if !ok || got.Severity != tc.severity || strings.Join(got.Subsystems, " ") != tc.subsystems || got.Text != tc.text || got.Revert != tc.revert {
			t.Errorf("%s: got %+v, %v", tc.in, got, ok)
		}
	}
	for _, in := range []string{"", "BUG", "BUGS: many", "MINOR: debug: add a BUG_ON", `Revert "MINOR: cli: add a word"`, "DOC: BUG/MINOR: x", "bug/minor: x: y"} {
		if got, ok := parseSubject(in); ok {
			t.Errorf("%q is taken for a fix: %+v", in, got)
		}
	}
}
