package module

import (
	"archive/tar"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// Bounds on the archive.
const (
	maxArchived = 1024
	// What may be taken out of it, in bytes: HAProxy with its debug data and all
	// libraries has some ten million.
	maxArchivedSize = 256 << 20
	// The ELF header, the program headers and the notes lie in the first bytes.
	archivedHead = 16 << 10
)

// archived is a file in the archive of libraries that HAProxy keeps in its memory
// with "set-dumpable libs" (3.4-dev7 and later, and stable versions that got it:
// collect_libs in src/tools.c).
type archived struct {
	name string // as in the archive, "core-PID/usr/lib/…"
	// addr is the runtime address of its bytes, size how many there are.
	addr, size uint64
	id         string // build-id; empty if it has none
}

// libraries reads the archive's table once.
//
// The archive is a tar of its own mapping: anonymous, read-only, with a page
// that was not dumped before and behind it, so its segment begins with the first
// header. HAProxy writes "haproxy-libs-dump" where links have their target
// (make_tar_header). Nothing in post_mortem points to it: only the variable
// lib_storage does, which a stripped executable does not name.
func (s *Set) libraries() []archived {
	if !first(&s.archiveRead) {
		return s.archive
	}
	for i := range s.core.Segments {
		seg := &s.core.Segments[i]
		if seg.Flags&(elfcore.Writable|elfcore.Executable) == 0 && s.isArchive(seg) {
			s.archive = s.readArchive(seg)
			break // there is one
		}
	}
	return s.archive
}

func (s *Set) isArchive(seg *elfcore.Segment) bool {
	const linkAt, magicAt, headerLen = 157, 257, 512
	var h [headerLen]byte
	return s.core.Mapping(seg.Address) == nil && s.dumped(h[:], seg.Address) == headerLen &&
		strings.HasPrefix(string(h[linkAt:]), "haproxy-libs-dump\x00") && strings.HasPrefix(string(h[magicAt:]), "ustar\x00")
}

// readArchive lists what a segment holds; of a core that is cut, what is whole.
func (s *Set) readArchive(seg *elfcore.Segment) (list []archived) {
	r := io.NewSectionReader(dumpedReader{s, seg.Address}, 0, int64(seg.Held()))
	t := tar.NewReader(r)
	for range maxArchived {
		h, err := t.Next()
		if err != nil {
			return list // the end, or damage: what came before is good
		}
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil || h.Typeflag != tar.TypeReg || h.Size > maxArchivedSize || h.Size > r.Size()-at {
			continue
		}
		a := archived{name: h.Name, addr: seg.Address + uint64(at), size: uint64(h.Size)}
		if f := a.read(s, archivedHead); f != nil {
			a.id = f.BuildID()
			list = append(list, a)
		}
	}
	return list
}

// open takes the file out of memory; nil if it is no ELF file, or if too much
// was taken out already.
func (a archived) open(s *Set) *elffile.File {
	if a.size > maxArchivedSize-s.unarchived {
		return nil
	}
	s.unarchived += a.size
	return a.read(s, a.size)
}

func (a archived) read(s *Set, size uint64) *elffile.File {
	b := make([]byte, min(size, a.size))
	f, err := elffile.New(b[:s.dumped(b, a.addr)], a.name+" (in the core)")
	if err != nil {
		return nil
	}
	return f
}

// archivedFor gives what may be a file, or a debug file, of a module: by
// build-id, or by path for one without.
func (s *Set) archivedFor(m *elfcore.Module, id string) (list []archived) {
	for _, a := range s.libraries() {
		_, path, _ := strings.Cut(a.name, "/")
		if id != "" && a.id == id || id == "" && "/"+path == m.Path {
			list = append(list, a)
		}
	}
	return list
}

// dumpedReader reads the core's own bytes from a runtime address on.
type dumpedReader struct {
	set  *Set
	addr uint64
}

func (r dumpedReader) ReadAt(b []byte, off int64) (int, error) {
	n := r.set.dumped(b, r.addr+uint64(off))
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
