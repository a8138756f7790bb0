package source

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// A report of apport, Ubuntu's crash handler (problem_report.py): fields "Name: value", further
// lines of a value behind a blank. What is no text is "Name: base64", and then lines that are
// each encoded for itself; together they are compressed.

const (
	apportMark = "ProblemType: "
	// maxFields is how much text of a report is kept.
	maxFields = 8 << 20
)

// apport gives the core of a report, then its text: in this order both come out of one pass.
func (w *walker) apport(in *Input) bool {
	src := &origin{r: in.content()}
	r := bufio.NewReaderSize(src, sniffLen)
	var text bytes.Buffer
	for w.ctx.Err() == nil {
		line, err := r.ReadSlice('\n')
		text.Write(line[:min(len(line), maxFields-text.Len())])
		if name, ok := bytes.CutSuffix(bytes.TrimSpace(line), []byte(": base64")); ok && line[0] != ' ' {
			b := &blob{r: r}
			if string(name) == "CoreDump" && !w.coreOf(in, b, src.n-int64(r.Buffered())) {
				return false
			}
			if _, err := io.Copy(io.Discard, b); err != nil && w.ctx.Err() == nil && !w.fail(in.Name, fmt.Errorf("%s: %w", name, err)) {
				return false
			}
			continue
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil {
			if err != io.EOF && !w.fail(in.Name, reason(err)) {
				return false
			}
			break
		}
	}
	fields := &Input{Name: in.Name, Compression: in.Compression, Size: in.Size, At: bytes.NewReader(text.Bytes()), Length: int64(text.Len()), Problems: in.Problems}
	fields.Kind, _ = sniff(text.Bytes()[:min(text.Len(), sniffLen)])
	if fields.Kind == report {
		fields.Kind = Log
	}
	return w.give(in.Name, fields, nil)
}

// coreOf gives the core of a report, which begins at an offset of its content.
func (w *walker) coreOf(in *Input, b *blob, at int64) bool {
	name := in.Name + ":CoreDump"
	core, err := caught(func() (*Input, error) { return w.member(name, b) })
	if err != nil {
		return w.give(name, nil, err)
	}
	b.in = core
	if c := codecNamed(core.Compression); in.At != nil && c != nil {
		core.again = func() {
			again := &blob{r: bufio.NewReaderSize(io.NewSectionReader(in.At, at, in.Length-at), sniffLen), in: core}
			w.decompressInto(core, c, again)
		}
	}
	return w.give(name, core, nil)
}

// blob decodes the lines of a field in base64. Damage ends it, as the end of a file would.
type blob struct {
	r    *bufio.Reader
	in   *Input // that is told of damage
	part []byte // of a group of four
	out  []byte
	buf  [sniffLen]byte
	mid  bool // within a line
	err  error
}

var errBase64 = errors.New("its base64 is damaged")

func (b *blob) Read(p []byte) (int, error) {
	for len(b.out) == 0 && b.err == nil {
		b.err = b.fill()
	}
	n := copy(p, b.out)
	if b.out = b.out[n:]; n > 0 || len(p) == 0 {
		return n, nil
	}
	if b.err == errBase64 && b.in != nil {
		b.in.problem("damaged: the base64 of the report cannot be read to its end")
		b.err = io.EOF
	}
	return 0, b.err
}

// fill decodes a line, or as much of it as the buffer holds.
func (b *blob) fill() error {
	if !b.mid {
		c, err := b.r.Peek(1)
		if err != nil {
			return err
		}
		if c[0] != ' ' {
			return io.EOF // the next field
		}
	}
	line, err := b.r.ReadSlice('\n')
	b.mid = err == bufio.ErrBufferFull
	if err != nil && !b.mid && err != io.EOF {
		return err
	}
	line = bytes.Trim(line, " \r\n")
	for len(line) > 0 {
		if len(b.part) > 0 || len(line) < 4 {
			n := min(4-len(b.part), len(line))
			b.part = append(b.part, line[:n]...)
			line = line[n:]
			if len(b.part) < 4 {
				break
			}
			if err := b.decode(b.part); err != nil {
				return err
			}
			b.part = b.part[:0]
			continue
		}
		n := len(line) &^ 3
		if err := b.decode(line[:n]); err != nil {
			return err
		}
		line = line[n:]
	}
	if !b.mid && err == nil && len(b.part) > 0 {
		return errBase64 // a line ends within a group
	}
	return nil
}

func (b *blob) decode(groups []byte) error {
	if len(b.out) == 0 {
		b.out = b.buf[:0]
	}
	at := len(b.out)
	n, err := base64.StdEncoding.Decode(b.buf[at:], groups)
	b.out = b.buf[:at+n]
	if err != nil {
		return errBase64
	}
	return nil
}

func isApport(head []byte) bool { return bytes.HasPrefix(head, []byte(apportMark)) }
