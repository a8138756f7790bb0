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
	"github.com/hacrash/hacrash/pkg/internal/cursor"
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
	before := w.numbers
	w.numbers = nil
	n, same := 0, 0
	op := func(kind, k int) {
		if same > 0 && kind != opCopy {
			w.number(same << 2) // opCopy
			n, same = n+1, 0
		}
		w.number(k<<2 | kind)
		n++
	}
	i, j := 0, 0
	for _, p := range common(len(old), len(now), func(i, j int) bool { return old[i].name == now[j].name }) {
		if p.i > i {
			op(opDelete, p.i-i)
		}
		if p.j > j {
			op(opInsert, p.j-j)
			w.inserted(now[j:p.j])
		}
		i, j = p.i+1, p.j+1
		if p.i == len(old) {
			break
		}
		a, b := &old[p.i], &now[p.j]
		k := 0
		if a.gap != b.gap {
			k |= changedGap
		}
		if !sameLines(a.lines, b.lines) {
			k |= changedBody
		}
		if k == 0 {
			same++ // those at the end are left out
			continue
		}
		op(opChange, k)
		if k&changedGap != 0 {
			w.signed(b.gap - a.gap)
		}
		if k&changedBody != 0 {
			w.body(a.lines, b.lines)
		}
	}
	ops := w.numbers
	w.numbers = before
	w.number(n)
	w.numbers = append(w.numbers, ops...)
}

func (w *fileWriter) inserted(functions []written) {
	for _, f := range functions {
		w.names = putHash(w.names, f.name)
		w.signed(f.gap)
		w.number(len(f.lines))
		w.bodies = append(w.bodies, slices.Concat(f.lines...)...)
	}
}

// body writes how the lines of a function differ from what they were: so many are as
// before, are gone, are new.
func (w *fileWriter) body(old, now [][]byte) {
	mark := w.numbers
	w.numbers = nil
	n, i, j, kept := 0, 0, 0, 0
	for _, p := range common(len(old), len(now), func(i, j int) bool { return bytes.Equal(old[i], now[j]) }) {
		if p.i > i || p.j > j {
			w.number(kept)
			w.number(p.i - i)
			w.number(p.j - j)
			w.bodies = append(w.bodies, slices.Concat(now[j:p.j]...)...)
			n, kept = n+1, 0
		}
		i, j, kept = p.i+1, p.j+1, kept+1
	}
	changes := w.numbers
	w.numbers = mark
	w.number(n)
	w.numbers = append(w.numbers, changes...)
}

func sameLines(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }

// pair is a place in each of two lists.
type pair struct{ i, j int }

// common is the longest common sequence of two lists of n and m, and their ends.
func common(n, m int, same func(i, j int) bool) []pair {
	var list []pair
	lo, hi := 0, 0
	for lo < min(n, m) && same(lo, lo) {
		list = append(list, pair{lo, lo})
		lo++
	}
	for hi < min(n, m)-lo && same(n-1-hi, m-1-hi) {
		hi++
	}
	// best[i][j] is how long that of the rest from i and j on is.
	rows, columns := n-lo-hi, m-lo-hi
	best := make([][]int32, rows+1)
	best[rows] = make([]int32, columns+1)
	for i := rows - 1; i >= 0; i-- {
		best[i] = make([]int32, columns+1)
		for j := columns - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if same(lo+i, lo+j) {
				best[i][j] = best[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < rows && j < columns; {
		switch {
		case same(lo+i, lo+j):
			list = append(list, pair{lo + i, lo + j})
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
	for ; hi >= 0; hi-- {
		list = append(list, pair{n - hi, m - hi})
	}
	return list
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
		e := binary.AppendUvarint(cursor.AppendText(nil, p), uint64(at))
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
		b = cursor.AppendText(b, r.Version.String())
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
		out[h] = [][]byte{cursor.AppendText(nil, list)}
	}
	return out
}
