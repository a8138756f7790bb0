package source

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"regexp"
	"strings"
	"sync"
)

// stranger is a format that users hand in by mistake.
type stranger struct{ magic, what string }

const (
	kernelDump = "a dump of a kernel, which crash(8) reads; name the core of the haproxy process"
	minidump   = "a minidump; only ELF cores are read: print its stacks with minidump-stackwalk, or let the kernel write a core"
	machO      = "a Mach-O file, a core of macOS perhaps; only ELF cores are read: give the text of lldb's \"bt all\""
)

// strangers are formats worth a word of advice. Those with a magic that a line
// of text may begin with stand in binaries.
func strangers() []stranger {
	return []stranger{
		{"KDUMP   ", kernelDump},
		{"DISKDUMP", kernelDump},
		{"makedumpfile\x00", kernelDump},
		{"minidump FreeBSD/", kernelDump},
		{"PAGEDUMP", "a dump of Windows; only ELF cores are read, such as Linux and FreeBSD write"},
		{"PAGEDU64", "a dump of Windows; only ELF cores are read, such as Linux and FreeBSD write"},
		{"MDMP\x93\xa7", minidump},
		{"PK\x03\x04", "a zip archive; unpack it first"},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"},
		{"\xcf\xfa\xed\xfe", machO},
		{"\xce\xfa\xed\xfe", machO},
		{"\xfe\xed\xfa\xcf", machO},
		{"\xfe\xed\xfa\xce", machO},
		{"\xca\xfe\xba\xbe", machO},
		{"!<arch>\n", "an archive of object files; only ELF cores are read"},
	}
}

// journalMagic begins a journal file (systemd, journal-def.h).
const journalMagic = "LPKSHHRH"

func binaries() []stranger {
	return []stranger{
		{"MDMP", minidump},
		{"BZh", "compressed with bzip2; unpack it first"},
		{"MZ", "a Windows program; only ELF cores are read"},
	}
}

// sniff tells what content is, from its first bytes; what is a word about Other.
func sniff(head []byte) (k Kind, what string) {
	if bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		return sniffELF(head)
	}
	if what := nameOf(head, strangers()); what != "" {
		return Other, what
	}
	switch {
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return archive, ""
	case bytes.HasPrefix(head, []byte(journalMagic)):
		return journal, ""
	case isApport(head):
		return report, ""
	case isMail(head):
		return letter, ""
	}
	if !isText(head) && !isUTF16(head) {
		if what := nameOf(head, binaries()); what != "" {
			return Other, what
		}
		return Other, "neither an ELF core nor text; name the core or the log itself"
	}
	if isBacktrace(head) {
		return Backtrace, ""
	}
	return Log, ""
}

func nameOf(head []byte, list []stranger) string {
	for _, s := range list {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.what
		}
	}
	return ""
}

// sniffELF looks at e_type, which stands at the same place in every ELF file.
func sniffELF(head []byte) (Kind, string) {
	if len(head) < enough {
		return Core, "" // cut; the core reader says so better
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[elf.EI_DATA] == byte(elf.ELFDATA2MSB) {
		order = binary.BigEndian
	}
	switch elf.Type(order.Uint16(head[16:])) {
	case elf.ET_CORE:
		if isKernel(head, order) {
			return Other, kernelDump
		}
		return Core, ""
	case elf.ET_EXEC, elf.ET_DYN:
		return Other, "an executable or a library, not a core; name the core file"
	}
	return Other, "an ELF file, but not a core; name the core file"
}

// isKernel says whether an ELF core is the dump of a machine: kexec and QEMU write notes
// of their own beside those of the CPUs.
func isKernel(head []byte, order binary.ByteOrder) bool {
	if head[elf.EI_CLASS] != byte(elf.ELFCLASS64) || len(head) < 64 {
		return false // kernels of 32 bits are dumped as ELF64 too
	}
	at, size, count := order.Uint64(head[32:]), int(order.Uint16(head[54:])), int(order.Uint16(head[56:]))
	for i := range min(count, 64) {
		p := at + uint64(i*size)
		if size < 56 || p > uint64(len(head))-56 {
			return false
		}
		ph := head[p:]
		if elf.ProgType(order.Uint32(ph)) != elf.PT_NOTE {
			continue
		}
		from, length := order.Uint64(ph[8:]), order.Uint64(ph[32:])
		if from >= uint64(len(head)) {
			continue
		}
		if kernelNote(head[from:min(uint64(len(head)), from+min(length, sniffLen))], order) {
			return true
		}
	}
	return false
}

// kernelNote walks notes: sizes of name and content, a type, then both, padded to four bytes.
func kernelNote(b []byte, order binary.ByteOrder) bool {
	for len(b) >= 12 {
		name, content := uint64(order.Uint32(b)), uint64(order.Uint32(b[4:]))
		if name == 0 && content == 0 {
			return false
		}
		b = b[12:]
		if n := string(b[:min(uint64(len(b)), name, 16)]); n == "VMCOREINFO\x00" || n == "QEMU\x00" {
			return true
		}
		skip := (name+3)&^3 + (content+3)&^3
		if skip > uint64(len(b)) {
			return false
		}
		b = b[skip:]
	}
	return false
}

// isText is lenient: journal exports hold binary fields, damaged logs NULs. Text
// in an old 8-bit code, or in another script, may have any number of high bytes,
// but then hardly any control bytes: data that is packed or encrypted, where all
// values are alike, has 11 % of them beside 50 % high ones.
func isText(head []byte) bool {
	high, odd := 0, 0
	for _, c := range head {
		switch {
		case c >= 0x80:
			high++
		case c == '\n', c == '\r', c == '\t', c == 0x1b, c == '\f', c == '\b':
		case c < ' ', c == 0x7f:
			odd++
		}
	}
	n := len(head)
	noise := n >= 32 && high*5 > n*2 && odd*25 > n
	return n > 0 && odd*10 < n*3 && !noise
}

// isUTF16 knows text of two bytes a character by its byte order mark, and by every other byte
// being zero: most of it is ASCII.
func isUTF16(head []byte) bool {
	if len(head) < 4 || string(head[:2]) != "\xff\xfe" && string(head[:2]) != "\xfe\xff" {
		return false
	}
	high := 2
	if head[0] == 0xff {
		high = 3
	}
	zero, n := 0, 0
	for i := high; i < len(head); i += 2 {
		n++
		if head[i] == 0 {
			zero++
		}
	}
	return zero*2 > n
}

// isBacktrace looks for a line that only a debugger, eu-stack, systemd-coredump
// or a sanitizer would write. It need not be right about text that holds both:
// log and backtrace are read in the same way.
func isBacktrace(head []byte) bool {
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		// Most lines begin with something else.
		if len(line) > 0 && strings.IndexByte("(GCS[TP=#", line[0]) >= 0 && debuggerLine().Match(line) {
			return true
		}
	}
	return false
}

// debuggerLine is how such lines begin. gdb and eu-stack pad the number of a frame.
var debuggerLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("^(?:" + `\(gdb\)|GNU gdb \(|Core was generated by ` + "`" + `|Program terminated with signal SIG|\[New LWP |\[Current thread is |#0  |` +
		`Stack trace of thread |Thread \d+ \((?:Thread 0x|LWP )|PID \d+ - (?:core|process)|PID: \d+ \(|==\d+==ERROR: AddressSanitizer` + ")")
})
