package elfcore

// Keys of the auxiliary vector (include/uapi/linux/auxvec.h).
const (
	AtPhdr     = 3  // program headers of the executable
	AtPageSize = 6  // in bytes
	AtEntry    = 9  // entry point of the executable
	AtPlatform = 15 // address of the machine's name, above the auxiliary vector
	AtRandom   = 25 // address of 16 random bytes, above the auxiliary vector
	AtExecFn   = 31 // address of the executable's name, as given to execve
	AtVDSO     = 33 // AT_SYSINFO_EHDR: the vDSO's ELF header
)

// Thread is one thread at the moment of the dump.
type Thread struct {
	// LWP is the kernel's thread id.
	LWP int
	// CurrentSignal is pr_cursig.
	//
	// Folklore: the kernel writes the fatal signal into every thread's note, so
	// it does not tell who died; the first thread did.
	CurrentSignal int
	// Signal is the thread's own siginfo: that of the first thread in a kernel
	// core, of every thread in one written by gcore.
	Signal    *Signal
	Registers Registers
	// CodeMask are the bits of code pointers that sign them; 0 when not known.
	CodeMask uint64

	fpOffset, fpSize uint64 // in the file
}

// Process is what struct elf_prpsinfo tells (include/linux/elfcore.h).
type Process struct {
	PID, PPID int
	UID, GID  int
	// State is the letter that ps shows.
	State byte
	// Name is the file name of the executable, cut at 15 bytes; Arguments the
	// command line, cut at 79, its NULs made blanks.
	Name      string
	Arguments string
}

// decodeProcess reads at least 136 bytes.
func decodeProcess(b []byte) *Process {
	return &Process{
		State:     b[1],
		UID:       int(le.Uint32(b[16:])),
		GID:       int(le.Uint32(b[20:])),
		PID:       int(int32(le.Uint32(b[24:]))),
		PPID:      int(int32(le.Uint32(b[28:]))),
		Name:      cstring(b[40:56]),
		Arguments: cstring(b[56:136]),
	}
}

// Signal is a siginfo (include/uapi/asm-generic/siginfo.h).
type Signal struct {
	Number, Code, Errno int
	// Bare says that there was no siginfo: only Number is known.
	Bare bool
	// The union. Which of them means something depends on Number and Code.
	Address            uint64 // faults: si_addr, a runtime address
	SenderPID          int    // kill, tkill, sigqueue
	SenderUID          int
	TimerID, TimerOver int    // SI_TIMER
	Value              uint64 // SI_TIMER, sigqueue: si_value
}

// decodeSignal reads at least 32 bytes.
func decodeSignal(b []byte) *Signal {
	first, second := int(int32(le.Uint32(b[16:]))), int(int32(le.Uint32(b[20:])))
	return &Signal{
		Number:    int(int32(le.Uint32(b))),
		Errno:     int(int32(le.Uint32(b[4:]))),
		Code:      int(int32(le.Uint32(b[8:]))),
		Address:   le.Uint64(b[16:]),
		SenderPID: first, SenderUID: second,
		TimerID: first, TimerOver: second,
		Value: le.Uint64(b[24:]),
	}
}

// Mapping is one row of the table of mapped files. Runtime addresses; Offset in
// bytes into the file.
type Mapping struct {
	Start, End, Offset uint64
	Path               string
}
