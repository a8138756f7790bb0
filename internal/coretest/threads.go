package coretest

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"
)

// Crowd writes a copy of a core to path that has n threads, each where the first one
// is.
func Crowd(t testing.TB, core, path string, n int) {
	t.Helper()
	const (
		phdrSize, noteSegment = 56, 4
		prStatus, pid         = 1, 32
	)
	b, err := os.ReadFile(core)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	headers, count := le.Uint64(b[32:]), uint64(le.Uint16(b[56:]))
	for i := range count {
		h := b[headers+i*phdrSize:]
		if le.Uint32(h) != noteSegment {
			continue
		}
		at, size := le.Uint64(h[8:]), le.Uint64(h[32:])
		notes := b[at : at+size]
		name, desc := le.Uint32(notes), le.Uint32(notes[4:])
		if le.Uint32(notes[8:]) != prStatus {
			t.Fatalf("%s does not begin with the first thread", core)
		}
		head := 12 + (name+3)&^3
		first := bytes.Clone(notes[:head+(desc+3)&^3])
		more := bytes.Clone(notes)
		lwp := le.Uint32(first[head+pid:])
		for k := 1; k < n; k++ {
			le.PutUint32(first[head+pid:], lwp+uint32(k))
			more = append(more, first...)
		}
		le.PutUint64(h[8:], uint64(len(b)))
		le.PutUint64(h[32:], uint64(len(more)))
		b = append(b, more...)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s has no notes", core)
}
