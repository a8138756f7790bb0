package lines

import (
	"hash/fnv"
	"slices"
	"sync"

	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

// What a line of a function holds is one byte for each name that it calls and each
// assertion that begins on it, the last of which ends the line; else one byte.
const (
	noCode  = 0 // blank, a comment, a directive
	hasCode = 1
	// Of names 6 bits of a hash are kept: a line without a call passes for one with it
	// once in 64 times, which is enough to rank releases.
	lastCall = 0x40
	moreCall = 0x80
	callBits = 0x3f
	// Of the word that tells a condition, 5 bits.
	lastAssert = 0xc0
	moreAssert = 0xe0
	wordBits   = 0x1f
)

// nameHash is a hash of 24 bits, of which the lower ones alone may be used.
func nameHash(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	v := h.Sum32()
	return (v ^ v>>24) & 0xffffff
}

// function is one in one version of a file.
type function struct {
	name uint32 // nameHash
	// gap is how many lines lie between the end of the function before and this one,
	// length how many it has.
	gap, length int32
	// start and end are where in the bodies of the file the one is that says what stands
	// on its lines.
	start, end int32
}

// endOfLine is where the line that begins at i ends.
func endOfLine(body []byte, i int) int {
	for i < len(body) {
		b := body[i]
		i++
		if b < moreCall || b >= lastAssert && b < moreAssert {
			break
		}
	}
	return i
}

// lineOf gives what stands on a line of a body, counted from 0.
func lineOf(body []byte, n int) []byte {
	at := 0
	for range n {
		at = endOfLine(body, at)
	}
	return body[at:endOfLine(body, at)]
}

// file is a file of source in all releases.
type file struct {
	// versions are its functions, by release; those of releases with the same are one slice.
	versions [][]function
	changed  []bool // by release: other than in its parent
	bodies   []byte
	found    sync.Map // name to []span
}

// span is where a function stands in a release that has another file than its parent.
type span struct {
	release, first, last int32
	body                 []byte
}

// spans are all that a function has; of a name there may be several in a release, in
// branches of an #if.
func (f *file) spans(name uint32) []span {
	if have, ok := f.found.Load(name); ok {
		return have.([]span)
	}
	var list []span
	f.each(func(release int, fn *function, first, last int32) {
		if fn.name == name {
			list = append(list, span{int32(release), first, last, f.bodies[fn.start:fn.end]})
		}
	})
	if list != nil { // of names that are none there is no end
		f.found.Store(name, list)
	}
	return list
}

// each visits the functions of every release that has another file than its parent.
func (f *file) each(visit func(release int, fn *function, first, last int32)) {
	for i, functions := range f.versions {
		if !f.changed[i] {
			continue
		}
		end := int32(0)
		for k := range functions {
			fn := &functions[k]
			first := end + fn.gap + 1
			end = first - 1 + fn.length
			visit(i, fn, first, end)
		}
	}
}

// reader reads a file: how each release differs from its parent.
type reader struct {
	numbers, names, lines cursor.Cursor
	bodies                []byte // of all versions so far
	room                  []function
}

func readFile(raw []byte, releases []release) (*file, error) {
	c := cursor.Cursor{Data: raw}
	r := reader{numbers: cursor.Cursor{Data: c.Bytes(c.Number(maxNumber))}, names: cursor.Cursor{Data: c.Bytes(c.Number(maxNumber))}}
	r.lines.Data = c.Data
	f := &file{versions: make([][]function, len(releases)), changed: make([]bool, len(releases))}
	next := r.next(0)
	for i := range releases {
		if p := releases[i].parent; p >= 0 {
			f.versions[i] = f.versions[p]
		}
		if i == next {
			f.changed[i] = true
			f.versions[i] = r.version(f.versions[i])
			next = r.next(i)
		}
	}
	f.bodies = r.bodies
	if len(r.bodies) > maxBodies {
		return nil, errDamaged
	}
	return f, damaged(&c, &r.numbers, &r.names, &r.lines)
}

// maxFunctions bounds those of a file. HAProxy's largest has 500.
const maxFunctions = 1 << 12

// maxBodies bounds what the bodies of all versions of a file take.
const maxBodies = 64 << 20

// next is the next release in which the file differs from that in the parent.
func (r *reader) next(release int) int {
	if len(r.numbers.Data) == 0 {
		return -1
	}
	return release + r.numbers.Number(maxNumber)
}

// version gives the functions of a version, from those of the one before.
func (r *reader) version(old []function) []function {
	c := &r.numbers
	out := r.room[:0]
	for range c.Count(1) {
		n := c.Number(maxNumber)
		kind, n := n&3, n>>2
		switch {
		case kind == opInsert && n <= len(r.names.Data):
			for range n {
				out = append(out, r.inserted())
			}
		case kind == opCopy && n <= len(old):
			out, old = append(out, old[:n]...), old[n:]
		case kind == opDelete && n <= len(old):
			old = old[n:]
		case kind == opChange && len(old) > 0:
			out, old = append(out, r.changed(old[0], n)), old[1:]
		default:
			c.Fail()
		}
	}
	r.room = append(out, old...)
	if len(r.room) > maxFunctions {
		c.Fail()
		return nil
	}
	return slices.Clone(r.room)
}

func (r *reader) inserted() function {
	f := function{name: readHash(&r.names), gap: int32(r.numbers.Signed(maxNumber)), length: int32(r.numbers.Number(maxNumber)), start: int32(len(r.bodies))}
	r.bodies = append(r.bodies, takeLines(&r.lines, int(f.length))...)
	f.end = int32(len(r.bodies))
	return f
}

func (r *reader) changed(f function, what int) function {
	c := &r.numbers
	if what&changedGap != 0 {
		f.gap += int32(c.Signed(maxNumber))
	}
	if what&changedBody == 0 || len(r.bodies) > maxBodies {
		return f
	}
	was := cursor.Cursor{Data: r.bodies[f.start:f.end]}
	f.start = int32(len(r.bodies))
	for range c.Count(3) {
		r.bodies = append(r.bodies, takeLines(&was, c.Number(maxNumber))...)
		gone := c.Number(maxNumber)
		takeLines(&was, gone)
		added := c.Number(maxNumber)
		r.bodies = append(r.bodies, takeLines(&r.lines, added)...)
		f.length += int32(added - gone)
	}
	r.bodies = append(r.bodies, was.Data...)
	f.end = int32(len(r.bodies))
	c.Bad = c.Bad || was.Bad
	return f
}

// takeLines takes n lines of a body.
func takeLines(c *cursor.Cursor, n int) []byte {
	at := 0
	for range n {
		if at == len(c.Data) {
			c.Fail()
			return nil
		}
		at = endOfLine(c.Data, at)
	}
	return c.Bytes(at)
}
