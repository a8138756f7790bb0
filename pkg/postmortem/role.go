package postmortem

import (
	"encoding/binary"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// Kinds of processes (include/haproxy/mworker-t.h, PROC_O_TYPE_, since 2.0).
const (
	typeMaster = 1
	typeWorker = 2
	typeMask   = 0x0f
)

// role says whether the process is the master or a worker; "" for one without a master,
// and where nothing tells.
func (f *Findings) role(c *elfcore.Core) string {
	if role, known := f.ownEntry(c); known {
		return role
	}
	// The master has one thread.
	if len(c.Threads) > 1 && masterWorker(f.Arguments) {
		return "worker"
	}
	return ""
}

// ownEntry reads what the process itself is in the list of processes: proc_self, a
// struct mworker_proc, which starts with pid and options. One without a master has none.
func (f *Findings) ownEntry(c *elfcore.Core) (role string, known bool) {
	if f.program == nil {
		return "", false
	}
	at, size, ok := f.program.variable("proc_self")
	if !ok || size != 8 {
		return "", false
	}
	entry, err := c.Uint64(at)
	if err != nil || entry == 0 {
		return "", err == nil
	}
	var b [8]byte
	if n, _ := c.ReadMemory(b[:], entry); n < len(b) {
		return "", false
	}
	switch binary.LittleEndian.Uint32(b[4:]) & typeMask {
	case typeMaster:
		return "master", true
	case typeWorker:
		return "worker", true
	}
	return "", false
}

// masterWorker says whether a command line asks for a master: -W or -Ws.
func masterWorker(arguments string) bool {
	for _, a := range strings.Fields(arguments) {
		if a == "-W" || a == "-Ws" {
			return true
		}
	}
	return false
}
