package logparse

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/join"
)

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
