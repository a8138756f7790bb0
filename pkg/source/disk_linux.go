package source

import (
	"os"

	"golang.org/x/sys/unix"
)

// freeDisk is the room left for this user on the file system of f, in bytes.
func freeDisk(f *os.File) (int64, bool) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return 0, false
	}
	return int64(st.Bavail) * st.Bsize, true
}
