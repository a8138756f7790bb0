//go:build unix

package elffile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a regular file for reading.
//
// Paths come out of cores, and to open something else is no mere look: a pipe
// blocks, a watchdog device starts. So it is looked at before it is opened, and
// again after, without waiting for anybody.
func mapFile(path string) (data []byte, unmap func() error, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, nil, errors.New(path + ": not a regular file")
	}
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if st, err = f.Stat(); err != nil {
		return nil, nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, nil, errors.New(path + ": not a regular file")
	}
	size := st.Size()
	if size == 0 || size != int64(int(size)) {
		return nil, nil, errors.New(path + ": empty, or larger than memory can map")
	}
	data, err = unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, nil, &os.PathError{Op: "map", Path: path, Err: err}
	}
	return data, func() error { return unix.Munmap(data) }, nil
}
