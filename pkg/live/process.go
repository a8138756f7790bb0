//go:build linux && (amd64 || arm64)

package live

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/machine"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// Options of Open. The zero value is good.
type Options struct {
	// Limit is how long the process may stand still; 0 means 10 ms.
	Limit time.Duration
	// Copy is how many bytes are copied at most; 0 means 64 MiB.
	Copy int
}

// What is copied: of each stack from below its pointer on, and around the thread's
// pointer, where its variables and the C library's are. In bytes.
const (
	redZone    = 512
	maxStack   = 256 << 10
	belowLocal = 64 << 10
	aboveLocal = 4 << 10
)

// Process is a living process as a core.
type Process struct {
	*image
	PID int
	// Stopped is how long its threads stood still at most.
	Stopped time.Duration
	// Problems are what could not be had, one line each.
	Problems []string
	// Root is where its files are found, if that is another place than for us.
	Root string

	memory *os.File
}

// Size is that of the core, in bytes.
func (p *Process) Size() int64 { return int64(p.size) }

// Close forgets the copy.
func (p *Process) Close() error { return p.memory.Close() }

func procFile(pid int, name string) string {
	return "/proc/" + strconv.Itoa(pid) + "/" + name
}

// field is the value of a line of /proc/PID/status.
func field(status []byte, name string) string {
	_, rest, ok := bytes.Cut(status, []byte("\n"+name))
	if !ok {
		return ""
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	return strings.TrimSpace(string(line))
}

// Open stops a process, copies what moves and lets it go on.
func Open(pid int, o Options) (*Process, error) {
	if o.Limit <= 0 {
		o.Limit = 10 * time.Millisecond
	}
	if o.Copy <= 0 {
		o.Copy = 64 << 20
	}
	if pid == os.Getpid() {
		return nil, fmt.Errorf("process %d: that is hacrash itself; name another one", pid)
	}
	st, err := os.ReadFile(procFile(pid, "status"))
	if err != nil {
		return nil, fmt.Errorf("process %d: no such process", pid)
	}
	if id := field(st, "Tgid:"); id != strconv.Itoa(pid) {
		return nil, fmt.Errorf("%d: a thread of process %s; name the process", pid, id)
	}
	memory, err := os.Open(procFile(pid, "mem"))
	if err != nil {
		return nil, fmt.Errorf("process %d: its memory may not be read; run it as root, or with CAP_SYS_PTRACE", pid)
	}
	s := snapshot{pid: pid, o: o}
	s.arena = make([]byte, o.Copy)
	for i := 0; i < len(s.arena); i += pageSize {
		s.arena[i] = 1 // the page is there before anything waits for it
	}
	stopped, problems, err := freeze(pid, o.Limit, s.take)
	if err == nil && len(s.maps) == 0 {
		err = fmt.Errorf("process %d: it has no memory: a thread of the kernel, or one that ends", pid)
	}
	if err == nil && len(s.threads) == 0 {
		err = fmt.Errorf("process %d: none of its threads stopped within %v", pid, o.Limit)
	}
	if err != nil {
		memory.Close()
		return nil, err
	}
	p := &Process{PID: pid, Stopped: stopped, Problems: problems, memory: memory, Root: rootOf(pid)}
	p.image = newImage(machineNumber, s.maps, s.notes(st), s.copies, memory)
	return p, nil
}

// rootOf is where the files are that the maps of a process name. Those of a process that
// only changed its root are named as seen from ours.
func rootOf(pid int) string {
	own, err1 := os.Readlink("/proc/self/ns/mnt")
	other, err2 := os.Readlink(procFile(pid, "ns/mnt"))
	if err1 != nil || err2 != nil || own == other {
		return ""
	}
	return procFile(pid, "root")
}

// snapshot is what is taken while the process stands still.
type snapshot struct {
	pid     int
	o       Options
	arena   []byte
	maps    []mapping
	threads []thread
	copies  []copied
}

// take copies what moves, the most important first.
func (s *snapshot) take(threads []thread) {
	begin := time.Now()
	if f, err := os.Open(procFile(s.pid, "maps")); err == nil {
		s.maps = readMaps(f)
		f.Close()
	}
	for _, t := range threads {
		if t.registers != nil {
			s.threads = append(s.threads, t)
		}
	}
	for i := range s.threads {
		sp, local := s.threads[i].pointers()
		s.want(sp-min(sp, redZone), sp+maxStack)
		s.want(local-min(local, belowLocal), local+aboveLocal)
	}
	s.copyNow(0)
	done := len(s.copies)
	for i := range s.maps {
		if m := &s.maps[i]; m.writable() && s.static(i) {
			s.want(m.start, m.end)
		}
	}
	s.copyNow(done)
	const chunk = 1 << 20
	for i := range s.maps {
		m := &s.maps[i]
		if !m.writable() || m.dumped() == 0 || strings.HasPrefix(m.path, "[stack") {
			continue
		}
		for at := m.start; at < m.end; at += chunk {
			if time.Since(begin) > s.o.Limit/4 || len(s.arena) < chunk {
				return
			}
			done = len(s.copies)
			s.want(at, min(at+chunk, m.end))
			s.copyNow(done)
		}
	}
}

// static says that a mapping holds variables of a file: it is of one, or is the part of its
// variables that begin as zero, which comes right behind.
func (s *snapshot) static(i int) bool {
	m := &s.maps[i]
	if m.ofFile() {
		return !strings.HasPrefix(m.path, "/dev/") && !strings.HasPrefix(m.path, "/memfd:")
	}
	return m.path == "" && i > 0 && s.maps[i-1].ofFile() && s.maps[i-1].end == m.start
}

// want plans a copy of a range, of that part of it which is in one mapping and is not
// copied yet.
func (s *snapshot) want(from, to uint64) {
	first := sort.Search(len(s.maps), func(i int) bool { return s.maps[i].end > from })
	for i := first; i < len(s.maps) && s.maps[i].start < to; i++ {
		m := &s.maps[i]
		if m.dumped() < m.size() {
			continue
		}
		a, b := max(from, m.start), min(to, m.end)
		for _, c := range s.copies {
			end := c.addr + uint64(len(c.data))
			switch {
			case end <= a || c.addr >= b:
			case c.addr <= a:
				a = min(end, b)
			default:
				b = c.addr
			}
		}
		n := min(b-a, uint64(len(s.arena)))
		if n == 0 {
			continue
		}
		s.copies = append(s.copies, copied{a, s.arena[:n:n]})
		s.arena = s.arena[n:]
	}
}

func (s *snapshot) copyNow(from int) { copyMemory(s.pid, s.copies[from:]) }

// notes describes the process and its threads, the one that works first.
func (s *snapshot) notes(st []byte) []byte {
	slices.SortStableFunc(s.threads, func(a, b thread) int { return s.rank(a) - s.rank(b) })
	comm, _ := os.ReadFile(procFile(s.pid, "comm"))
	cmdline, _ := os.ReadFile(procFile(s.pid, "cmdline"))
	auxv, _ := os.ReadFile(procFile(s.pid, "auxv"))
	parent, _ := strconv.Atoi(field(st, "PPid:"))
	var b []byte
	for i, t := range s.threads {
		b = elfcore.AppendNote(b, "CORE", elfcore.NotePRStatus, status(t.tid, t.registers))
		if t.local != nil {
			b = elfcore.AppendNote(b, "LINUX", machine.Of(machineNumber).Set.ThreadPointerNote, t.local)
		}
		if i > 0 {
			continue
		}
		b = elfcore.AppendNote(b, "CORE", elfcore.NotePRPSInfo, info(s.pid, parent, strings.TrimSpace(string(comm)), string(cmdline)))
		b = elfcore.AppendNote(b, "CORE", elfcore.NoteAuxv, auxv)
		b = elfcore.AppendNote(b, "CORE", elfcore.NoteFile, files(s.maps))
	}
	return b
}

// rank puts the process's first thread first.
func (s *snapshot) rank(t thread) int {
	if t.tid == s.pid {
		return 0
	}
	return 1
}

// pointers are those of a thread: to its stack, and to its own variables.
func (t *thread) pointers() (stack, local uint64) {
	m := machine.Of(machineNumber)
	word := func(i int) uint64 {
		if i < 0 || 8*i+8 > len(t.registers) {
			return 0
		}
		return le.Uint64(t.registers[8*i:])
	}
	stack = word(slices.Index(m.Set.Registers, int(m.SP)))
	if local = word(m.Set.ThreadPointer); local == 0 && len(t.local) >= 8 {
		local = le.Uint64(t.local)
	}
	return stack, local
}
