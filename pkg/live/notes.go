package live

// Where members of struct elf_prstatus and elf_prpsinfo stand (include/linux/elfcore.h), in
// bytes; they are the same on all machines of 64 bits.
const (
	statusPID  = 32
	statusRegs = 112

	infoSize   = 136
	infoPID    = 24
	infoParent = 28
	infoName   = 40
	infoArgs   = 56
)

// status describes a thread. No signal is told of: it was stopped by us.
func status(tid int, registers []byte) []byte {
	b := make([]byte, statusRegs+len(registers)+8)
	le.PutUint32(b[statusPID:], uint32(tid))
	copy(b[statusRegs:], registers)
	return b
}

// info describes the process. Arguments are as the kernel dumps them: cut, blanks between.
func info(pid, parent int, name, cmdline string) []byte {
	b := make([]byte, infoSize)
	le.PutUint32(b[infoPID:], uint32(pid))
	le.PutUint32(b[infoParent:], uint32(parent))
	copy(b[infoName:infoName+15], name)
	args := b[infoArgs : infoSize-1]
	n := copy(args, cmdline)
	for i := range args[:n] {
		if args[i] == 0 {
			args[i] = ' '
		}
	}
	return b
}

// files lists the mappings of files (fs/binfmt_elf.c fill_files_note).
func files(maps []mapping) []byte {
	var rows, names []byte
	count := uint64(0)
	for i := range maps {
		m := &maps[i]
		if !m.ofFile() {
			continue
		}
		count++
		for _, v := range [...]uint64{m.start, m.end, m.offset / pageSize} {
			rows = le.AppendUint64(rows, v)
		}
		names = append(append(names, m.path...), 0)
	}
	b := le.AppendUint64(nil, count)
	b = le.AppendUint64(b, pageSize)
	return append(append(b, rows...), names...)
}
