package logparse

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
)

// Input is a text.
type Input struct {
	// Name goes into every Part.
	Name string
	// At and Size, in bytes, when it can be read at any offset; else Reader.
	At     io.ReaderAt
	Size   int64
	Reader io.Reader
}

// Options of Parse; the zero value is good.
type Options struct {
	// Whole is the size in bytes up to which every line is parsed; of larger
	// inputs only what is around lines that hold one of a set of literals. 0
	// means 4 MiB; negative means none, so that nothing of a Reader is held back
	// before it is parsed (live streams).
	Whole int64
	// Workers that search a file; 0 is scan's choice.
	Workers int
}

// Summary says what was done.
type Summary struct {
	// Lines is how many lines were taken out of their envelope.
	Lines int64
	// Parts is how many were emitted.
	Parts int
	// Gated says that only lines around literals were looked at.
	Gated bool
	// Others are what was seen that is no crash of HAProxy.
	Others []Other
	// Words are what looked like a crash and did not count.
	Words Words
}

const defaultWhole = 4 << 20

// Parse reads in and gives every piece of evidence to emit, in about the order
// of the lines. It ends with the error of emit, of ctx or of reading.
func Parse(ctx context.Context, in Input, o Options, emit func(join.Part) error) (Summary, error) {
	if in.At == nil && in.Reader == nil {
		return Summary{}, errors.New("no input: give a reader")
	}
	if o.Whole == 0 {
		o.Whole = defaultWhole
	}
	r := &reader{ctx: ctx, dec: envelope.NewDecoder()}
	r.p = newParser(in.Name, func(p join.Part) error {
		r.placed(&p)
		return emit(p)
	})
	err := r.read(in, o)
	if r.p.err == nil {
		// What was read before an error, or before the user called it off, counts.
		err = cmp.Or(err, r.finish())
	}
	r.p.behind.end()
	r.sum.Parts, r.sum.Words = r.p.parts, r.p.words
	r.sum.Others = append(r.p.behind.found, r.p.owners.others...)
	r.placeOthers()
	return r.sum, err
}

// Lines parses a text that was found in memory or in a debugger's output; every
// line of it is looked at.
func Lines(ctx context.Context, text string, name string) ([]join.Part, error) {
	var parts []join.Part
	in := Input{Name: name, Reader: bytes.NewReader([]byte(text))}
	_, err := Parse(ctx, in, Options{Whole: int64(len(text)) + 1}, func(p join.Part) error {
		parts = append(parts, p)
		return nil
	})
	return parts, err
}

func (r *reader) read(in Input, o Options) error {
	if in.At != nil {
		if in.Size > o.Whole {
			head := make([]byte, min(in.Size, headBytes))
			n, err := in.At.ReadAt(head, 0)
			if err != nil && err != io.EOF {
				return err
			}
			return r.gated(head[:n], func(s *scan.Set, y func(*scan.Window) bool) error {
				return s.ScanAt(r.ctx, in.At, in.Size, scan.Options{Workers: o.Workers, MaxLine: maxLine}, y)
			})
		}
		data := make([]byte, max(in.Size, 0))
		n, err := in.At.ReadAt(data, 0)
		if err != nil && err != io.EOF {
			return err
		}
		return r.whole(data[:n])
	}
	var head []byte
	if o.Whole > 0 {
		var err error
		if head, err = io.ReadAll(io.LimitReader(in.Reader, o.Whole+1)); err != nil {
			r.ctx = context.WithoutCancel(r.ctx)
			return cmp.Or(r.whole(head), err)
		}
		if int64(len(head)) <= o.Whole {
			return r.whole(head)
		}
	}
	all := in.Reader
	if len(head) > 0 {
		all = io.MultiReader(bytes.NewReader(head), in.Reader)
	}
	return r.gated(head, func(s *scan.Set, y func(*scan.Window) bool) error {
		return s.ScanReader(r.ctx, all, scan.Options{MaxLine: maxLine}, y)
	})
}
