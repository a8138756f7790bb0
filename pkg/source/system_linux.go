package source

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// disk tells what is free for this user on the file system of f, and how large
// that is, in bytes.
func disk(f *os.File) (free, total int64, ok bool) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return 0, 0, false
	}
	block := int64(st.Bsize) // another type on other machines
	return int64(st.Bavail) * block, int64(st.Blocks) * block, true
}

// identityOf is the device and the inode: unlike size and time they stay what
// they are when the file grows.
func identityOf(st fs.FileInfo) identity {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return identity{uint64(s.Dev), uint64(s.Ino)}
	}
	return identity{}
}
