package postmortem

import (
	"encoding/binary"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/module"
)

// maxAbortMessage bounds it, in bytes.
const maxAbortMessage = 1 << 10

// UseLibrary adds what the C library said before it aborted: the heap is damaged, a buffer
// was overrun, an assertion failed. Nothing is added for other modules. It reads the file of
// the module: within [module.Module.Guard].
//
// Source: glibc keeps the message for whoever reads a core, as its length in memory and
// the text (struct abort_msg_s, at __abort_msg, GLIBC_PRIVATE, since 2.4).
func (f *Findings) UseLibrary(c *elfcore.Core, m *module.Module) {
	if base := filepath.Base(m.Path); f.AbortMessage != "" || !strings.HasPrefix(base, "libc.so") && !strings.HasPrefix(base, "libc-") {
		return
	}
	if m.File() == nil || c.Signal == nil || c.Signal.Number != sigABRT {
		return
	}
	var s elffile.Symbol
	m.File().DynamicSymbols().Named("__abort_msg", func(x elffile.Symbol) bool {
		s = x
		return !x.Defined
	})
	if !s.Defined {
		return
	}
	r := reader{c: c}
	b := r.read(m.Runtime(s.Address), 8)
	if len(b) < 8 {
		return
	}
	at := binary.LittleEndian.Uint64(b)
	if at == 0 {
		return
	}
	b = r.read(at, 4)
	if len(b) < 4 {
		return
	}
	size := binary.LittleEndian.Uint32(b)
	text := strings.TrimSpace(r.from(at+4, int(min(size, maxAbortMessage))))
	if text == "" {
		return
	}
	f.AbortMessage, f.abortAddress = text, at+4
}

// useAbort adds the message to a crash that ended so: it lies where only the C library
// writes, and is no text that somebody could have sent.
func (f *Findings) useAbort(x *crash.Crash) {
	if f.AbortMessage == "" {
		return
	}
	x.Text = f.AbortMessage
	if x.Kind == crash.HeapCorruption {
		x.Pool = &crash.Pool{Error: f.AbortMessage}
	}
	x.Evidence = append(x.Evidence, crash.Evidence{
		Fact: "last words", Where: where(f.abortAddress), Rank: crash.RankState, Text: f.AbortMessage,
	})
}
