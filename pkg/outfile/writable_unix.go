//go:build unix

package outfile

import "golang.org/x/sys/unix"

// writable says why no file can be made in a directory, before the work that it is
// for begins.
func writable(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }
