package source

import "os"

// Sizes of what is left of a disk.
const (
	// roomStep is how much is written before the disk is asked again.
	roomStep = 256 << 20
	// maxReserve caps what must stay free on the disk: a twentieth of it, which
	// is too much on large ones.
	maxReserve = 256 << 20
)

// Room watches that what is written to a file leaves others something of the disk.
type Room struct {
	f    *os.File
	left int64 // may be written before the disk is asked again
}

// NewRoom makes the room for a file that is written.
func NewRoom(f *os.File) *Room { return &Room{f: f} }

// Take takes n bytes; false if they would leave too little. The disk is asked now and
// then, for others write to it as well; where it cannot be asked there is room.
func (r *Room) Take(n int64) bool {
	if r.left -= n; r.left >= 0 {
		return true
	}
	free, total, ok := disk(r.f)
	if !ok {
		r.left = roomStep
		return true
	}
	r.left = min(free-min(maxReserve, total/20)-n, roomStep)
	return r.left >= 0
}
