package haproxy

import "strings"

// KnownLibrary says whether a library is one that HAProxy is built with or that those
// bring along: the C library, TLS, compression, regular expressions, Lua, systemd, device
// detection, memory allocators and the run-time parts of compilers. What else lies in its
// process was loaded by a script, by LD_PRELOAD or by a module. path may be a base name.
//
// Names: what HAProxy's Makefile links (USE_*), and the dependencies of the packages of
// Debian, Alpine and Fedora.
func KnownLibrary(path string) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if strings.HasPrefix(name, "[v") || strings.HasPrefix(name, "linux-vdso") || strings.HasPrefix(name, "linux-gate") {
		return true // the kernel's own
	}
	// libssl.so.3, libc-2.31.so, ld-linux-x86-64.so.2, libpcre2-8.so.0, liblua5.4.so
	stem, _, ok := strings.Cut(name, ".so")
	if !ok {
		return false
	}
	stem = strings.TrimRight(stem, "0123456789.-")
	switch stem {
	case "ld", "ld-linux", "ld-linux-x", "ld-linux-aarch", "ld-linux-armhf", "ld-linux-riscv", "ld-linux-loongarch", "ld-musl",
		"libc", "libc.musl", "libm", "libpthread", "libdl", "librt", "libcrypt", "libresolv", "libutil", "libnsl", "libanl", "libc_malloc_debug",
		"libthread_db", "libmvec", "libgcc_s", "libstdc++", "libatomic", "libunwind", "libbacktrace",
		"libssl", "libcrypto", "libwolfssl", "libgnutls", "libtasn", "libz", "libslz", "libzstd", "liblzma", "liblz", "libbz", "libbrotlicommon", "libbrotlidec", "libbrotlienc",
		"libpcre", "libpcreposix", "libpcre2", "libpcre2-posix", "liblua", "liblua-", "libsystemd", "libcap", "libgcrypt", "libgpg-error", "libselinux",
		"libprobe", "libnuma", "libjemalloc", "libtcmalloc", "libtcmalloc_minimal", "libmimalloc", "libhugetlbfs",
		"lib51d", "libfiftyone-hash-c", "libda", "libwurfl", "libaddressing",
		"libasan", "libubsan", "libtsan", "liblsan", "libopentracing", "libopentracing-c-wrapper", "libopentracing-c-wrapper_dbg", "libopentelemetry-c-wrapper", "libotel",
		"libelf", "libdw", "libxxhash", "libffi", "libaudit", "libnghttp", "libngtcp", "libquic":
		return true
	}
	for _, p := range [...]string{"libnss_", "libpcre2-", "ld-linux-", "ld-musl-", "libc.musl-", "liblua", "libgcc_s-", "libasan", "libclang_rt."} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
