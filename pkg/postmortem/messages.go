package postmortem

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// maxWalked is how many bytes of a ring are walked: the oldest of a larger one.
const maxWalked = 16 << 20

// messages gives the messages of a ring, the oldest first, until yield says stop. They
// are raw, as a client or a server may have shaped them, and may hold secrets. The error
// says where the ring does not hold together, or why it cannot be read.
//
// A ring starts, and each message ends, with a byte that counts readers; between them
// stand the length as a varint and the text (src/ring.c,
// ring_dispatch_messages).
func messages(c *elfcore.Core, ring crash.Ring, yield func(text []byte) bool) error {
	s, why := readRing(c, uint64(ring.Address))
	if why != "" {
		return fmt.Errorf("ring %s: %s", ring.Name, why)
	}
	b := s.bytes(c)
	const writing = 255 // RING_WRITING_SIZE, since 3.0: what follows is not yet whole
	for at := 0; at+1 < len(b) && b[at] != writing; {
		n, size := varint(b[at+1:])
		start := at + 1 + size
		// The count of readers that ends it is there as well.
		if size == 0 || n >= uint64(len(b)-start) {
			if uint64(len(b)) < s.used {
				return nil // it is larger than what is walked, or cut
			}
			return fmt.Errorf("ring %s: broken %d bytes behind its head", ring.Name, at)
		}
		at = start + int(n)
		if !yield(b[start:at]) {
			return nil
		}
	}
	return nil
}

// bytes are those in use, in order, as far as memory has them.
func (s storage) bytes(c *elfcore.Core) []byte {
	used := min(s.used, maxWalked)
	first := min(used, s.size-s.head)
	b := make([]byte, used)
	n, _ := c.ReadMemory(b[:first], s.area+s.head)
	if uint64(n) < first {
		return b[:n]
	}
	k, _ := c.ReadMemory(b[first:], s.area)
	return b[:n+k]
}

// varint decodes HAProxy's (include/haproxy/intops.h, decode_varint): below 240 one byte;
// else more of them, each shifted by seven bits more than the one before, the first of
// them by four, as long as they are 128 or more. A size of 0 says that it is not whole.
func varint(b []byte) (n uint64, size int) {
	if len(b) == 0 {
		return 0, 0
	}
	n = uint64(b[0])
	if n < 240 {
		return n, 1
	}
	for i := 1; i < len(b) && i < 9; i++ {
		n += uint64(b[i]) << (7*i - 3)
		if b[i] < 128 {
			return n, i + 1
		}
	}
	return 0, 0
}
