package symbols

import (
	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/x86/x86asm"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// maxInstruction is how many bytes one instruction may have.
const maxInstruction = 15

// Instruction decodes the instruction at a runtime address. Text is in the syntax
// of the GNU assembler, empty if the bytes are none; code are its bytes, or those at
// the address if it cannot be decoded, and nil if they are not at hand.
func (s *Symbolizer) Instruction(pc uint64) (text string, code []byte) {
	b := make([]byte, maxInstruction)
	n, _ := s.core.ReadMemory(b, pc) // n tells enough
	b = b[:n]
	if s.core.Arch == elfcore.ARM64 {
		b = b[:min(n, 4)]
		in, err := arm64asm.Decode(b)
		if err != nil {
			return "", b
		}
		return arm64asm.GNUSyntax(in), b
	}
	in, err := x86asm.Decode(b, 64)
	if err != nil || in.Len > len(b) {
		return "", b
	}
	return x86asm.GNUSyntax(in, pc, s.name), b[:in.Len]
}

// name names what an instruction refers to.
func (s *Symbolizer) name(addr uint64) (string, uint64) {
	m := s.modules.Find(addr)
	im := s.Image(m)
	if im == nil {
		return "", 0
	}
	var c *Code
	if s.modules.Guard(func() { c = im.Code(m.LinkTime(addr)) }) != nil || c.Name == "" {
		return "", 0
	}
	return c.Name, m.Runtime(c.Low)
}
