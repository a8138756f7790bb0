package live

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
)

// mapping is a row of /proc/PID/maps (Documentation/filesystems/proc.rst of Linux). Addresses
// are runtime.
type mapping struct {
	start, end uint64
	offset     uint64 // in the file, in bytes
	perms      string // "rw-p"
	path       string
	inode      uint64
}

func (m *mapping) size() uint64   { return m.end - m.start }
func (m *mapping) readable() bool { return m.perms[0] == 'r' }
func (m *mapping) writable() bool { return m.perms[1] == 'w' }
func (m *mapping) ofFile() bool   { return m.inode != 0 }

// maxMappings bounds the rows; Linux has 65530 by default (vm.max_map_count).
const maxMappings = 1 << 18

// readMaps reads such rows. Those that it does not understand are left out.
func readMaps(r io.Reader) []mapping {
	var out []mapping
	rows := bufio.NewScanner(r)
	rows.Buffer(nil, 64<<10)
	for rows.Scan() && len(out) < maxMappings {
		if m, ok := readMapping(rows.Bytes()); ok {
			out = append(out, m)
		}
	}
	return out
}

func readMapping(row []byte) (m mapping, ok bool) {
	var fields [5]string
	for i := range fields {
		word, rest, found := bytes.Cut(row, []byte{' '})
		if !found && i < 4 {
			return m, false
		}
		fields[i], row = string(word), rest
	}
	start, end, _ := strings.Cut(fields[0], "-")
	var errs [4]error
	m.start, errs[0] = strconv.ParseUint(start, 16, 64)
	m.end, errs[1] = strconv.ParseUint(end, 16, 64)
	m.offset, errs[2] = strconv.ParseUint(fields[2], 16, 64)
	m.inode, errs[3] = strconv.ParseUint(fields[4], 10, 64)
	for _, err := range errs {
		if err != nil {
			return m, false
		}
	}
	m.perms, m.path = fields[1], strings.TrimLeft(string(row), " ")
	return m, len(m.perms) == 4 && m.start < m.end
}

// dumped says how many bytes of a mapping a core has of it: what the kernel dumps by default
// (coredump_filter 0x33), and the code of a file that is not there any more.
//
// Folklore: [vvar] cannot be read by another process, and reading the memory of a device
// may do something.
func (m *mapping) dumped() uint64 {
	switch {
	case !m.readable(), strings.HasPrefix(m.path, "[vvar"), m.path == "[vsyscall]",
		strings.HasPrefix(m.path, "/dev/") && !strings.HasPrefix(m.path, "/dev/zero") && !strings.HasPrefix(m.path, "/dev/shm/"):
		return 0
	case m.writable(), !m.ofFile(), strings.HasSuffix(m.path, " (deleted)"):
		return m.size()
	case m.offset == 0:
		return min(m.size(), pageSize) // with the ELF header
	}
	return 0
}

const pageSize = 4096
