package source

import (
	"os"

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
