package coretest

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-delve/delve/pkg/elfwriter"
)

// emulate runs the program in an emulator that writes no cores of its machine, and writes
// one of what its debugger's stub tells, as the kernel would: notes, file mappings by
// name, and what was written to.
//
// A signal stops the program before its handler runs, and nobody knows yet whether it
// dies: a core is written at each stop, the last one stays.
func (c Crashed) emulate(t testing.TB) {
	t.Helper()
	qemu := "qemu-" + c.Arch.cpu()
	Need(t, qemu, "qemu-user")
	dir, err := os.MkdirTemp("", "stub")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "stub")
	args := []string{"-g", socket, "-s", "524288", "-L", c.Sysroot, "./" + c.Source}
	if c.Way != "" {
		args = append(args, c.Way)
	}
	cmd := exec.Command(qemu, args...)
	cmd.Dir, cmd.Env = c.Dir, []string{}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() // it says how the program died, which is known
	defer cmd.Process.Kill()
	s, err := dial(socket)
	if err != nil {
		t.Fatal(err)
	}
	defer s.conn.Close()
	written := c.Core + ".tmp"
	stops := 0
	for stop, err := s.ask("c"); ; stops++ {
		switch {
		case err != nil || stop == "":
			t.Fatalf("%v: the stub of %s: %q %v", c.Program, qemu, stop, err)
		case stop[0] == 'X' && stops > 0:
			if err := os.Rename(written, c.Core); err != nil {
				t.Fatal(err)
			}
			return
		case stop[0] != 'T' && stop[0] != 'S' || len(stop) < 3:
			t.Fatalf("%v did not die of a signal: %q", c.Program, stop)
		}
		if err := c.snapshot(s, stop, cmd.Process.Pid, written); err != nil {
			t.Fatal(err)
		}
		stop, err = s.ask("C" + stop[1:3])
	}
}

// signals are the Linux numbers of signals of which GDB has its own.
var signals = map[int]int{10: 7, 30: 10, 31: 12}

// snapshot writes a core of the program, which a signal has stopped.
func (c Crashed) snapshot(s *stub, stop string, pid int, path string) error {
	signal, err := strconv.ParseInt(stop[1:3], 16, 32)
	if err != nil {
		return err
	}
	if linux, ok := signals[int(signal)]; ok {
		signal = int64(linux)
	}
	maps, err := mappings(pid)
	if err != nil {
		return err
	}
	ids, err := s.threads(stop)
	if err != nil {
		return err
	}
	var notes []elfwriter.Note
	add := func(kind elf.NType, data []byte) {
		notes = append(notes, elfwriter.Note{Type: kind, Name: "CORE\x00", Data: data})
	}
	for i, id := range ids {
		if answer, err := s.ask(fmt.Sprintf("Hg%x", id)); err != nil || answer != "OK" {
			return fmt.Errorf("thread %x: %q %v", id, answer, err)
		}
		g, err := s.bytes("g")
		if err != nil {
			return err
		}
		add(elf.NT_PRSTATUS, prstatus(g, int(signal), id))
		if i > 0 {
			continue
		}
		auxv, err := s.ask("qXfer:auxv:read::0,1000")
		if err != nil || len(auxv) < 16 {
			return fmt.Errorf("no auxiliary vector: %v", err)
		}
		const ntAuxv, ntFile = 6, 0x46494c45
		add(elf.NT_PRPSINFO, c.prpsinfo(pid))
		add(ntAuxv, []byte(auxv[1:]))
		add(ntFile, c.fileNote(maps))
	}
	return c.writeCore(s, path, notes, maps)
}

// prstatus makes a struct elf_prstatus of riscv64 (include/linux/elfcore.h) of the stub's
// registers: x0 … x31 pc.
func prstatus(g []byte, signal, id int) []byte {
	const registers, words = 112, 32
	b := make([]byte, registers+8*words+8)
	binary.LittleEndian.PutUint16(b[12:], uint16(signal))
	binary.LittleEndian.PutUint32(b[32:], uint32(id))
	copy(b[registers:], g[8*words:8*words+8])
	copy(b[registers+8:], g[8:8*words])
	return b
}

// prpsinfo makes a struct elf_prpsinfo.
func (c Crashed) prpsinfo(pid int) []byte {
	b := make([]byte, 136)
	binary.LittleEndian.PutUint32(b[24:], uint32(pid))
	copy(b[40:55], c.Source)
	copy(b[56:], "./"+c.Source+" "+c.Way)
	return b
}

// mapping is a line of /proc/PID/maps. The emulator's pages lie where those of the
// program do, but none is executable.
type mapping struct {
	start, end, offset uint64
	writable, readable bool
	path               string
}

// mappings lists what is the program's: it has the lowest addresses.
func mappings(pid int) ([]mapping, error) {
	const programs = 1 << 39
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	var out []mapping
	for line := range strings.Lines(string(text)) {
		var m mapping
		var rights, device, inode string
		n, _ := fmt.Sscanf(line, "%x-%x %s %x %s %s %s", &m.start, &m.end, &rights, &m.offset, &device, &inode, &m.path)
		if n >= 6 && m.end <= programs {
			m.readable, m.writable = rights[0] == 'r', rights[1] == 'w'
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the emulator has mapped nothing where programs are")
	}
	return out, nil
}

// fileNote makes NT_FILE (fs/binfmt_elf.c, fill_files_note).
func (c Crashed) fileNote(maps []mapping) []byte {
	var rows, names []byte
	count := uint64(0)
	for _, m := range maps {
		if m.path == "" {
			continue
		}
		count++
		for _, v := range []uint64{m.start, m.end, m.offset / page} {
			rows = binary.LittleEndian.AppendUint64(rows, v)
		}
		names = append(append(names, strings.TrimPrefix(m.path, c.Sysroot)...), 0)
	}
	head := binary.LittleEndian.AppendUint64(nil, count)
	head = binary.LittleEndian.AppendUint64(head, page)
	return append(append(head, rows...), names...)
}

// writeCore writes all of it. What can be read in a file is left out, but for its first
// page, as the kernel does it.
func (c Crashed) writeCore(s *stub, path string, notes []elfwriter.Note, maps []mapping) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	machine := map[Arch]elf.Machine{RISCV64: elf.EM_RISCV}[c.Arch]
	w := elfwriter.New(out, &elf.FileHeader{Class: elf.ELFCLASS64, Data: elf.ELFDATA2LSB, Version: elf.EV_CURRENT, Type: elf.ET_CORE, Machine: machine})
	w.Progs = append(w.Progs, w.WriteNotes(notes))
	for _, m := range maps {
		h := &elf.ProgHeader{Type: elf.PT_LOAD, Vaddr: m.start, Memsz: m.end - m.start, Align: page}
		end := m.end
		switch {
		case !m.readable:
			end = m.start
		case m.writable:
			h.Flags = elf.PF_R | elf.PF_W
		case m.path == "": // the signal handlers' way back
			h.Flags = elf.PF_R | elf.PF_X
		default:
			h.Flags = fileFlags(m)
			end = min(end, m.start+page)
			if m.offset != 0 {
				end = m.start
			}
		}
		b, err := s.memory(m.start, end)
		if err != nil {
			return err
		}
		w.Align(8)
		h.Off, h.Filesz = uint64(w.Here()), uint64(len(b))
		w.Write(b)
		w.Progs = append(w.Progs, h)
	}
	w.WriteProgramHeaders()
	if w.Err != nil {
		return w.Err
	}
	return out.Close()
}

// fileFlags says with which rights a program maps a part of a file.
func fileFlags(m mapping) elf.ProgFlag {
	f, err := elf.Open(m.path)
	if err != nil {
		return elf.PF_R
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && m.offset < p.Off+p.Filesz && p.Off < m.offset+(m.end-m.start) {
			return p.Flags
		}
	}
	return elf.PF_R
}
