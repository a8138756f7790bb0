package main

import (
	"bytes"
	"io"
	"os"
	"path"
	"syscall"

	"github.com/hacrash/hacrash/pkg/fixes/history"
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

// packageChangelog opens the CHANGELOG of the package that is installed, or that of
// a sysroot. Nothing in a sysroot leads out of it.
func packageChangelog(sysroot string) func() (io.ReadCloser, error) {
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
			file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
			if err != nil {
				continue
			}
			packed, err := source.SmallOf(file, history.MaxChangelog)
			file.Close()
			if err != nil {
				continue
			}
			if text, err := history.Plain(bytes.NewReader(packed)); err == nil {
				return io.NopCloser(text), nil
			}
		}
		return nil, os.ErrNotExist
	}
}
