package main

import (
	"io"
	"os"
	"path"

	"github.com/hacrash/hacrash/pkg/fixes/history"
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
			info, err := root.Stat(name)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			file, err := root.Open(name)
			if err != nil {
				continue
			}
			text, err := history.Plain(file)
			if err != nil {
				file.Close()
				continue
			}
			return struct {
				io.Reader
				io.Closer
			}{text, file}, nil
		}
		return nil, os.ErrNotExist
	}
}
