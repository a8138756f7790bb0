package elfcore

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/machine"
)

// refuse says why a core with this ELF header is not read: whose it is, and what to do.
// nil if it is one of those that are.
func refuse(ident []byte) error {
	class, order := elf.Class(ident[4]), elf.Data(ident[5])
	if class != elf.ELFCLASS32 && class != elf.ELFCLASS64 || order != elf.ELFDATA2LSB && order != elf.ELFDATA2MSB {
		return fmt.Errorf("%w: bad ELF class or byte order", ErrNotCore)
	}
	number := binary.ByteOrder(le)
	if order == elf.ELFDATA2MSB {
		number = binary.BigEndian
	}
	if typ := number.Uint16(ident[16:]); typ != etCore {
		return fmt.Errorf("%w: ELF file of type %d (a program or library?); give the core that the process left", ErrNotCore, typ)
	}
	kind := number.Uint16(ident[18:])
	what := ""
	switch {
	case order == elf.ELFDATA2MSB:
		what = "big-endian "
	case class == elf.ELFCLASS32 && machine.Of(kind) != nil:
		what = "32-bit "
	case machine.Of(kind) != nil:
		return foreignSystem(elf.OSABI(ident[7]))
	}
	return errors.New(what + machineName(kind, class) + " core; " + whatWeRead())
}

func whatWeRead() string {
	return "hacrash reads 64-bit cores of " + machine.Names() + " from Linux, use gdb"
}

// foreignSystem refuses cores of systems that name themselves in the header.
func foreignSystem(system elf.OSABI) error {
	switch system {
	case elf.ELFOSABI_FREEBSD:
		return errForeign("FreeBSD")
	case elf.ELFOSABI_OPENBSD:
		return errForeign("OpenBSD")
	case elf.ELFOSABI_NETBSD:
		return errForeign("NetBSD")
	}
	return nil
}

func errForeign(system string) error {
	return errors.New(system + " core; " + whatWeRead())
}

// foreignOwner is the system that writes notes under a name; "" for all others.
func foreignOwner(owner string) string {
	for _, system := range [...]string{"NetBSD", "OpenBSD", "FreeBSD"} {
		if strings.HasPrefix(owner, system) { // NetBSD-CORE, NetBSD-CORE@1 for a thread
			return system
		}
	}
	return ""
}

// machineName names what cores are seen of, as their own tools do.
func machineName(kind uint16, class elf.Class) string {
	switch m := elf.Machine(kind); {
	case m == elf.EM_386:
		return "i386"
	case m == elf.EM_X86_64 && class == elf.ELFCLASS32:
		return "x32"
	case m == elf.EM_MIPS && class == elf.ELFCLASS64:
		return "mips64"
	case m == elf.EM_S390 && class == elf.ELFCLASS64:
		return "s390x"
	case m == elf.EM_68K:
		return "m68k"
	case m == elf.EM_SPARCV9:
		return "sparc64"
	case strings.Contains(m.String(), "+"): // none that has a name
		return fmt.Sprintf("machine %d", kind)
	default:
		return strings.ToLower(strings.TrimPrefix(m.String(), "EM_"))
	}
}
