package history

import (
	"bytes"
	"io"
	"os"
	"path"
	"syscall"

	"github.com/hacrash/hacrash/pkg/source"
)

// packageChangelogs are where packages put HAProxy's CHANGELOG. Debian's has
// changelog.gz beside changelog.Debian.gz, which is about the package; those of Red
// Hat and SUSE have it as it is in the archive.
func packageChangelogs() []string {
	var names []string
	for _, dir := range []string{"usr/share/doc/haproxy", "usr/share/doc/packages/haproxy"} {
		for _, name := range []string{"changelog.gz", "CHANGELOG", "CHANGELOG.gz", "changelog", "NEWS.gz", "NEWS"} {
			names = append(names, path.Join(dir, name))
		}
	}
	return names
}

// PackageChangelog opens the CHANGELOG of the package of HAProxy that is installed, or
// that of a sysroot, when the function that it gives is called. Nothing in a sysroot
// leads out of it.
func PackageChangelog(sysroot string) func() (io.ReadCloser, error) {
	if sysroot == "" {
		sysroot = "/"
	}
	return func() (io.ReadCloser, error) {
		root, err := os.OpenRoot(sysroot)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		for _, name := range packageChangelogs() {
			if text, err := changelogIn(root, name); err == nil {
				return io.NopCloser(text), nil
			}
		}
		return nil, os.ErrNotExist
	}
}

// changelogIn reads a file below root. That it is none to wait for is found out when
// it is open.
func changelogIn(root *os.Root, name string) (io.Reader, error) {
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	packed, err := source.SmallOf(file, maxChangelog)
	if err != nil {
		return nil, err
	}
	return plain(bytes.NewReader(packed))
}
