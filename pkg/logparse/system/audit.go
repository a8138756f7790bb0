package system

import (
	encoding "encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/signals"
)

// audit reads the records of the kernel's audit of a process that a signal ended
// (kernel/auditsc.c, audit_core_dumps and audit_seccomp), as they stand in audit.log, in
// the kernel's log where no auditd runs, in the journal, and as ausearch -i prints them:
//
//	type=ANOM_ABEND msg=audit(1697690504.123:456): auid=… pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=11 res=1
//	audit: type=1701 audit(1697690504.123:456): auid=… pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=11 res=1
//	ANOM_ABEND auid=… pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=11 res=1
//	node=lb1 type=SECCOMP msg=audit(10/19/2023 04:41:44.123:456) : … comm=haproxy exe=/usr/sbin/haproxy sig=SIGSYS arch=x86_64 syscall=openat
//
// A record of a filter of system calls (seccomp) tells of a death only when it has a signal:
// filters also only refuse a call, or note it.
func audit(t, ident string) (Event, bool) {
	r, ok := auditRecordOf(t, ident)
	if !ok {
		return Event{}, false
	}
	pid, tail, isNumber := lex.Int(r.fields["pid"])
	comm, exe := auditText(r.fields["comm"]), auditText(r.fields["exe"])
	if exe == "(null)" {
		exe = ""
	}
	isOurs := func(name string) bool { return name == "" || haproxy.IsProgram(name) }
	if !isNumber || tail != "" || pid == 0 || comm+exe == "" || !isOurs(comm) || !isOurs(exe) {
		return Event{}, false
	}
	n, _, isNumber := lex.Int(r.fields["sig"])
	if !isNumber {
		n = signals.Number(r.fields["sig"])
	}
	e, ok := signalled(join.Exit, n)
	if !ok {
		return Event{}, false
	}
	e.Crash.Exit = nil
	e.named(pid, comm)
	e.From = envelope.Kernel
	if ident == "audit" || ident == "auditd" || ident == "audispd" {
		e.From = envelope.Shell
	}
	if strings.HasPrefix(exe, "/") {
		e.Crash.Process.Executable = exe
	}
	e.Crash.Host, e.At = r.node, r.time
	if r.seccomp {
		e.filtered(r.fields)
	}
	return e, true
}

// filtered adds what a filter of system calls tells.
func (e *Event) filtered(fields map[string]string) {
	e.Detail = "a filter of system calls (seccomp) ended the process"
	if call := fields["syscall"]; call != "" && len(call) < 32 {
		e.Detail += ": system call " + call
	}
	if ip, rest, ok := lex.Hex(fields["ip"]); ok && rest == "" {
		e.Crash.Signal.Instruction = &ip
	}
}

// auditRecord is a record of one of the types that tell of a death.
type auditRecord struct {
	node    string
	seccomp bool
	time    time.Time
	fields  map[string]string
}

// auditRecordOf takes a record apart. Only auditd's own lines may lack the type and the time.
func auditRecordOf(t, ident string) (r auditRecord, ok bool) {
	if len(t) < 32 || strings.IndexByte("tanAS", t[0]) < 0 {
		return r, false
	}
	if rest, ok := strings.CutPrefix(t, "node="); ok {
		r.node, t, _ = strings.Cut(rest, " ")
	}
	rest, typed := strings.CutPrefix(strings.TrimPrefix(t, "audit: "), "type=")
	kind, rest, ok := strings.Cut(rest, " ")
	if !typed && ident != "audit" || !ok {
		return r, false
	}
	switch kind {
	case "ANOM_ABEND", "1701":
	case "SECCOMP", "1326":
		r.seccomp = true
	default:
		return r, false
	}
	if typed {
		if rest, ok = strings.CutPrefix(strings.TrimPrefix(rest, "msg="), "audit("); !ok {
			return r, false
		}
		at := ""
		if at, rest, ok = strings.Cut(rest, ")"); !ok || !strings.HasPrefix(strings.TrimLeft(rest, " "), ":") {
			return r, false
		}
		r.time = auditTime(at)
	}
	r.fields = auditFields(rest)
	return r, true
}

// auditFields are the pairs key=value of a record; the first of a name counts. A record
// that auditd enriched has more behind a byte 0x1d, in other words.
func auditFields(t string) map[string]string {
	fields := map[string]string{}
	t, _, _ = strings.Cut(t, "\x1d")
	for i, word := range strings.Fields(t) {
		key, value, ok := strings.Cut(word, "=")
		if i >= 64 {
			break
		}
		if _, known := fields[key]; ok && !known {
			fields[key] = value
		}
	}
	return fields
}

// auditText reads a string of a record: in quotes, bare (ausearch -i), or in hex when it
// holds what could break the record.
func auditText(s string) string {
	if text, ok := strings.CutPrefix(s, `"`); ok {
		return strings.TrimSuffix(text, `"`)
	}
	if len(s) >= 4 && len(s) <= 2*maxComm {
		if raw, err := encoding.DecodeString(s); err == nil {
			return strings.TrimRight(string(raw), "\x00")
		}
	}
	return s
}

// auditTime reads 1697690504.123:456, which is UTC.
func auditTime(s string) time.Time {
	stamp, _, _ := strings.Cut(s, ":")
	seconds, part, _ := strings.Cut(stamp, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n <= 0 || n > 1<<36 {
		return time.Time{}
	}
	ms, err := strconv.ParseInt(part, 10, 32)
	if err != nil || ms < 0 || ms > 999 {
		ms = 0
	}
	return time.Unix(n, ms*1e6).UTC()
}
