package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// pstack reads Solaris' and illumos' tool of that name:
//
//	core 'core' of 12345:	/usr/local/sbin/haproxy -f /etc/haproxy.cfg
//	-----------------  lwp# 1 / thread# 1  --------------------
//	 ffffffff7e5cd3f0 __lwp_kill (6, 0, 0) + 8
//	 0000000100123456 ha_panic (0) + 44
//
// On Linux the tool of that name is a script around gdb.
type pstack struct {
	reading
	at   *stack
	core bool
}

var (
	pstackFirst  = lex.Pattern(`^(core '.*?' of )?(\d+):\t(.*)$`)
	pstackThread = lex.Pattern(`^-+ *(?:lwp|thread)# (\d+)`) // above a thread's frames
)

// pstackHead reads the first line; nobody asks for other programs.
func pstackHead(t string) (pid int, command string, core, ok bool) {
	m := pstackFirst().FindStringSubmatch(t)
	if m == nil {
		return 0, "", false, false
	}
	pid, _, ok = lex.Int(m[2])
	return pid, m[3], m[1] != "", ok && haproxy.IsProgram(programOf(m[3]))
}

// pstackFrame reads "0000000100123456 ha_panic (0) + 44".
func pstackFrame(t string) (f crash.Frame, ok bool) {
	word := lex.FirstWord(t)
	address, after, isHex := lex.Hex(word)
	if !isHex || after != "" || len(word) != 8 && len(word) != 16 {
		return f, false
	}
	f = printed(address)
	name, rest := functionName(strings.TrimLeft(t[len(word):], " "))
	if strings.HasPrefix(name, "?") {
		return f, true
	}
	if name == "" || !strings.HasPrefix(rest, "(") {
		return f, false
	}
	setName(&f, name)
	_, rest, closed := enclosed(rest)
	offset, _, _ := lex.Int(strings.TrimPrefix(rest, " + "))
	f.Offset = uint64(offset)
	return f, closed
}

func opensPstack(t string) bool {
	_, _, _, ok := pstackHead(t)
	return ok
}

func (p *pstack) line(text string, number int64) verdict {
	t := strings.TrimSpace(text)
	if t == "" {
		return blank
	}
	if pid, command, core, ok := pstackHead(t); ok {
		if p.PID != 0 {
			return over
		}
		p.PID, p.core, p.Heads = pid, core, true
		p.Arguments = lex.Clip(command, maxValue)
		p.names = []string{programOf(command)}
		return member
	}
	if m := pstackThread().FindStringSubmatch(t); m != nil {
		lwp, _, _ := lex.Int(m[1])
		p.at = p.add(&stack{lwp: lwp, listed: true})
		return member
	}
	if f, ok := pstackFrame(t); ok {
		if p.at == nil && len(p.all) == 0 {
			p.at = p.add(&stack{})
		}
		f.Where = lex.Where(number)
		p.append(p.at, f)
		return member
	}
	return otherwise(text)
}

func (p *pstack) finish() *stack {
	p.drop()
	if p.core {
		return p.first()
	}
	p.Live, p.Kind = true, crash.Hang
	return p.busy()
}
