package haproxy

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func lines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// notCounted are names that IsFunction leaves out on purpose.
func notCounted(name string) bool {
	switch name {
	case "main", "usage", "sum", "deinit", "cleanup", "accept4", "relax", "malloc", "free", "calloc", "realloc", "strdup", "gzip_init",
		"put_be32", "calltrace", "dump_hex", "dump_text", "dump_binary", "base64dec", "base64urldec", "complain", "hard_stop", "soft_stop",
		"parse_line", "regex_comp", "send_log", "signal_handler", "url_decode", "_init", "_fini", "_start":
		return true
	}
	return name[0] >= 'A' && name[0] <= 'Z' || strings.HasPrefix(name, "pthread_") || strings.HasPrefix(name, "mjson")
}

// functions.txt has every 40th function that Universal Ctags finds in the sources of five
// versions: a list made by another parser.
func TestIsFunctionKnowsEveryVersion(t *testing.T) {
	known, all := 0, 0
	for _, l := range lines(t, "functions.txt") {
		version, name, _ := strings.Cut(l, " ")
		if notCounted(name) {
			continue
		}
		all++
		if IsFunction(name) {
			known++
		} else {
			t.Logf("%s: %s is not known", version, name)
		}
	}
	if all < 600 || known < all*995/1000 {
		t.Errorf("%d of %d functions are known", known, all)
	}
}

func TestIsFunctionKnowsTheInstalledProgram(t *testing.T) {
	const program = "/usr/sbin/haproxy"
	if _, err := os.Stat(program); err != nil {
		t.Skip("no haproxy here")
	}
	out, err := exec.Command("nm", "-D", "--defined-only", program).Output()
	if err != nil {
		t.Skip("no nm here: ", err)
	}
	all := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) != 3 || f[1] != "T" || notCounted(f[2]) {
			continue
		}
		all++
		if !IsFunction(f[2]) {
			t.Errorf("%s is not known", f[2])
		}
	}
	if all < 1500 {
		t.Errorf("%s has only %d functions", program, all)
	}
}

// foreign-functions.txt has every 20th function that glibc, OpenSSL, Python, PCRE, SQLite,
// GLib, gdb, git and others export, and some of nginx, PostgreSQL and Varnish.
func TestIsFunctionKnowsNoOthers(t *testing.T) {
	for _, name := range lines(t, "foreign-functions.txt") {
		if IsFunction(name) {
			t.Errorf("%s is taken for a function of HAProxy", name)
		}
	}
	for _, name := range []string{"", ".", "@", "main", "cleanup", "usage", "init", "hash", "abort", "raise", "XXH64", "ha_\x00panic"} {
		if IsFunction(name) {
			t.Errorf("%q is taken for a function of HAProxy", name)
		}
	}
}

func TestIsFunctionCutsWhatCompilersAdd(t *testing.T) {
	for _, name := range []string{
		"h2_io_cb", "process_stream.isra.0", "h1_detach.part.1", "qc_send.cold", "conn_free.constprop.0.isra.0", "ssl_sock_load_ckchs.lto_priv.0",
		"stream_dump_and_crash@Base", "ebmb_insert", "__ebim_lookup", "_cebu32_insert",
	} {
		if !IsFunction(name) {
			t.Errorf("%s is not known", name)
		}
	}
}

func TestEncodeFunctions(t *testing.T) {
	data, err := EncodeFunctions(map[string]bool{"ha_panic": true, "h2_io_cb": true})
	if err != nil || len(data) != functionHead+4 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	if len(functionData) > 64<<10 || bytes.Equal(data, []byte(functionData)) {
		t.Errorf("the table has %d bytes", len(functionData))
	}
}
