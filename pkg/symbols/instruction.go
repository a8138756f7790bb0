package symbols

// Instruction decodes the instruction at a runtime address. Text is in the syntax
// of the GNU assembler, empty if the bytes are none; code are its bytes, or those at
// the address if it cannot be decoded, and nil if they are not at hand.
func (s *Symbolizer) Instruction(pc uint64) (text string, code []byte) {
	b := make([]byte, s.core.Machine.Longest)
	n, _ := s.core.ReadMemory(b, pc) // n tells enough
	b = b[:n]
	if text, size := s.core.Machine.Text(b, pc, s.name); text != "" {
		return text, b[:size]
	}
	return "", b
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
