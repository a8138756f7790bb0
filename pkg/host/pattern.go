package host

import (
	"path/filepath"
	"strings"
)

// handler is who gets the cores.
type handler int

const (
	handlerUnread handler = iota // core_pattern was not read
	handlerNone                  // it is empty
	handlerFile                  // an absolute path
	handlerCwd                   // a path that is not
	handlerPipe                  // a program that is not known here
	handlerSystemd
	handlerApport
	handlerAbrt
	handlerSocket // of Linux 6.16
)

// pattern is kernel.core_pattern.
type pattern struct {
	handler handler
	text    string
	program string // of a pipe
	why     string // why it was not read
}

// knownHandlers are programs that distributions put behind the pipe.
var knownHandlers = map[string]handler{
	"systemd-coredump": handlerSystemd, "apport": handlerApport, "abrt-hook-ccpp": handlerAbrt,
}

func (h *host) readPattern() pattern {
	text, err := h.text("proc/sys/kernel/core_pattern")
	if err != nil {
		return pattern{why: "kernel.core_pattern was not read: " + err.Error()}
	}
	p := parsePattern(text)
	return p
}

func parsePattern(text string) pattern {
	p := pattern{text: text}
	switch {
	case text == "":
		p.handler = handlerNone
	case text[0] == '|':
		p.handler = handlerPipe
		if words := strings.Fields(text[1:]); len(words) > 0 {
			p.program = words[0]
		}
		if known, is := knownHandlers[filepath.Base(p.program)]; is {
			p.handler = known
		}
	case text[0] == '@':
		p.handler = handlerSocket
	case text[0] == '/':
		p.handler = handlerFile
	default:
		p.handler = handlerCwd
	}
	return p
}

// dir is where an absolute pattern puts cores; "" if that depends on the crash.
func (p *pattern) dir() string {
	dir := filepath.Dir(p.text)
	if p.handler != handlerFile || strings.Contains(dir, "%") {
		return ""
	}
	return dir
}

// store is where the cores of a handler are kept on this machine, "" if it is not known.
func (h *host) store() string {
	switch h.pattern.handler {
	case handlerSystemd:
		return "var/lib/systemd/coredump"
	case handlerApport:
		return "var/lib/apport/coredump"
	case handlerAbrt:
		return "var/spool/abrt"
	case handlerFile:
		if dir := h.pattern.dir(); dir != "" {
			root, _ := h.chroot()
			return filepath.Join(root, dir)
		}
	}
	return ""
}
