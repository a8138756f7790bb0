package advice

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// TestDistributions: whose package it is, by its version, else by what tells of the system.
func TestDistributions(t *testing.T) {
	for _, c := range []struct{ version, system, want string }{
		{"2.6.12-1+deb12u1", "", "Debian"},
		{"3.0.5-1~bpo12+1", "", "Debian"},
		{"2.4.14-1ubuntu1", "", "Ubuntu"},
		{"2.8.5-1ppa1~jammy", "", "Ubuntu"},
		{"3.3.0-0+ha33+ubuntu24.04u2", "", "Ubuntu"},
		{"2.8.3-1.fc41", "", "Fedora"},
		{"1.8.27-2.el8", "", "RHEL"},
		{"2.8.14-1.amzn2023", "", "Amazon Linux"},
		{"3.2.0-r0", "", "Alpine"},
		{"2.8.3-86e043a", "", ""},
		{"2.8.3", "Debian GNU/Linux 12 (bookworm)", "Debian"},
		{"2.8.3", "Linux 6.1.0 x86_64, Rocky Linux 9.4", "RHEL"},
		{"2.8.3", "CentOS Stream 9", "CentOS Stream"},
		{"2.8.3", "openSUSE Leap 15.6", "openSUSE"},
		{"2.8.3", "Arch Linux", "Arch Linux"},
		{"2.8.3", "Gentoo Linux", ""},
		{"2.4.14-1ubuntu1", "Debian GNU/Linux 12", "Ubuntu"}, // the package is what counts
	} {
		x := died(crash.Segfault, c.version, crash.UnknownBug)
		x.Process.System = c.system
		if got := New(knowledge()).situation(x).values["distribution"].plain; got != c.want {
			t.Errorf("%s on %q: %q, want %q", c.version, c.system, got, c.want)
		}
	}
}

// TestSystem reads an os-release below a directory, and nothing where there is none.
func TestSystem(t *testing.T) {
	root := t.TempDir()
	if got := System(root); got != "" {
		t.Errorf("%q without a file", got)
	}
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
	if err := os.WriteFile(filepath.Join(root, "etc/os-release"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := System(root); got != "Debian GNU/Linux 12 (bookworm)" {
		t.Errorf("%q", got)
	}
}
