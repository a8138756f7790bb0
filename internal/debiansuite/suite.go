// Package debiansuite gives tests the haproxy packages of other Debian suites,
// each unpacked in a directory of its own, to be run with chroot. It knows how
// to get one and where it was put; only tests import it.
package debiansuite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Root returns the directory in which the suite's haproxy is unpacked. It is
// made at the first call and kept in the user's cache directory. When it cannot
// be had the test is skipped; with CI=true it fails, unless optional is set.
func Root(t testing.TB, suite string, optional bool) string {
	t.Helper()
	give := t.Skipf
	if os.Getenv("CI") == "true" && !optional {
		give = t.Fatalf
	}
	if os.Getuid() != 0 {
		give("unpacking and running another suite's haproxy needs root")
	}
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		give("mmdebstrap is not installed (package mmdebstrap)")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "hacrash-tests", suite)
	if _, err := os.Stat(filepath.Join(dir, "usr/sbin/haproxy")); err == nil {
		return dir
	}
	mirror, err := mirror()
	if err != nil {
		give("no Debian mirror: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	// A name of our own first: two test processes may want the same suite.
	tmp, err := os.MkdirTemp(filepath.Dir(dir), suite+"-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	args := []string{"--variant=apt", "--include=haproxy"}
	if suite == "sid" {
		// Folklore: the Release file of sid on a mirror can be out of date for days.
		args = append(args, `--aptopt=Acquire::Check-Valid-Until "false"`)
	}
	out, err := exec.Command("mmdebstrap", append(args, suite, tmp, mirror)...).CombinedOutput()
	if err != nil {
		give("mmdebstrap %s: %v: %s", suite, err, tail(string(out)))
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		if _, err := os.Stat(filepath.Join(dir, "usr/sbin/haproxy")); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mirror is the host's own Debian mirror, from its apt configuration.
func mirror() (string, error) {
	out, err := exec.Command("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages").Output()
	if err != nil {
		return "", fmt.Errorf("apt-get indextargets: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		site, release, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasSuffix(strings.TrimSuffix(site, "/"), "/debian") && release != "" {
			return site, nil
		}
	}
	return "", fmt.Errorf("apt has no Debian archive among its sources")
}

func tail(s string) string {
	if s = strings.TrimSpace(s); len(s) > 400 {
		s = "…" + s[len(s)-400:]
	}
	return s
}
