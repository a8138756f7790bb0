package unwind

import (
	"encoding/binary"
	"slices"
	"testing"
)

// TestLeadingRecords: which records on a stack lead to its end.
func TestLeadingRecords(t *testing.T) {
	const end = 0x100
	last := frameRecord{fp: end, last: end}
	for _, c := range []struct {
		name string
		all  frameRecords
		want []uint64
	}{
		{"none", nil, nil},
		{"one", frameRecords{last}, []uint64{end}},
		{"a chain", frameRecords{{fp: 0x20, next: 0x40}, {fp: 0x40, next: end}, last}, []uint64{0x20, 0x40, end}},
		{"one left behind", frameRecords{{fp: 0x20, next: 0x40}, {fp: 0x40, next: 0x80}, {fp: 0x60, next: 0x80}, {fp: 0x80, next: end}, last}, []uint64{0x20, 0x40, 0x60, 0x80, end}},
		{"one that leads nowhere", frameRecords{{fp: 0x20, next: 0x30}, {fp: 0x40, next: end}, last}, []uint64{0x40, end}},
		{"one that leads back", frameRecords{{fp: 0x20, next: 0x40}, {fp: 0x40, next: 0x20}, last}, []uint64{end}},
		{"another end", frameRecords{{fp: 0x20, next: 0x40}, {fp: 0x40, last: 0x40}, {fp: 0x60, next: 0x80}, {fp: 0x80, next: end}, last}, []uint64{0x60, 0x80, end}},
		{"no end", frameRecords{{fp: 0x20, next: 0x40}, {fp: 0x40, next: 0x60}}, nil},
	} {
		var got []uint64
		for _, r := range c.all.leading() {
			got = append(got, r.fp)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
}

// FuzzLeadingRecords: whatever the records are, those that are kept lead upwards to one end.
func FuzzLeadingRecords(f *testing.F) {
	f.Add([]byte("\x20\x40\x40\x60\x60\x61"))
	f.Add([]byte("\x10\x40\x20\x40\x40\x60\x60\x61\x70\x71"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var all frameRecords
		for ; len(b) >= 2; b = b[2:] {
			r := frameRecord{fp: uint64(len(all))<<8 | uint64(b[0]), next: uint64(binary.LittleEndian.Uint16(b))}
			if b[1]&1 != 0 {
				r.last = r.fp
			}
			all = append(all, r)
		}
		all = all.leading()
		for i := range all {
			r := &all[i]
			for r.fp != r.last {
				next := all.at(r.next)
				if next == nil || next.fp <= r.fp || next.last != r.last {
					t.Fatalf("%+v leads to %+v", r, next)
				}
				r = next
			}
		}
	})
}
