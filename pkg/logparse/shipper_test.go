package logparse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/join"
)

// prefixes are what tools put before each line of a log; %d is the number of the line.
var prefixes = map[string]string{
	"stern":           "haproxy-7d9f8c-abcde haproxy ",
	"stern -t":        "haproxy-7d9f8c-abcde haproxy 2025-02-10T09:12:44.12345678%dZ ",
	"stern, colours":  "\x1b[35mhaproxy-7d9f8c-abcde\x1b[0m \x1b[95mhaproxy\x1b[0m ",
	"kail":            "default/haproxy-7d9f8c-abcde[haproxy]: ",
	"podman --names":  "haproxy ",
	"podman, id":      "3f0d9c1a2b4e ",
	"logcli":          `2025-02-10T09:12:4%dZ {app="haproxy", host="lb1"} `,
	"grafana":         "2025-02-10T09:12:44.00%dZ\t",
	"grafana, local":  "2025-02-10 09:12:44.12%d\t",
	"aws logs tail":   "2025-02-10T09:12:44.12300%d+00:00 haproxy/haproxy/abc ",
	"stamp, level":    "[2025-03-26 11:04:0%d UNKNOWN] ",
	"heroku":          "2025-02-10T09:12:44.12345%d+00:00 app[web.1]: ",
	"grep -H":         "/var/log/haproxy/stderr.log:",
	"grep -n":         "10%d:",
	"grep -Hn":        "haproxy.log:10%d:",
	"less -N":         "    10%d\t",
	"pssh, syslog":    "lb1: Feb  2 12:04:44 lb1 haproxy[8043]: ",
	"grep -H, syslog": "/var/log/haproxy.log:Feb  2 12:04:44 lb1 haproxy[8043]: ",
	"grep -C, syslog": "/var/log/haproxy.log-Feb  2 12:04:44 lb1 haproxy[8043]: ",
	"grep -n, syslog": "10%d:Feb  2 12:04:44 lb1 haproxy[8043]: ",
	"less -N, syslog": "    10%d\tFeb  2 12:04:44 lb1 haproxy[8043]: ",
	"quoted, syslog":  ">Feb  2 12:04:44 lb1 haproxy[8043]: ",
}

// A dump behind a prefix gives the crash that the bare one gives.
func TestShippers(t *testing.T) {
	for _, sample := range []string{"bug-2.6", "panic-2.0", "panic-3.4", "spin-g3", "spin-g4", "pool-tag", "watchdog-2.6"} {
		var bare strings.Builder
		var lines []string
		for line := range strings.Lines(samples(t)[sample]) {
			lines = append(lines, bareText(line))
			bare.WriteString(lines[len(lines)-1] + "\n")
		}
		want := joinedOf(t, bare.String())
		for name, prefix := range prefixes {
			var b strings.Builder
			for i, line := range lines {
				b.WriteString(strings.ReplaceAll(prefix, "%d", fmt.Sprint(i%10)) + line + "\n")
			}
			got := joinedOf(t, b.String())
			if len(got) != len(want) {
				t.Errorf("%s, %s: %d crashes, want %d", sample, name, len(got), len(want))
				continue
			}
			for i := range got {
				g, w := facts(got[i]), facts(want[i])
				if strings.Contains(name, "syslog") { // it tells a pid
					g, w = withoutPID(g), withoutPID(w)
				}
				if g != w {
					t.Errorf("%s, %s:\ngot  %s\nwant %s", sample, name, g, w)
				}
			}
		}
	}
}

// The lines of two pods go to two dumps.
func TestShippedPods(t *testing.T) {
	var b strings.Builder
	for line := range strings.Lines(samples(t)["panic-2.0"]) {
		line = bareText(line) + "\n"
		b.WriteString("haproxy-7d9f8c-abcde haproxy " + line + "haproxy-7d9f8c-fghij haproxy " + line)
	}
	parts, err := Lines(t.Context(), b.String(), "x")
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]int{}
	for i := range parts {
		if parts[i].Role == join.Head {
			hosts[parts[i].Crash.Host] += len(parts[i].Crash.Threads)
		}
	}
	if len(hosts) != 2 || hosts["haproxy-7d9f8c-abcde"] != 2 || hosts["haproxy-7d9f8c-fghij"] != 2 {
		t.Errorf("threads by host: %v", hosts)
	}
}

func withoutPID(s string) string {
	before, after, ok := strings.Cut(s, " pid=")
	if !ok {
		return s
	}
	_, after, _ = strings.Cut(after, " ")
	return before + " " + after
}

// What stands before a headline is a prefix or somebody's sentence.
func TestPrefixNames(t *testing.T) {
	for _, c := range []struct {
		prefix             string
		header, bare, head bool
	}{
		{prefix: "haproxy-7d9f8c-abcde haproxy", bare: true, head: true},
		{prefix: "haproxy-7d9f8c-abcde nginx"},
		{prefix: "default/haproxy-7d9f8c-abcde[nginx]:"},
		{prefix: "2025-02-10 09:12:44.123", bare: true, head: true},
		{prefix: "192.0.2.9"},
		{prefix: "192.0.2.9:4711"},
		{prefix: "200 0"},
		{prefix: "lb1:", bare: true, head: true},
		{prefix: "web1:", head: true},
		{prefix: "srv7.example.com:", head: true},
		{prefix: "agent:"},
		{prefix: "/index.html"},
		{prefix: "haproxy ua=x"},
		{prefix: "/var/log/haproxy.log:", bare: true, head: true},
		{prefix: "haproxy.log:12:", bare: true, head: true},
		{prefix: "/var/log/nginx/error.log:12:", head: true},
		{prefix: "haproxy_exporter.log:", head: true},
		{prefix: "/srv/redis1/haproxy.log:", bare: true, head: true},
		{prefix: ">", head: true},
	} {
		if got := names(c.prefix, false); got != c.bare {
			t.Errorf("%q before a text: %v", c.prefix, got)
		}
		if got := names(c.prefix, true); got != c.head && (c.head || !strings.ContainsAny(c.prefix, "0123456789")) {
			t.Errorf("%q before a header: %v", c.prefix, got)
		}
	}
}
