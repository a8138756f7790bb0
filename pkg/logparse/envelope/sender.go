package envelope

import (
	"slices"
	"strings"
)

// Sender says who wrote a line, as far as the envelope tells: not which program it is
// by name, but what its word is worth.
type Sender int

// The senders.
const (
	// Nobody: the envelope names no program, or something that says nothing of one: a
	// role (lb, proxy), a container's id, a log shipper that passes on what others said.
	Nobody Sender = iota
	HAProxy
	Kernel
	// Manager is systemd.
	Manager
	// Dumper is systemd-coredump.
	Dumper
	// Shell is what starts programs and reports on them: shells, container engines,
	// supervisors. What a program prints may stand under their name.
	Shell
	// Tool is a debugger, or a collector of crashes.
	Tool
	// Stranger is any other program. What it says is not HAProxy's, whatever it is.
	Stranger
)

// Sender judges by what a process cannot choose before what it can: the journal takes
// _COMM, _TRANSPORT, _SYSTEMD_UNIT and a container's name from the kernel and the engine,
// the identifier from whoever calls syslog(3).
//
// A message within a message has two senders, and an inner header is text that the outer
// one wrote: what a stranger wrote stays a stranger's.
func (l *Line) Sender() Sender {
	if l.traffic {
		return Stranger
	}
	s := SenderOf(l.Ident)
	if l.Fields != nil {
		s = l.journalSender(s)
	}
	for _, name := range l.outer {
		switch SenderOf(name) {
		case Stranger:
			return Stranger
		case HAProxy:
			if s == Kernel || s == Manager || s == Dumper {
				return Stranger // HAProxy passes on nobody's messages
			}
			s = HAProxy
		}
	}
	return s
}

// journalSender corrects what the identifier claims by the journal's own fields.
func (l *Line) journalSender(claim Sender) Sender {
	switch transport := l.Fields["_TRANSPORT"]; {
	case transport == "kernel":
		return Kernel
	case transport != "" && claim == Kernel:
		return Stranger
	}
	if container := l.Fields["CONTAINER_NAME"]; container != "" {
		image := SenderOf(imageName(l.Fields["IMAGE_NAME"]))
		if name := SenderOf(container); name != Nobody && image != HAProxy {
			return honest(claim, name)
		}
		return honest(claim, image)
	}
	comm := l.Fields["_COMM"]
	if comm == "" {
		comm = l.Fields["_EXE"]
	}
	if comm == "" {
		unit := l.Fields["_SYSTEMD_UNIT"]
		if strings.HasSuffix(unit, ".scope") {
			return claim
		}
		name, _, _ := strings.Cut(unit, "@")
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".service"), ".slice")
		if SenderOf(name) == Stranger {
			return Stranger
		}
		return claim
	}
	return honest(claim, SenderOf(comm))
}

// honest weighs a claim against what is sure. A shell or a relay speaks for others; but
// the kernel, systemd and its dumper speak for themselves.
func honest(claim, sure Sender) Sender {
	switch {
	case sure != Nobody && sure != Shell:
		return sure
	case claim == Kernel || claim == Manager || claim == Dumper:
		return Stranger
	}
	return claim
}

// imageName cuts registry, tag and digest off: docker.io/library/haproxy:3.0 is haproxy.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndexByte(image, '/')+1:]
	image, _, _ = strings.Cut(image, ":")
	return image
}

// maxName is the size of the longest name that is looked at.
const maxName = 256

// SenderOf judges a name: of a program, a tag, a container, a unit.
func SenderOf(name string) Sender {
	switch name {
	case "":
		return Nobody
	case "haproxy":
		return HAProxy
	case "kernel":
		return Kernel
	}
	name = strings.ToLower(name[:min(len(name), maxName)])
	base := name[strings.LastIndexByte(name, '/')+1:]
	if s, ok := programs[base]; ok {
		return s
	}
	if strings.HasSuffix(base, ".sh") || strings.HasPrefix(base, "s6-") || strings.Contains(base, "supervis") {
		return Shell
	}
	if strings.HasPrefix(base, "systemd-coredum") { // 15 bytes of it in _COMM
		return Dumper
	}
	if strings.HasPrefix(base, "abrt") || strings.HasPrefix(base, "apport") {
		return Tool
	}
	return byWords(name)
}

// byWords judges a made-up name by the words in it: docker/haproxy/3f0d9c1a2b4e,
// haproxy-prod, lb01-edge, prometheus-haproxy-exporter.
func byWords(name string) Sender {
	known, foreign, named, role, mute := false, false, false, false, false
	for rest := name; rest != ""; {
		n := 0
		for n < len(rest) && wordByte(rest[n]) {
			n++
		}
		word := rest[:n]
		rest = rest[min(n+1, len(rest)):]
		bare := strings.TrimRight(word, "0123456789")
		switch {
		case word == "":
		case beside[bare]:
			return Stranger
		case others[bare], jobs[bare]:
			foreign = true
		case strings.Contains(bare, "haproxy"), strings.HasPrefix(bare, "hapee"), bare == "hap":
			known = true
		case roles[bare]:
			role = true
		case engines[bare], isID(word):
			mute = true
		case bare != "":
			named = true
		}
	}
	switch {
	case known:
		return HAProxy
	case !foreign && (role || mute && !named):
		return Nobody
	}
	return Stranger
}

func wordByte(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 }

// isID knows a container's id, whole or cut.
func isID(word string) bool {
	if len(word) < 12 {
		return false
	}
	for i := range len(word) {
		if c := word[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// programs are those whose names say what their word is worth.
var programs = map[string]Sender{
	"systemd": Manager, "init": Manager,
	"sh": Shell, "bash": Shell, "dash": Shell, "ash": Shell, "ksh": Shell, "zsh": Shell, "fish": Shell, "busybox": Shell, "tini": Shell, "dumb-init": Shell,
	"runsv": Shell, "runit": Shell, "daemontools": Shell, "monit": Shell, "start-stop-daemon": Shell, "sudo": Shell, "cron": Shell, "crond": Shell,
	"docker": Shell, "dockerd": Shell, "docker-compose": Shell, "containerd": Shell, "containerd-shim": Shell, "containerd-shim-runc-v2": Shell, "containerd-shim-": Shell,
	"conmon": Shell, "podman": Shell, "crio": Shell, "cri-o": Shell, "kubelet": Shell, "nomad": Shell, "audit": Shell, "auditd": Shell, "audispd": Shell,
	"gdb": Tool, "lldb": Tool, "valgrind": Tool, "coredumpctl": Tool, "eu-stack": Tool,
	"rsyslogd": Nobody, "rsyslog": Nobody, "syslog-ng": Nobody, "syslogd": Nobody, "syslog": Nobody, "logger": Nobody, "systemd-cat": Nobody, "cat": Nobody, "tee": Nobody,
	"systemd-journald": Nobody, "systemd-journal": Nobody, "journal": Nobody, "fluentd": Nobody, "fluent-bit": Nobody, "td-agent": Nobody, "vector": Nobody, "promtail": Nobody, "filebeat": Nobody,
	"logspout": Nobody, "socklog": Nobody, "svlogd": Nobody, "multilog": Nobody, "unknown": Nobody, "stdout": Nobody, "stderr": Nobody, "log": Nobody,
}

// roles are words that say what a container or a tag is for, and not which program is in it.
var roles = map[string]bool{
	"lb": true, "loadbalancer": true, "balancer": true, "proxy": true, "router": true, "ingress": true, "edge": true, "gateway": true, "gw": true, "controller": true,
}

// engines are words that say what runs a container: docker/3f0d9c1a2b4e tells nothing of it.
var engines = map[string]bool{"docker": true, "podman": true, "container": true, "containers": true, "cri": true, "ecs": true, "nomad": true}

// beside are words of the names of programs that work beside HAProxy and bear its name.
var beside = map[string]bool{"exporter": true, "template": true, "prometheus": true, "dataplaneapi": true, "confd": true, "metrics": true, "agent": true, "sidecar": true}

// others are words of the names of programs that have HAProxy's roles, or stand next to it:
// nginx-ingress, kube-proxy, oauth2-proxy.
var others = map[string]bool{
	"nginx": true, "envoy": true, "traefik": true, "apache": true, "httpd": true, "squid": true, "kube": true, "oauth": true, "caddy": true, "varnish": true,
	"istio": true, "linkerd": true, "kong": true, "contour": true, "apisix": true, "ats": true, "pgbouncer": true, "proxysql": true, "tinyproxy": true, "privoxy": true,
	"cloudflared": true, "ssh": true, "sshd": true, "postfix": true, "dovecot": true, "named": true, "dnsmasq": true, "keepalived": true, "mysql": true, "mysqld": true,
	"mariadb": true, "postgres": true, "postgresql": true, "redis": true, "memcached": true, "php": true, "tomcat": true, "gunicorn": true, "uwsgi": true,
}

// jobs are words that say what another program is for.
var jobs = map[string]bool{"api": true, "auth": true, "db": true, "sql": true}

// Elsewhere says that one of the words in a name, of a file perhaps, is the name of a program
// that is not HAProxy, and none is HAProxy's.
func Elsewhere(name string) bool {
	other := false
	for word := range strings.FieldsFuncSeq(strings.ToLower(name[:min(len(name), maxName)]), func(r rune) bool { return r < 0x80 && !wordByte(byte(r)) }) {
		switch bare := strings.TrimRight(word, "0123456789"); {
		case strings.Contains(bare, "haproxy") && SenderOf(name[strings.LastIndexByte(name, '/')+1:]) == HAProxy:
			return false
		case others[bare], beside[bare]:
			other = true
		}
	}
	return other
}

// named sets who wrote the text. A name that an outer envelope gave is kept beside it.
func (l *Line) named(ident string, pid int) {
	if l.Ident != ident && len(l.outer) < maxDepth {
		l.within(l.Ident)
	}
	l.Ident, l.PID = ident, pid
}

// within adds a name that an outer envelope gave. Lines may share what they have of these.
func (l *Line) within(name string) {
	if name != "" {
		l.outer = append(slices.Clip(l.outer), name)
	}
}
