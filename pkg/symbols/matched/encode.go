package matched

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

// What a feature of a record is written as: one that comes first here is told in full, with its
// weight; the others by how long ago that was.
const (
	newHash = iota
	newEdge
	again
)

// streams are what the numbers of a pool are sorted into: like packs well beside like.
type streams struct{ numbers, texts, hashes, weights []byte }

func appendNumbers(b []byte, list []int32) []byte {
	for _, n := range list {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func (s *streams) number(n int) { s.numbers = binary.AppendUvarint(s.numbers, uint64(n)) }

// Encode writes the table of all releases.
func Encode(releases []Release) ([]byte, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	var machines []uint16
	of := map[uint16][]Release{}
	for _, r := range releases {
		if of[r.Machine] == nil {
			machines = append(machines, r.Machine)
		}
		of[r.Machine] = append(of[r.Machine], r)
	}
	slices.Sort(machines)
	out := []byte(magic)
	out = binary.AppendUvarint(out, uint64(len(machines)))
	for _, m := range machines {
		var s streams
		s.pool(newPool(of[m]))
		out = binary.AppendUvarint(out, uint64(m))
		for _, raw := range [][]byte{s.numbers, s.texts, s.hashes, s.weights} {
			packed := enc.EncodeAll(raw, nil)
			out = binary.AppendUvarint(out, uint64(len(packed)))
			out = append(out, packed...)
		}
	}
	_, err = Decode(out)
	if err != nil {
		return nil, fmt.Errorf("what was written cannot be read: %w", err)
	}
	return out, nil
}

func (s *streams) pool(p *pool) {
	s.number(len(p.versions))
	for _, v := range p.versions {
		s.texts = cursor.AppendText(s.texts, v)
	}
	s.labels(p.labels)
	s.number(len(p.sets))
	for _, set := range p.sets {
		s.number(len(set))
		for _, r := range set {
			s.number(int(r))
		}
	}
	s.number(len(p.records))
	w := recordWriter{s: s, p: p, number: map[int32]int{}}
	for i := range p.records {
		w.record(i)
	}
}

// labels writes labels, which are sorted: those of exported functions come first.
func (s *streams) labels(list []Label) {
	units := []string{}
	for _, l := range list {
		if l.Exported == 0 {
			units = append(units, l.Unit)
		}
	}
	slices.Sort(units)
	units = slices.Compact(units)
	s.number(len(units))
	for _, u := range units {
		s.texts = cursor.AppendText(s.texts, u)
	}
	exported := slices.IndexFunc(list, func(l Label) bool { return l.Exported == 0 })
	if exported < 0 {
		exported = len(list)
	}
	s.number(exported)
	s.number(len(list) - exported)
	last := uint32(0)
	for _, l := range list[:exported] {
		s.hashes = binary.AppendUvarint(s.hashes, uint64(l.Exported-last))
		last = l.Exported
	}
	for _, l := range list[exported:] {
		unit, _ := slices.BinarySearch(units, l.Unit)
		n := 2 * unit
		if l.Header {
			n++
		}
		s.number(n)
		s.texts = cursor.AppendText(s.texts, l.Name)
	}
}

// recordWriter writes records, by label.
type recordWriter struct {
	s      *streams
	p      *pool
	number map[int32]int // of features that were written, in the order in which they were
	label  int32         // of the record before
	before []int32       // its features, in the order in which the reader has them
}

func (w *recordWriter) record(i int) {
	r := &w.p.records[i]
	w.s.number(int(r.label - w.label))
	w.s.number(int(r.size))
	w.s.number(2*int(r.set) + flag(r.pointed))
	var list []int32 // as the reader will have them
	if r.label == w.label {
		kept := 0
		for k, f := range w.before {
			if slices.Contains(r.features, f) {
				kept |= 1 << k
				list = append(list, f)
			}
		}
		w.s.number(kept)
	}
	var rest []int32
	for _, f := range r.features {
		if !slices.Contains(list, f) {
			rest = append(rest, f)
		}
	}
	w.s.number(len(rest))
	for _, f := range rest {
		w.feature(f)
	}
	w.label, w.before = r.label, append(list, rest...)
}

func (w *recordWriter) feature(n int32) {
	f := w.p.features[n]
	if k, is := w.number[n]; is {
		w.s.number(again + len(w.number) - 1 - k)
		return
	}
	w.number[n] = len(w.number)
	w.s.weights = append(w.s.weights, f.weight)
	if f.kind == 0 {
		w.s.number(newHash)
		w.s.hashes = append(w.s.hashes, byte(f.hash), byte(f.hash>>8), byte(f.hash>>16))
		return
	}
	w.s.number(newEdge)
	w.s.number(int(f.kind))
	w.s.number(int(f.neighbour))
}
