package lines

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Content is what the table is made of.
type Content struct {
	Releases []Release
	// Aliases are macros, and what their text calls.
	Aliases map[string][]string
}

// Release is the source of one version.
type Release struct {
	Version haproxy.Version
	Day     int // since 1970
	// Parent is the release that this one came from, by its place in the list; that of
	// the first is -1. The list has parents before their children.
	Parent int
	Files  map[string]*File
}

// File is one version of a file. Releases that have the same share it.
type File struct {
	functions []written
	end       int // of the last one
}

// written is a function to write.
type written struct {
	name  uint32
	gap   int
	lines [][]byte // what stands on each
}

// Function adds a function, its first line counted from 1. Functions are added in the order in
// which they stand in the file.
func (f *File) Function(name string, start int, body []Line) {
	fn := written{name: nameHash(name), gap: start - 1 - f.end}
	f.end = start - 1 + len(body)
	for i := range body {
		fn.lines = append(fn.lines, body[i].bytes())
	}
	f.functions = append(f.functions, fn)
}

// Line is what stands on a line of a function.
type Line struct {
	Code bool
	// Calls are the names that stand before a bracket.
	Calls []string
	// Asserts are the conditions of assertions that begin there.
	Asserts []string
}

func (l *Line) bytes() []byte {
	var b []byte
	for _, c := range l.Calls {
		b = append(b, moreCall|byte(nameHash(c))&callBits)
	}
	for _, a := range l.Asserts {
		b = append(b, moreAssert|telling(a))
	}
	if len(b) > 0 {
		last := &b[len(b)-1]
		if *last >= moreAssert {
			*last -= moreAssert - lastAssert
		} else {
			*last -= moreCall - lastCall
		}
		return b
	}
	if l.Code {
		return []byte{hasCode}
	}
	return []byte{noCode}
}

// The changes of a file from one version to the next, a number each with its kind in the
// lower two bits: so many functions are as before, are gone, are new; or one has changed.
const (
	opCopy = iota
	opDelete
	opInsert
	opChange
	changedGap  = 1
	changedBody = 2
)

// fileWriter writes the versions of one file.
type fileWriter struct {
	numbers []byte // versions and changes
	names   []byte // of new functions
	bodies  []byte // new lines
}

func (w *fileWriter) number(n int) { w.numbers = binary.AppendUvarint(w.numbers, uint64(n)) }

func (w *fileWriter) signed(n int) { w.numbers = binary.AppendVarint(w.numbers, int64(n)) }

// version writes how a file differs from what it was.
func (w *fileWriter) version(old, now []written) {
	var ops []byte
	mark := w.numbers
	w.numbers = nil
	n := 0
	op := func(kind, k int) { w.number(k<<2 | kind); n++ }
	same := 0
	flush := func() {
		if same > 0 {
			op(opCopy, same)
			same = 0
		}
	}
	for _, h := range hunks(len(old), len(now), func(i, j int) bool { return old[i].name == now[j].name }) {
		for i, j := h.keep[0], h.keep[1]; i < h.keep[2]; i, j = i+1, j+1 {
			a, b := &old[i], &now[j]
			k := 0
			if a.gap != b.gap {
				k |= changedGap
			}
			if !sameLines(a.lines, b.lines) {
				k |= changedBody
			}
			if k == 0 {
				same++
				continue
			}
			flush()
			op(opChange, k)
			if k&changedGap != 0 {
				w.signed(b.gap - a.gap)
			}
			if k&changedBody != 0 {
				w.body(a.lines, b.lines)
			}
		}
		if h.gone > 0 {
			flush()
			op(opDelete, h.gone)
		}
		if h.new > 0 {
			flush()
			op(opInsert, h.new)
			for _, f := range now[h.at : h.at+h.new] {
				w.names = putHash(w.names, f.name)
				w.signed(f.gap)
				w.number(len(f.lines))
				w.bodies = append(w.bodies, slices.Concat(f.lines...)...)
			}
		}
	}
	ops, w.numbers = w.numbers, mark
	w.number(n)
	w.numbers = append(w.numbers, ops...)
}

// body writes how the lines of a function differ from what they were.
func (w *fileWriter) body(a, b [][]byte) {
	list := hunks(len(a), len(b), func(i, j int) bool { return bytes.Equal(a[i], b[j]) })
	list = slices.DeleteFunc(list, func(h hunk) bool { return h.gone+h.new == 0 })
	w.number(len(list))
	at := 0
	for _, h := range list {
		w.number(h.keep[2] - at)
		w.number(h.gone)
		w.number(h.new)
		at = h.keep[2] + h.gone
		for _, l := range b[h.at : h.at+h.new] {
			w.bodies = append(w.bodies, l...)
		}
	}
}

func sameLines(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }

// hunk is a run that two lists have in common, from keep[0] in the old and keep[1] in the
// new to keep[2] in the old, and what follows: so many that are gone, and so many new, from at.
type hunk struct {
	keep          [3]int
	gone, new, at int
}

// hunks compares two lists by their longest common sequence.
func hunks(n, m int, same func(i, j int) bool) []hunk {
	lo := 0
	for lo < n && lo < m && same(lo, lo) {
		lo++
	}
	hi := 0
	for hi < n-lo && hi < m-lo && same(n-1-hi, m-1-hi) {
		hi++
	}
	rows, cols := n-lo-hi, m-lo-hi
	best := make([]uint16, (rows+1)*(cols+1))
	at := func(i, j int) *uint16 { return &best[i*(cols+1)+j] }
	for i := rows - 1; i >= 0; i-- {
		for j := cols - 1; j >= 0; j-- {
			if same(lo+i, lo+j) {
				*at(i, j) = *at(i+1, j+1) + 1
			} else {
				*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			}
		}
	}
	var list []hunk
	h := hunk{keep: [3]int{0, 0, lo}}
	i, j := 0, 0
	for i < rows || j < cols {
		for i < rows && j < cols && !same(lo+i, lo+j) || i == rows != (j == cols) {
			if i < rows && (j == cols || *at(i+1, j) >= *at(i, j+1)) {
				h.gone++
				i++
			} else {
				if h.new == 0 {
					h.at = lo + j
				}
				h.new++
				j++
			}
		}
		list = append(list, h)
		h = hunk{keep: [3]int{lo + i, lo + j, lo + i}}
		for i < rows && j < cols && same(lo+i, lo+j) {
			i, j = i+1, j+1
		}
		h.keep[2] = lo + i
	}
	h.keep[2] += hi
	return append(list, h)
}

// file gives the versions of one file.
func (c *Content) file(path string) []byte {
	var w fileWriter
	state := make([][]written, len(c.Releases))
	last := 0
	for i, r := range c.Releases {
		var old []written
		if r.Parent >= 0 {
			old = state[r.Parent]
		}
		if f := r.Files[path]; f != nil {
			state[i] = f.functions
		}
		if slices.EqualFunc(old, state[i], func(a, b written) bool {
			return a.name == b.name && a.gap == b.gap && sameLines(a.lines, b.lines)
		}) {
			continue
		}
		w.number(i - last)
		last = i
		w.version(old, state[i])
	}
	b := binary.AppendUvarint(nil, uint64(len(w.numbers)))
	b = append(b, w.numbers...)
	b = binary.AppendUvarint(b, uint64(len(w.names)))
	b = append(b, w.names...)
	return append(b, w.bodies...)
}

// Encode gives the bytes of the table. The same content gives the same bytes.
func (c *Content) Encode() ([]byte, error) {
	paths := map[string]bool{}
	for _, r := range c.Releases {
		for p := range r.Files {
			paths[p] = true
		}
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	var packed []byte
	directory := map[uint32][][]byte{}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		raw := c.file(p)
		if len(raw) > maxRaw {
			return nil, fmt.Errorf("%s: %d bytes of changes, too many", p, len(raw))
		}
		at := len(packed)
		packed = enc.EncodeAll(raw, packed)
		e := binary.AppendUvarint(putText(nil, p), uint64(at))
		h := nameHash(path.Base(p))
		directory[h] = append(directory[h], binary.AppendUvarint(e, uint64(len(packed)-at)))
	}
	out := []byte(magic)
	for _, section := range [][]byte{c.releases(), indexOf(c.aliases()), indexOf(directory), packed} {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(section)))
		out = append(out, section...)
	}
	return out, nil
}

// indexOf writes an index.
func indexOf(entries map[uint32][][]byte) []byte {
	var heads, bodies []byte
	n := 0
	for _, h := range slices.Sorted(maps.Keys(entries)) {
		for _, e := range entries[h] {
			heads = putHash(putHash(heads, h), uint32(len(bodies)))
			bodies = append(bodies, e...)
			n++
		}
	}
	return slices.Concat(binary.AppendUvarint(nil, uint64(n)), heads, bodies)
}

func putHash(b []byte, h uint32) []byte { return append(b, byte(h), byte(h>>8), byte(h>>16)) }

func (c *Content) releases() []byte {
	b := binary.AppendUvarint(nil, uint64(len(c.Releases)))
	for i, r := range c.Releases {
		b = putText(b, r.Version.String())
		b = binary.AppendUvarint(b, uint64(r.Day))
		b = binary.AppendUvarint(b, uint64(i-r.Parent))
	}
	return b
}

// aliases lists for each function, by its hash, the hashes of the macros that call it.
func (c *Content) aliases() map[uint32][][]byte {
	macros := map[uint32]string{}
	for _, macro := range slices.Sorted(maps.Keys(c.Aliases)) {
		for _, name := range c.Aliases[macro] {
			h := nameHash(name)
			if m := string([]byte{byte(nameHash(macro)) & callBits}); !strings.Contains(macros[h], m) {
				macros[h] += m
			}
		}
	}
	out := map[uint32][][]byte{}
	for h, list := range macros {
		out[h] = [][]byte{putText(nil, list)}
	}
	return out
}

func putText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
