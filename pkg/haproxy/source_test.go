package haproxy

import "testing"

func TestSourceFile(t *testing.T) {
	for path, want := range map[string]string{
		"/build/haproxy-3.0.2/src/quic_tx.c": "src/quic_tx.c", "src/cli.c": "src/cli.c", "/usr/src/haproxy/include/haproxy/fd.h": "include/haproxy/fd.h",
		"/src/a/addons/promex/x.c": "addons/promex/x.c", "mysrc/x.c": "", "log.c": "", "": "",
	} {
		got, ok := SourceFile(path)
		if ok != (want != "") || ok && got != want || !ok && got != path {
			t.Errorf("%s: %q, %t; want %q", path, got, ok, want)
		}
	}
}
