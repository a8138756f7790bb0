package watch

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// wake sends when something appears in a directory, or was written there. It is a hint only: scans
// come anyhow, so that what the kernel drops is found.
func (d *coreDirs) wake(ctx context.Context, to chan<- struct{}) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return
	}
	f := os.NewFile(uintptr(fd), "inotify")
	for _, dir := range d.dirs {
		_, _ = unix.InotifyAddWatch(fd, dir, unix.IN_CREATE|unix.IN_MOVED_TO|unix.IN_CLOSE_WRITE|unix.IN_ONLYDIR)
	}
	stop := context.AfterFunc(ctx, func() { f.Close() })
	defer stop()
	b := make([]byte, 16<<10)
	for {
		if _, err := f.Read(b); err != nil {
			return
		}
		select {
		case to <- struct{}{}:
		default:
		}
	}
}
