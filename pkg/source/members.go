package source

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Inputs that hold others: what is inside is given on as if it lay in a directory.

// The kinds of these; nobody outside sees them.
const (
	archive Kind = "archive"
	journal Kind = "journal"
	report  Kind = "report" // of apport
	letter  Kind = "mail"
)

// BundleDir begins the names of the members of a bundle of hacrash: a core, and what others need
// to open it. Only the core is read.
const BundleDir = "hacrash-bundle/"

const (
	// maxNesting is how many of them may be in one another.
	maxNesting = 3
	// maxMembers caps what one archive holds.
	maxMembers = 200_000
)

// inside gives what an input holds.
func (w *walker) inside(in *Input) bool {
	if w.depth >= maxNesting {
		return w.fail(in.Name, fmt.Errorf("archives more than %d deep in one another; unpack it", maxNesting))
	}
	w.depth++
	defer func() { w.depth-- }()
	switch in.Kind {
	case journal:
		return w.journal(in)
	case report:
		return w.apport(in)
	case letter:
		return w.mail(in)
	}
	return w.archive(in)
}

// content reads an input from its start.
func (in *Input) content() io.Reader {
	if in.At != nil {
		return io.NewSectionReader(in.At, 0, in.Length)
	}
	return in.Reader
}

// archive gives the members of a tar archive. Nothing is written to their paths, so it does
// not matter where these lead.
func (w *walker) archive(in *Input) bool {
	r := in.content()
	t := tar.NewReader(r)
	var p passed
	ours := 0
	for n := 0; w.ctx.Err() == nil; n++ {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil && n == maxMembers {
			err = fmt.Errorf("more than %d members; the rest was not read", maxMembers)
		}
		if err != nil {
			if !w.fail(in.Name, damagedArchive(err, in)) {
				return false
			}
			break
		}
		if strings.HasPrefix(h.Name, BundleDir) && h.Name != BundleDir+"core" {
			continue
		}
		if why := notRead(h); why != "" {
			p.add(h.Name, why)
			continue
		}
		member, err := caught(func() (*Input, error) { return w.ofArchive(in, h, r, t) })
		if err == nil && member.Kind == Other {
			p.add(h.Name, member.Problems[0])
			member.closeAll()
			continue
		}
		ours++
		if !w.give(in.Name+":"+h.Name, member, err) {
			return false
		}
	}
	w.passedOver(in.Name, &p)
	if ours == 0 && w.ctx.Err() == nil {
		return w.fail(in.Name, errors.New("an archive that holds no core, log or backtrace; name another one"))
	}
	return w.ctx.Err() == nil
}

// ofArchive opens a member. Of a plain archive it is read at offsets, as a file is.
func (w *walker) ofArchive(in *Input, h *tar.Header, r io.Reader, t *tar.Reader) (*Input, error) {
	name := in.Name + ":" + h.Name
	s, seekable := r.(io.Seeker)
	if !seekable || h.Typeflag == tar.TypeGNUSparse || h.PAXRecords["GNU.sparse.major"] != "" {
		return w.member(name, t)
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	return w.at(name, in.At, at, h.Size)
}

// notRead says why a member is passed over unread.
func notRead(h *tar.Header) string {
	switch {
	case h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse:
		return noFile
	case h.Size == 0:
		return noContent
	case foreignCore(h.Name):
		return otherCore
	}
	return ""
}

func damagedArchive(err error, in *Input) error {
	switch {
	case len(in.Problems) > 0:
		return errors.New(in.Problems[0])
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("truncated: the archive ends early; what came before was read")
	case errors.Is(err, tar.ErrHeader):
		return errors.New("damaged: a header of the archive cannot be read; what came before was")
	}
	return err
}

// member opens content that comes out of another input, to be read once.
func (w *walker) member(name string, r io.Reader) (*Input, error) {
	return w.once(&Input{Name: name}, r, sniffLen)
}
