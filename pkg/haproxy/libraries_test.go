package haproxy

import "testing"

func TestKnownLibrary(t *testing.T) {
	for _, name := range []string{
		"/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libc-2.31.so", "libpthread-2.31.so", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1",
		"/lib/ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1", "/usr/lib/libcrypto.so.1.1", "libssl.so.3", "libpcre2-8.so.0.11.2", "libpcre2-posix.so.3",
		"liblua5.3.so.0.0.0", "liblua5.4-c++.so.5.4", "libsystemd.so.0", "libz.so.1.2.13", "libcap.so.2", "liblz4.so.1", "libzstd.so.1", "libgcc_s.so.1",
		"libnss_files.so.2", "[vdso]", "linux-vdso.so.1", "libjemalloc.so.2", "libm.so.6", "libcrypt.so.1", "libgcrypt.so.20", "libgpg-error.so.0",
	} {
		if !KnownLibrary(name) {
			t.Errorf("%s is not known", name)
		}
	}
	for _, name := range []string{"/opt/agent/liboneagentproc.so", "evil.so", "/usr/lib/lua/5.3/cjson.so", "libcurl.so.4", "/usr/sbin/haproxy", "", "libcevil.so", "/tmp/libc"} {
		if KnownLibrary(name) {
			t.Errorf("%s is known", name)
		}
	}
}
