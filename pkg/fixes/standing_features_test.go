package fixes

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/haconf"
)

func TestNotBuilt(t *testing.T) {
	b, err := haconf.ParseBuild(`HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/
Status: long-term supported branch
Feature list : -51DEGREES +ACCEPT4 -DEVICEATLAS +LUA +NS +OPENSSL -OT +PROMEX -QUIC -WURFL -ZLIB
`)
	if err != nil {
		t.Fatal(err)
	}
	if b.Version.String() != "2.6.12" || b.Version.Suffix == "" || b.Day.Format("2006-01-02") != "2026-10-17" {
		t.Errorf("%+v", b)
	}
	for _, c := range []struct {
		subsystems, files string
		want              string
	}{
		{"quic", "src/quic_conn.c", "QUIC"},
		{"mux-quic h3", "src/mux_quic.c src/h3.c", "QUIC"},
		{"quic server", "src/server.c", ""},
		{"quic server", "src/quic_rx.c include/haproxy/quic_rx.h", "QUIC"},
		{"quic wurfl", "src/x.c", ""}, // two features: either may bring it
		{"", "src/hlua.c", ""},
		{"hlua", "src/hlua.c", ""},
		{"wurfl", "addons/wurfl/wurfl.c", "WURFL"},
		{"opentracing", "addons/ot/src/scope.c", "OT"},
		{"51d", "addons/51degrees/51d.c", "51DEGREES"},
		{"stream", "src/stream.c", ""},
		{"", "doc/configuration.txt", ""},
		{"", "", ""},
	} {
		f := &Fix{Subsystems: strings.Fields(c.subsystems), Files: strings.Fields(c.files)}
		if got := f.NotBuilt(&b); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.subsystems, c.files, got, c.want)
		}
	}
	old, err := haconf.ParseBuild("HA-Proxy version 2.2.9-2+deb11u6 2023/12/07 - https://haproxy.org/\nFeature list : +EPOLL -LUA\n")
	if err != nil || old.Version.String() != "2.2.9" || (&Fix{Subsystems: []string{"hlua"}}).NotBuilt(&old) != "LUA" {
		t.Errorf("%+v, %v", old, err)
	}
	// QUIC is not named in the list of 2.2: nothing is said of it.
	if name := (&Fix{Subsystems: []string{"quic"}}).NotBuilt(&old); name != "" {
		t.Errorf("QUIC: %q", name)
	}
}

func FuzzNotBuilt(f *testing.F) {
	f.Add("HAProxy version 2.6.12-1+deb12u4 2026/10/17 - x\nFeature list : -QUIC +LUA\n", "quic", "src/h3.c")
	f.Fuzz(func(t *testing.T, text, subsystem, file string) {
		b, err := haconf.ParseBuild(text)
		if err != nil {
			return
		}
		name := (&Fix{Subsystems: []string{subsystem}, Files: []string{file}}).NotBuilt(&b)
		if name != "" && !b.Without(name) {
			t.Fatalf("%q is not left out", name)
		}
	})
}
