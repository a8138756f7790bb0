package unwind

import (
	"encoding/binary"
	"sort"

	"github.com/hacrash/hacrash/pkg/elffile"
)

// Slim gives .eh_frame and .eh_frame_hdr of a file with what concerns link-time addresses and
// nothing else, in their old sizes and places. What lies between is a record that describes no
// address. It gives nil where the sections are not as linkers write them.
func Slim(f *elffile.File, addrs []uint64) (frame, hdr []byte) {
	const header, pcrel4, count4 = 12, pePCRel | peSData4, peUData4
	s := ehFrame(f)
	old, _ := f.Segment(elffile.GNUEHFrame)
	if s == nil || s.table == nil || len(old) < header || old[1] != pcrel4 || old[2] != count4 {
		return nil, nil
	}
	first, _, ok := s.record(0)
	if !ok || !first.isCIE {
		return nil, nil
	}
	kept := map[uint64]bool{0: true}
	hdr = append(make([]byte, 0, len(old)), old[:header]...)
	rows := uint32(0)
	for i := 0; i < len(s.table)/8; i++ {
		off := s.tableAddr(8*i+4) - s.addr
		d := s.fde(off)
		if d == nil || !anyIn(addrs, d.Low, d.High) {
			continue
		}
		r, _, _ := s.record(off)
		kept[off], kept[r.cie] = true, true
		hdr = append(hdr, s.table[8*i:8*i+8]...)
		rows++
	}
	binary.LittleEndian.PutUint32(hdr[8:], rows)
	return s.only(kept), hdr[:len(old)]
}

// anyIn tells whether one of sorted addresses is in a range.
func anyIn(addrs []uint64, low, high uint64) bool {
	i := sort.Search(len(addrs), func(i int) bool { return addrs[i] >= low })
	return i < len(addrs) && addrs[i] < high
}

// only gives the section with the records at some offsets; the first is one of them, a CIE.
func (s *section) only(kept map[uint64]bool) []byte {
	out := make([]byte, len(s.data))
	gap, end := uint64(0), uint64(0)
	fill := func(to uint64) {
		if to > gap {
			binary.LittleEndian.PutUint32(out[gap:], uint32(to-gap-4))
			binary.LittleEndian.PutUint32(out[gap+4:], uint32(gap+4)) // the CIE at 0
		}
	}
	for {
		_, next, ok := s.record(end)
		if !ok {
			fill(end)
			return out
		}
		if kept[end] {
			fill(end)
			copy(out[end:next], s.data[end:next])
			gap = next
		}
		end = next
	}
}
