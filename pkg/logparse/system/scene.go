package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Scene remembers what the lines above one that names no program have said: which
// container a table describes, which command was typed. Its zero value is an empty one.
//
//	Containers:                       $ ./haproxy -f x.cfg
//	  haproxy:                        Segmentation fault (core dumped)
//	    Image:      haproxy:3.0
//	      Exit Code:    139
type Scene struct {
	containers bool   // in the list of kubectl describe
	container  string // its name
	image      string
	arguments  bool   // docker inspect: within "Args"
	command    string // the program typed last at a prompt
	ran        bool   // a HAProxy in the foreground said something
}

// Line takes a line, with the blanks it begins with; it says whether the line tells of
// another program than those before it.
func (s *Scene) Line(text string) bool {
	t := strings.TrimLeft(text, " \t")
	if t == "" || len(text) > 512 {
		return false
	}
	if t[0] == '"' {
		s.inspect(t)
		return false
	}
	if s.prompt(t) {
		return true
	}
	if who := runtimeOf(t); who != "" {
		s.command, s.ran = who, false
		return true
	}
	if lex.IsHex(t[0]) && debugMode(t) || t == "Configuration file is valid" { // haproxy -c says so
		s.ran = true
	}
	s.describe(text, t)
	return false
}

// runtimeOf knows what runtimes of other languages say before their program dies.
func runtimeOf(t string) string {
	switch {
	case strings.HasPrefix(t, "Fatal Python error: "):
		return "a Python program"
	case strings.HasPrefix(t, "thread '") && strings.Contains(t, "' panicked at "):
		return "a Rust program"
	case strings.HasPrefix(t, "panic: "), strings.HasPrefix(t, "fatal error: "), strings.HasPrefix(t, "goroutine "), strings.HasPrefix(t, "SIGABRT: abort"):
		return "a Go program"
	case strings.HasPrefix(t, "# A fatal error has been detected by the Java Runtime"):
		return "a Java program"
	case strings.Contains(t, "[critical][backtrace]"):
		return "envoy"
	}
	return ""
}

// Ran notes that HAProxy wrote something: it was started since the last command that
// was seen.
func (s *Scene) Ran() { s.ran = true }

// Running says whether a HAProxy that wrote something may still be what the shell waits for.
func (s *Scene) Running() bool { return s.ran }

// describe reads the lines of kubectl describe that say where one is.
func (s *Scene) describe(text, t string) {
	indent := len(text) - len(t)
	switch {
	case indent == 0 && (t == "Containers:" || t == "Init Containers:" || t == "Ephemeral Containers:"):
		*s = Scene{containers: true, command: s.command}
	case indent == 0 && strings.HasPrefix(t, "Name:"):
		*s = Scene{command: s.command}
	case indent == 0 && strings.HasSuffix(t, ":"):
		s.containers = false
	case s.containers && indent <= 4 && strings.HasSuffix(t, ":") && !strings.Contains(t, " ") && t[0] >= 'a' && t[0] <= 'z':
		s.container, s.image = t[:len(t)-1], ""
	case strings.HasPrefix(t, "Image:"):
		s.image = strings.TrimSpace(t[len("Image:"):])
	}
}

// inspect reads the lines of docker inspect that name the program.
func (s *Scene) inspect(t string) {
	key, value, pair := strings.Cut(t, `":`)
	if pair {
		value = strings.Trim(value, ` ",`)
		switch strings.Trim(key, `"`) {
		case "Id":
			*s = Scene{command: s.command}
		case "Path":
			s.container = value[strings.LastIndexByte(value, '/')+1:]
		case "Name":
			s.container = strings.TrimPrefix(value, "/")
		case "Image":
			s.image = value
		}
		s.arguments = strings.Trim(key, `"`) == "Args"
		return
	}
	if s.arguments && starter(s.container) {
		s.container = strings.Trim(t, ` ",`)
		s.container = s.container[strings.LastIndexByte(s.container, '/')+1:]
	}
}

// prompt reads a command that was typed: "$ ./haproxy", "root@lb1:~# gdb", "/ # haproxy",
// "[root@lb1 ~]# …".
func (s *Scene) prompt(t string) bool {
	i := strings.IndexAny(t[:min(len(t), 80)], "$#")
	if i < 0 || i+2 >= len(t) || t[i+1] != ' ' {
		return false
	}
	if before := t[:i]; strings.Contains(strings.TrimSuffix(before, " "), " ") && (before[0] != '[' || before[i-1] != ']') {
		return false
	}
	words := strings.Fields(t[i+2:])
	for len(words) > 1 && (wrapper(words[0]) || strings.HasPrefix(words[0], "-") || strings.Contains(words[0], "=")) {
		words = words[1:]
	}
	if len(words) > 0 && !strings.HasPrefix(words[0], "-") {
		s.command, s.ran = words[0], false
	}
	return true
}

// starter says whether a container's first program only starts another one.
func starter(name string) bool {
	switch name {
	case "tini", "dumb-init", "sh", "bash", "s6-svscan", "init", "--", "-c", "-g", "exec":
		return true
	}
	return strings.HasSuffix(name, ".sh") || strings.Contains(name, "entrypoint")
}

func wrapper(word string) bool {
	switch word {
	case "sudo", "doas", "env", "exec", "nohup", "time", "nice", "ionice", "setsid", "stdbuf", "valgrind", "taskset", "numactl", "timeout", "strace", "su-exec", "gosu":
		return true
	}
	return false
}

// debugMode says whether haproxy -d wrote the line: 00000266:fe.clireq[0010:ffffffff]: GET / HTTP/1.1
func debugMode(t string) bool {
	if len(t) < 20 || t[8] != ':' {
		return false
	}
	for i := range 8 {
		if !lex.IsHex(t[i]) {
			return false
		}
	}
	i := strings.IndexByte(t[9:min(len(t), 200)], '.')
	if i < 0 {
		return false
	}
	rest := t[9+i+1:]
	for _, p := range [...]string{"accept(", "clireq[", "clihdr[", "clicls[", "closed[", "srvrep[", "srvhdr[", "srvcls["} {
		if strings.HasPrefix(rest, p) {
			return true
		}
	}
	return false
}

// Whose says whose the event of a line is that names no program: ours for sure, or of
// the other that is named; neither when the scene is mute.
func (s *Scene) Whose(e *Event) (ours bool, other string) {
	if e.Table {
		switch {
		case s.image == "" && s.container == "":
			return false, ""
		case s.image != "" && haproxy.IsService(s.image), haproxy.IsService(s.container), haproxy.IsProgram(s.container):
			return true, ""
		case s.container != "":
			return false, "container " + s.container
		}
		return false, "container of " + s.image
	}
	if s.ran || s.command != "" && haproxy.IsProgram(s.command) {
		return true, ""
	}
	return false, s.command
}
