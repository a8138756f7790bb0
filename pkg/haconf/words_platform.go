package haconf

import "strings"

// platforms are words of systems, machines and compilers. haproxy -vv tells them.
func platforms() []Word {
	return []Word{
		{Name: "linux", Means: "Linux", told: target("linux")},
		{Name: "freebsd", Means: "FreeBSD", told: target("freebsd")},
		{Name: "openbsd", Means: "OpenBSD", told: target("openbsd")},
		{Name: "macos", Means: "macOS", told: target("osx")},
		{Name: "solaris", Means: "Solaris, illumos", told: target("solaris")},
		{Name: "windows", Means: "Windows: Cygwin", told: target("cygwin")},
		{Name: "kqueue", Means: "polling by kqueue", told: feature("KQUEUE")},
		{Name: "evports", Means: "polling by event ports", told: feature("EVPORTS")},
		{Name: "poll", Means: "polling by poll or select", lines: "noepoll|nokqueue|noevports", Open: openArgument},
		{Name: "32bit", Means: "32 bits", told: machine("i?86", "arm", "armv*", "mips", "mipsel", "ppc", "riscv32")},
		{Name: "big-endian", Means: "a big-endian CPU", told: machine("s390x", "ppc64", "ppc", "mips", "mips64", "sparc*")},
		{Name: "arm", Means: "ARM", told: machine("aarch64", "arm*")},
		{Name: "x86", Means: "x86", told: machine("x86_64", "amd64", "i?86")},
		{Name: "musl", Means: "musl", told: target("linux-musl")},
		{Name: "clang", Means: "built by clang", told: func(b *Build) Answer {
			if b.compiler == "" || !strings.Contains(b.compiler, "gcc") && !strings.Contains(b.compiler, "clang") {
				return Answer{Use: MaybeUsed, Why: "haproxy -vv does not tell"} // cc is either
			}
			return yes(strings.Contains(b.compiler, "clang"), "by haproxy -vv")
		}},
		{Name: "build-debug", Means: "an option DEBUG_ of the build", Open: openBuild},
		{Name: "build-option", Means: "another option of the build", Open: openBuild},
		{Name: "no-threads-build", Means: "built without threads", told: func(b *Build) Answer { return yes(b.Without("THREAD"), "by the list of features") }},
	}
}

const openBuild = "an option of the build"

// libraries are words of the libraries that HAProxy was built with.
func libraries() []Word {
	return []Word{
		{Name: "openssl3", Means: "OpenSSL 3", told: library("OpenSSL 3", "OpenSSL 4"), under: "ssl"},
		{Name: "old-openssl", Means: "OpenSSL before 1.1.1", told: library("OpenSSL 0", "OpenSSL 1.0", "OpenSSL 1.1.0"), under: "ssl"},
		{Name: "libressl", Means: "LibreSSL", told: library("LibreSSL"), under: "ssl"},
		{Name: "wolfssl", Means: "wolfSSL", told: library("wolfSSL"), under: "ssl"},
		{Name: "aws-lc", Means: "AWS-LC", told: library("AWS-LC"), under: "ssl"},
		{Name: "boringssl", Means: "BoringSSL", told: library("BoringSSL"), under: "ssl"},
		{Name: "quic-compat", Means: "QUIC without the library's QUIC API", told: feature("QUIC_OPENSSL_COMPAT"), under: "quic|quic-server"},
		{Name: "pcre", Means: "PCRE", told: feature("PCRE"), under: "regex"},
		{Name: "pcre2", Means: "PCRE2", told: feature("PCRE2"), under: "regex"},
	}
}

func yes(is bool, why string) Answer {
	if is {
		return Answer{Use: Used, Why: why}
	}
	return Answer{Use: NotUsed, Why: why}
}

const untold = "haproxy -vv tells, which is not given"

// target tells by the target of the Makefile.
func target(name string) func(*Build) Answer {
	return func(b *Build) Answer {
		if b.target == "" || b.target == "generic" || b.target == "custom" {
			return Answer{Use: MaybeUsed, Why: untold}
		}
		return yes(strings.HasPrefix(b.target, name), "built for this system")
	}
}

// feature tells by the list of features. Folklore: one that the list does not name is not in
// the Makefile of that version.
func feature(name string) func(*Build) Answer {
	return func(b *Build) Answer {
		if !b.Lists() {
			return Answer{Use: MaybeUsed, Why: untold}
		}
		return yes(b.features[name], "by the list of features")
	}
}

// machine tells by the name of the machine.
func machine(names ...string) func(*Build) Answer {
	return func(b *Build) Answer {
		if b.machine == "" {
			return Answer{Use: MaybeUsed, Why: untold}
		}
		for _, n := range names {
			if g := newGlob(n); g.fits(b.machine) == Used || n == "i?86" && len(b.machine) == 4 && b.machine[0] == 'i' && b.machine[2:] == "86" {
				return Answer{Use: Used, Why: "by the machine"}
			}
		}
		return Answer{Use: NotUsed, Why: "by the machine"}
	}
}

// library tells by what the library for TLS is called.
func library(names ...string) func(*Build) Answer {
	return func(b *Build) Answer {
		if b.library == "" {
			return Answer{Use: MaybeUsed, Why: untold}
		}
		for _, n := range names {
			if strings.Contains(strings.ToLower(b.library), strings.ToLower(n)) {
				return Answer{Use: Used, Why: "by the library"}
			}
		}
		return Answer{Use: NotUsed, Why: "by the library"}
	}
}
