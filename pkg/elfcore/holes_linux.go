package elfcore

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// seekData and seekHole are the whence values of lseek(2) on Linux.
const (
	seekData = 3
	seekHole = 4
)

// holes tells data from holes in a sparse file. The kernel writes cores sparse:
// of a 556 MB core of 64 threads 11 MB are data.
type holes struct{ f *os.File }

// holeFinder works on files; other readers have no holes. It moves the file's
// offset, which nothing here depends on.
func holeFinder(r io.ReaderAt) holes {
	f, _ := r.(*os.File)
	return holes{f}
}

// data gives the first piece of [off, end) that may hold other bytes than zero;
// an empty one if there is none.
func (h holes) data(off, end uint64) (from, to uint64) {
	if h.f == nil {
		return off, end
	}
	start, err := h.f.Seek(int64(off), seekData)
	if err != nil {
		// ENXIO: nothing but a hole up to the end of the file. Anything else
		// means that the file system cannot tell.
		if isNoData(err) {
			return end, end
		}
		return off, end
	}
	if uint64(start) >= end {
		return end, end
	}
	stop, err := h.f.Seek(start, seekHole)
	if err != nil || uint64(stop) <= uint64(start) {
		return uint64(start), end
	}
	return uint64(start), min(uint64(stop), end)
}

func isNoData(err error) bool { return errors.Is(err, syscall.ENXIO) }
