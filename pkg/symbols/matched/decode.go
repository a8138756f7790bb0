package matched

import (
	"errors"
	"math"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

const magic = "hacrash names 2\n"

// Bounds of a table.
const (
	maxRaw    = 16 << 20 // of a stream, unpacked
	maxNumber = 1 << 24
)

var errDamaged = errors.New("the table of names is damaged")

// Decode reads a table.
func Decode(data []byte) (out []Release, err error) {
	err = eachMachine(data, func(machine uint16, packed [4][]byte) error {
		p, err := unpack(packed)
		if err == nil {
			out = append(out, p.releases(machine)...)
		}
		return err
	})
	return out, err
}

// eachMachine gives the packed streams of each machine.
func eachMachine(data []byte, yield func(machine uint16, packed [4][]byte) error) error {
	c := cursor.Cursor{Data: data}
	if string(c.Bytes(len(magic))) != magic {
		return errDamaged
	}
	for range c.Count(5) {
		machine := uint16(c.Number(math.MaxUint16))
		var packed [4][]byte
		for i := range packed {
			packed[i] = c.Bytes(c.Count(1))
		}
		if c.Bad {
			return errDamaged
		}
		if err := yield(machine, packed); err != nil {
			return err
		}
	}
	if c.Bad {
		return errDamaged
	}
	return nil
}

// errFound ends eachMachine.
var errFound = errors.New("found")

// poolOf reads the part of a table for one machine; nil if it has none.
func poolOf(data []byte, machine uint16) (p *pool) {
	_ = eachMachine(data, func(m uint16, packed [4][]byte) (err error) {
		if m != machine {
			return nil
		}
		if p, err = unpack(packed); err != nil {
			return err
		}
		return errFound
	})
	return p
}

// unpack reads the streams of a pool.
func unpack(packed [4][]byte) (*pool, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRaw))
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	var raw [4][]byte
	for i, b := range packed {
		if raw[i], err = dec.DecodeAll(b, nil); err != nil {
			return nil, errDamaged
		}
	}
	return readPool(raw[0], raw[1], raw[2], raw[3])
}

// readPool reads the streams of a pool, unpacked.
func readPool(numbers, texts, hashes, weights []byte) (*pool, error) {
	r := reader{numbers: cursor.Cursor{Data: numbers}, texts: cursor.Cursor{Data: texts}, hashes: cursor.Cursor{Data: hashes}, weights: cursor.Cursor{Data: weights}}
	r.pool()
	if r.numbers.Bad || r.texts.Bad || r.hashes.Bad || r.weights.Bad || r.bad {
		return nil, errDamaged
	}
	return &r.p, nil
}

// reader reads what streams hold.
type reader struct {
	numbers, texts, hashes, weights cursor.Cursor
	p                               pool
	room                            []int32 // for the features of records
	bad                             bool
}

func (r *reader) pool() {
	for range r.numbers.Number(len(r.texts.Data)) {
		r.p.versions = append(r.p.versions, r.texts.Text())
	}
	r.labels()
	for range r.numbers.Count(1) {
		set := make([]int32, r.numbers.Count(1))
		for i := range set {
			set[i] = r.below(len(r.p.versions))
		}
		r.p.sets = append(r.p.sets, set)
	}
	n := r.numbers.Count(4)
	r.p.records = make([]record, 0, n)
	for range n {
		r.record()
	}
}

// below reads a number that must be less than n.
func (r *reader) below(n int) int32 {
	if n == 0 {
		r.bad = true
		return 0
	}
	return int32(r.numbers.Number(n - 1))
}

func (r *reader) labels() {
	var units []string
	for range r.numbers.Number(len(r.texts.Data)) {
		units = append(units, r.texts.Text())
	}
	exported, static := r.numbers.Number(len(r.hashes.Data)), r.numbers.Number(len(r.texts.Data))
	r.p.labels = make([]Label, 0, exported+static)
	last := 0
	for range exported {
		last += r.hashes.Number(math.MaxUint32)
		r.p.labels = append(r.p.labels, Label{Exported: uint32(last)})
	}
	text := string(r.texts.Data)
	for range static {
		n := r.numbers.Number(maxNumber)
		if n/2 >= len(units) {
			r.bad = true
			return
		}
		left := len(r.texts.Data)
		size := len(r.texts.Bytes(r.texts.Count(1)))
		end := len(text) - len(r.texts.Data)
		if r.texts.Bad || left == 0 {
			return
		}
		r.p.labels = append(r.p.labels, Label{Name: text[end-size : end], Unit: units[n/2], Header: n&1 != 0})
	}
}

func (r *reader) record() {
	p := &r.p
	var before record
	if n := len(p.records); n > 0 {
		before = p.records[n-1]
	}
	step := r.numbers.Number(maxNumber)
	c := record{label: before.label + int32(step), size: uint8(r.numbers.Number(math.MaxUint8))}
	set := r.below(2 * len(p.sets))
	c.set, c.pointed = set/2, set&1 != 0
	if int(c.label) >= len(p.labels) {
		r.bad = true
		c.label = 0
	}
	from := len(r.room)
	if step == 0 {
		kept := r.numbers.Number(1<<(mostFeatures+keptReferring) - 1)
		for k, f := range before.features {
			if kept>>k&1 != 0 {
				r.room = append(r.room, f)
			}
		}
	}
	for range r.numbers.Count(1) {
		r.feature()
	}
	c.features = r.room[from:len(r.room):len(r.room)]
	p.records = append(p.records, c)
}

func (r *reader) feature() {
	p := &r.p
	f := feature{neighbour: -1}
	n := len(p.features)
	switch k := r.numbers.Number(maxNumber); k {
	case newHash:
		if b := r.hashes.Bytes(hashLength); b != nil {
			f.hash = uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		}
	case newEdge:
		f.kind, f.neighbour = uint8(r.numbers.Number(math.MaxUint8)), r.below(len(p.labels))
	default:
		if n -= k - again + 1; n < 0 {
			r.bad = true
			return
		}
		r.room = append(r.room, int32(n))
		return
	}
	if b := r.weights.Bytes(1); b != nil {
		f.weight = b[0]
	}
	p.features = append(p.features, f)
	r.room = append(r.room, int32(n))
}
