package postmortem

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// Condition is what the code before the crash says about why it ended the process.
type Condition struct {
	// Text is the message of the BUG_ON or ABORT_NOW as it was printed, Address where it
	// lies in the executable's constants; "" and 0 if only Counter was found.
	Text    string
	Address uint64
	// Counter is that of the same place; nil before 3.0 and where it was not found.
	Counter *crash.Counter
	// Shared: a jump leads in between that text and the crash, so that other conditions
	// may end there too, and no counter says which one it was.
	Shared bool
}

const (
	// conditionReach is how many bytes of code before the crash are looked at. Between
	// the text that is to be printed and the end of the process lie two or three calls.
	conditionReach = 96
	maxCondition   = 4 << 10
	// jumpReach is how far around jumps are looked for: BUG_ONs that share their end
	// are moved together by the compiler.
	jumpReach = 4 << 10
)

// Condition looks at the code before pc, the runtime address at which a check in the
// executable ended the process or called what did. nil if it says nothing. It takes
// the executable: see Use.
//
// The message goes from the executable's constants to stderr by write(2), so it is in
// no dumped memory; but the code has to load its address, and 3.x to count the event,
// just before.
func (f *Findings) Condition(pc uint64) *Condition {
	p := f.program
	if p == nil || pc < conditionReach {
		return nil
	}
	start := p.main.LinkTime(pc) - conditionReach
	code := p.file.At(start)
	if len(code) < conditionReach || !p.file.Executable(start) || !p.file.Executable(start+conditionReach) {
		return nil
	}
	code = code[:conditionReach]
	x := &Condition{}
	base, size := p.counterArea()
	var loaded uint64 // where the instruction behind that which loads the text lies
	for _, r := range references(p.c.Arch, code, start, p.main.Bias == 0) {
		at := p.main.Runtime(r.target)
		switch {
		case x.Counter == nil && at >= base && at-base < size:
			n := (at - base) / counterSize
			x.Counter = f.counterAt(base + n*counterSize)
		case x.Text == "":
			if x.Text = conditionText(p.constant(at)); x.Text != "" {
				x.Address, loaded = at, start+uint64(r.end)
			}
		}
	}
	if x.Text == "" && x.Counter == nil {
		return nil
	}
	if k := x.Counter; k == nil || !strings.Contains(x.Text, counterPlace(k)) {
		x.Shared = x.Text != "" && p.jumpsBetween(loaded, start+conditionReach)
	}
	return x
}

// message is what HAProxy printed: the text, or what it made of the counter (since 3.5
// only the parts of it lie in the executable; src/debug.c, complain_with_dbg).
func (x *Condition) message() string {
	k := x.Counter
	switch {
	case x.Text != "" || k == nil:
		return x.Text
	case k.Type == "ABORT_NOW":
		return "ABORT at " + counterPlace(k) + ": " + k.Message
	}
	return `FATAL: bug condition "` + k.Condition + `" matched at ` + counterPlace(k) + "\n" + k.Message
}

// Found is the message as a text of memory.
func (x *Condition) Found() Text {
	t := Text{Kind: AssertionText, Text: x.message(), Address: x.Address, Where: "constant of the executable, loaded just before the end"}
	if x.Text == "" && x.Counter != nil {
		t.Address, t.Where = uint64(x.Counter.Address), "counter, used just before the end"
	}
	return t
}

// HasAssertion says that memory holds the text of a check that ended the process.
func (f *Findings) HasAssertion() bool { return f.text(AssertionText) != nil }

// counterPlace is that of a counter as messages have it.
func counterPlace(k *crash.Counter) string { return k.File + ":" + strconv.Itoa(k.Line) }

func (f *Findings) counterAt(addr uint64) *crash.Counter {
	i := slices.IndexFunc(f.Counters, func(k crash.Counter) bool { return uint64(k.Address) == addr })
	if i < 0 {
		return nil
	}
	return &f.Counters[i]
}

// conditionText gives the message at the start of b if it is one of a check that ends
// the process.
func conditionText(b []byte) string {
	b = b[:min(len(b), maxCondition)]
	text := string(printable(b))
	if len(text) == len(b) || b[len(text)] != 0 {
		return ""
	}
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "ABORT at "), strings.HasPrefix(text, "FATAL: ") && strings.Contains(text, `condition "`):
		return text
	case aborts(text):
		return "ABORT at " + text
	}
	return ""
}

// aborts says whether text is that of an ABORT_NOW of 3.5: file.c:line: message.
func aborts(text string) bool {
	at, message, ok := strings.Cut(text, ": ")
	file, line, sep := strings.Cut(at, ":")
	return ok && sep && message != "" && !strings.ContainsAny(file, " \n") && isNumber(line) &&
		(strings.HasSuffix(file, ".c") || strings.HasSuffix(file, ".h"))
}

// reference is an address that an instruction forms.
type reference struct {
	target uint64 // link-time
	end    int    // of the instruction, from the start of the code
}

// references finds what instructions refer to by their own address, the last one
// first. fixed says that the program is linked to its place, so that it may also load
// plain numbers. Not every one of them is an instruction: a target that makes sense
// tells.
func references(arch elfcore.Arch, code []byte, start uint64, fixed bool) []reference {
	if arch == elfcore.ARM64 {
		return referencesARM64(code, start)
	}
	var out []reference
	for i := len(code) - 5; i >= 0; i-- {
		// How many bytes stand before the distance, and behind it.
		before, behind := 0, 0
		switch c := code[i:]; {
		case c[0]&0xfb == 0x48 && c[1] == 0x8d && c[2]&0xc7 == 5: // lea distance(%rip), reg
			before = 3
		case c[0] == 0xf0 && c[1] == 0xff && c[2] == 5: // lock incl distance(%rip)
			before = 3
		case c[0] == 0xf0 && c[1] == 0x83 && c[2] == 5: // lock addl $1, distance(%rip)
			before, behind = 3, 1
		case c[0] == 0xff && c[1] == 5: // the same without threads
			before = 2
		case c[0] == 0x83 && c[1] == 5:
			before, behind = 2, 1
		case fixed && c[0]&0xf8 == 0xb8: // mov $address, reg
			out = append(out, reference{uint64(binary.LittleEndian.Uint32(c[1:])), i + 5})
			continue
		default:
			continue
		}
		end := i + before + 4 + behind
		if end > len(code) {
			continue
		}
		distance := int32(binary.LittleEndian.Uint32(code[i+before:]))
		out = append(out, reference{start + uint64(end) + uint64(int64(distance)), end})
	}
	return out
}

// referencesARM64 finds pairs of adrp, which loads the address of a page, and an add to
// the same register (Arm Architecture Reference Manual, C6.2).
func referencesARM64(code []byte, start uint64) []reference {
	var out []reference
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(code[i:]) }
	skip := int(-start & 3)
	for i := skip + (len(code)-skip)/4*4 - 4; i >= skip; i -= 4 {
		add := word(i)
		if add>>22 != 0x91000000>>22 { // add xd, xn, #imm12
			continue
		}
		for k := i - 4; k >= skip && k >= i-32; k -= 4 {
			page := word(k)
			if page&0x9f000000 != 0x90000000 || page&31 != add>>5&31 { // adrp xn
				continue
			}
			pages := int64(int32(page>>5&0x7ffff<<2|page>>29&3)<<11) >> 11
			at := (start+uint64(k))&^0xfff + uint64(pages<<12) + uint64(add>>10&0xfff)
			out = append(out, reference{at, i + 4})
			break
		}
	}
	return out
}

// jumpsBetween says whether code around jumps to an address from low on and before high,
// both link-time. On x86 any byte may be taken for a jump, but few lead just there.
func (p *program) jumpsBetween(low, high uint64) bool {
	from := low - min(low, jumpReach)
	if !p.file.Executable(from) {
		from = low - min(low, conditionReach)
	}
	code := p.file.At(from)
	code = code[:min(uint64(len(code)), high-from+jumpReach)]
	for i := range code {
		to, ok := jump(p.c.Arch, code[i:], from+uint64(i))
		if ok && to >= low && to < high && (from+uint64(i) < low || from+uint64(i) >= high) {
			return true
		}
	}
	return false
}

// jump gives the target of a jump at an address.
func jump(arch elfcore.Arch, b []byte, at uint64) (to uint64, ok bool) {
	if arch == elfcore.ARM64 {
		return jumpARM64(b, at)
	}
	n, distance := 0, int64(0)
	switch {
	case len(b) >= 2 && (b[0] == 0xeb || b[0]&0xf0 == 0x70): // jmp, jcc of 8 bits
		n, distance = 2, int64(int8(b[1]))
	case len(b) >= 5 && b[0] == 0xe9:
		n, distance = 5, int64(int32(binary.LittleEndian.Uint32(b[1:])))
	case len(b) >= 6 && b[0] == 0x0f && b[1]&0xf0 == 0x80:
		n, distance = 6, int64(int32(binary.LittleEndian.Uint32(b[2:])))
	default:
		return 0, false
	}
	return at + uint64(n) + uint64(distance), true
}

func jumpARM64(b []byte, at uint64) (to uint64, ok bool) {
	if len(b) < 4 || at%4 != 0 {
		return 0, false
	}
	w := binary.LittleEndian.Uint32(b)
	signed := func(v uint32, bits int) uint64 { return uint64(int64(v) << (64 - bits) >> (64 - bits) * 4) }
	switch {
	case w>>26 == 0b000101: // b
		return at + signed(w&0x3ffffff, 26), true
	case w>>24 == 0x54, w>>25&0x3f == 0b011010: // b.cond, cbz and cbnz
		return at + signed(w>>5&0x7ffff, 19), true
	case w>>25&0x3f == 0b011011: // tbz and tbnz
		return at + signed(w>>5&0x3fff, 14), true
	}
	return 0, false
}
