package elffile

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/xz"
)

// maxMini is how large the ELF file within .gnu_debugdata may be. Those of
// Fedora's largest libraries are some megabytes.
const maxMini = 64 << 20

// BuildID is the GNU build-id in lower-case hex; empty if there is none.
func (f *File) BuildID() (id string) {
	_ = f.guard(func() { id = f.buildID() })
	return id
}

func (f *File) buildID() string {
	for _, s := range f.Segments {
		if s.Type == Note {
			if id := NoteBuildID(f.slice(s.Offset, s.FileSize)); id != "" {
				return id
			}
		}
	}
	// A debug file may have no segments that hold bytes.
	return NoteBuildID(f.Section(".note.gnu.build-id"))
}

// NoteBuildID finds NT_GNU_BUILD_ID in the bytes of a note segment or section,
// in lower-case hex; empty if there is none.
func NoteBuildID(b []byte) string {
	const gnuBuildID, maxID = 3, 64
	for len(b) >= 12 {
		name, desc, typ := uint64(le.Uint32(b)), uint64(le.Uint32(b[4:])), le.Uint32(b[8:])
		b = b[12:]
		nameSize := (name + 3) &^ 3
		if nameSize > uint64(len(b)) || desc > uint64(len(b))-nameSize {
			return ""
		}
		if typ == gnuBuildID && name == 4 && string(b[:4]) == "GNU\x00" && desc > 0 && desc <= maxID {
			return hex.EncodeToString(b[4 : 4+desc])
		}
		b = b[min(nameSize+(desc+3)&^3, uint64(len(b))):]
	}
	return ""
}

// small copies a section that has no reason to be large.
func (f *File) small(name string) (b []byte) {
	s := f.Section(name)
	_ = f.guard(func() { b = bytes.Clone(s[:min(len(s), 8<<10)]) })
	return b
}

// DebugLink gives the name of the debug file and the CRC-32 of its bytes, as
// objcopy --add-gnu-debuglink writes them. A name with a slash is refused: it
// is a name, not a path.
func (f *File) DebugLink() (name string, crc uint32, ok bool) {
	b := f.small(".gnu_debuglink")
	i := bytes.IndexByte(b, 0)
	if i <= 0 {
		return "", 0, false
	}
	at := (i + 4) &^ 3 // behind the NUL, padded to four
	name = string(b[:i])
	if len(b) < at+4 || strings.ContainsRune(name, '/') {
		return "", 0, false
	}
	return name, le.Uint32(b[at:]), true
}

// CRC is the checksum that a debug link to this file holds. It reads the whole
// file; 0 if that is cut meanwhile.
func (f *File) CRC() (sum uint32) {
	_ = f.guard(func() { sum = crc32.ChecksumIEEE(f.data) })
	return sum
}

// DebugAltLink gives the path, absolute or relative to the file itself, and the
// build-id of the file that dwz -m moved common debug data to.
func (f *File) DebugAltLink() (path, buildID string, ok bool) {
	b := f.small(".gnu_debugaltlink")
	i := bytes.IndexByte(b, 0)
	if i <= 0 || len(b)-i-1 > 64 {
		return "", "", false
	}
	return string(b[:i]), hex.EncodeToString(b[i+1:]), true
}

// MiniDebugInfo unpacks the ELF file that Fedora and others put into
// .gnu_debugdata: a symbol table for what .dynsym lacks, compressed with xz.
// It is nil if there is none.
func (f *File) MiniDebugInfo() (*File, error) {
	b := f.Section(".gnu_debugdata")
	if b == nil {
		return nil, nil
	}
	var data []byte
	var err error
	if fault := f.guard(func() { data, err = unpackMini(b) }); fault != nil {
		err = fault
	}
	if err != nil {
		return nil, fmt.Errorf("%s: its .gnu_debugdata cannot be read: %w", f.Path, err)
	}
	return New(data, f.Path+" (.gnu_debugdata)")
}

func unpackMini(b []byte) ([]byte, error) {
	r, err := xz.NewReader(bytes.NewReader(b), maxMini)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxMini+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxMini {
		return nil, fmt.Errorf("larger than %d MiB", maxMini>>20)
	}
	return data, nil
}
