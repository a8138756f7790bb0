package postmortem

import (
	"bytes"
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
	// Shared: other conditions end at the same place, and no counter says which one it
	// was.
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
// executable ended the process or called what did, and at most reach bytes of it: those
// of the function. nil if it says nothing. It takes the executable: see Use.
//
// The message goes from the executable's constants to stderr by write(2), so it is in
// no dumped memory; but the code has to load its address, and 3.x to count the event,
// just before.
func (f *Findings) Condition(pc, reach uint64) *Condition {
	p := f.program
	reach = min(reach, conditionReach)
	if p == nil || pc < reach {
		return nil
	}
	end := p.main.LinkTime(pc)
	start := end - reach
	code := p.file.At(start)
	if uint64(len(code)) < reach || !p.file.Executable(start) || !p.file.Executable(end) {
		return nil
	}
	code = code[:reach]
	x := &Condition{}
	base, size := p.counterArea()
	loaded := 0 // where the instruction that loads the text ends
	for _, r := range references(p.c.Arch, code, start, p.main.Bias == 0) {
		if traps(p.c.Arch, code[r.end:]) {
			break // the end of another check lies between
		}
		at := p.main.Runtime(r.target)
		text := conditionText(p.constant(at))
		switch {
		case x.Counter == nil && at >= base && at-base < size:
			x.Counter = f.counterAt(at - (at-base)%counterSize)
		case text == "":
		case x.Text == "":
			x.Text, x.Address, loaded = text, at, r.end
		case !calls(p.c.Arch, code[r.end:loaded]):
			x.Shared = true // one of the two is chosen
		}
	}
	if x.Text == "" && x.Counter == nil {
		return nil
	}
	if x.Text != "" {
		x.Shared = x.Shared || p.jumpsBetween(start+uint64(loaded), end)
		if k := x.Counter; k != nil && strings.Contains(x.Text, counterPlace(k)) {
			x.Shared = false
		}
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
	t := Text{Kind: AssertionText, Agrees: true, Text: x.message(), Address: x.Address, Where: "constant of the executable, loaded just before the end"}
	if x.Text == "" && x.Counter != nil {
		t.Address, t.Where = uint64(x.Counter.Address), "counter, used just before the end"
	}
	return t
}

// HasAssertion says that memory holds the text of a check that ended the process.
func (f *Findings) HasAssertion() bool { return f.text(AssertionText) != nil }

// counterPlace is that of a counter as messages have it.
func counterPlace(k *crash.Counter) string { return k.File + ":" + strconv.Itoa(k.Line) }

// counterAt is the counter at an address if it is of a check that may end the process,
// and was reached. A COUNT_IF or a warning just before tells nothing.
func (f *Findings) counterAt(addr uint64) *crash.Counter {
	i := slices.IndexFunc(f.Counters, func(k crash.Counter) bool {
		return uint64(k.Address) == addr && (k.Type == "BUG_ON" || k.Type == "ABORT_NOW")
	})
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

// referencesARM64 finds what adrp, which loads the address of a page, and adds to it make
// (Arm Architecture Reference Manual, C6.2). The last of several adds may be the offset
// from the start of a section, where gcc puts an anchor.
func referencesARM64(code []byte, start uint64) []reference {
	skip := min(int(-start&3), len(code))
	all := words(code[skip:])
	var out []reference
	for i := len(all) - 1; i >= 0; i-- {
		if isAdd(all[i]) {
			if at, ok := formed(all[:i+1], start+uint64(skip)); ok {
				out = append(out, reference{at, skip + 4*i + 4})
			}
		}
	}
	return out
}

// isAdd says whether an instruction is add xd, xn, #imm12.
func isAdd(w uint32) bool { return w>>22 == 0x91000000>>22 }

// formed is the address that the last instruction, an add, makes of those before it;
// start is that of the first one.
func formed(code []uint32, start uint64) (at uint64, ok bool) {
	const near, adds = 8, 3
	w := code[len(code)-1]
	register, n := w>>5&31, 1
	at = uint64(w >> 10 & 0xfff)
	for i := len(code) - 2; i >= max(0, len(code)-1-near); i-- {
		switch w := code[i]; {
		case w&31 != register:
		case w&0x9f000000 == 0x90000000: // adrp
			pages := int64(int32(w>>5&0x7ffff<<2|w>>29&3)<<11) >> 11
			return at + (start+uint64(4*i))&^0xfff + uint64(pages<<12), true
		case isAdd(w) && n < adds:
			register, n = w>>5&31, n+1
			at += uint64(w >> 10 & 0xfff)
		}
	}
	return 0, false
}

// traps says whether code holds an instruction that is undefined on purpose.
func traps(arch elfcore.Arch, code []byte) bool {
	if arch != elfcore.ARM64 {
		return bytes.Contains(code, []byte{0x0f, 0x0b}) // ud2
	}
	return slices.Contains(words(code), 0) // udf #0
}

// calls says whether code may hold a call.
func calls(arch elfcore.Arch, code []byte) bool {
	if arch != elfcore.ARM64 {
		return bytes.IndexByte(code, 0xe8) >= 0
	}
	return slices.ContainsFunc(words(code), func(w uint32) bool { return w>>26 == 0b100101 }) // bl
}

// words are the instructions of arm64 at the start of code.
func words(code []byte) []uint32 {
	out := make([]uint32, 0, len(code)/4)
	for ; len(code) >= 4; code = code[4:] {
		out = append(out, binary.LittleEndian.Uint32(code))
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
