package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// container reads rows of docker's and Kubernetes' reports:
//
//	f1c2…  haproxy:3.0  "docker-entrypoint.s…"  2 hours ago  Exited (139) 3 minutes ago  lb     docker ps -a
//	"OOMKilled": true,   "ExitCode": 139,                                                       docker inspect
//	Reason:       OOMKilled                                                                     kubectl describe
//	Exit Code:    139
//	haproxy-7d9f   0/1   OOMKilled   3 (10s ago)   5m                                           kubectl get pods
//	container die f1c2… (exitCode=139, image=haproxy:3.0, name=lb)                              docker events
//
// An exit code counts only when it says that a signal ended a process.
func container(t string) (Event, bool) {
	if rest, ok := strings.CutPrefix(t, "Exit Code:"); ok {
		n, rest, ok := lex.Int(strings.TrimLeft(rest, " "))
		if !ok || rest != "" {
			return Event{}, false
		}
		return anonymous(exitCode(n))
	}
	if rest, ok := strings.CutPrefix(t, `"ExitCode":`); ok {
		n, rest, ok := lex.Int(strings.TrimLeft(rest, " "))
		if !ok || strings.TrimSuffix(rest, ",") != "" {
			return Event{}, false
		}
		return anonymous(exitCode(n))
	}
	if rest, ok := strings.CutPrefix(t, "Reason:"); ok && strings.TrimLeft(rest, " ") == "OOMKilled" {
		return anonymous(containerOOM(), true)
	}
	if rest, ok := strings.CutPrefix(t, `"OOMKilled":`); ok && strings.TrimSuffix(strings.TrimLeft(rest, " "), ",") == "true" {
		return anonymous(containerOOM(), true)
	}
	if e, ok := dockerPS(t); ok {
		return e, true
	}
	if e, ok := compose(t); ok {
		return e, true
	}
	if e, ok := died(t); ok {
		return e, true
	}
	return pod(t)
}

// anonymous marks what a table says of some container; its name stands above.
func anonymous(e Event, ok bool) (Event, bool) {
	e.Anonymous, e.Table = true, true
	return e, ok
}

func containerOOM() Event {
	e, _ := oomKill(0, "haproxy", true, true)
	e.Role, e.Comm, e.Crash.Signal = join.Exit, "", nil
	e.Crash.Exit = &crash.Exit{Code: 137, Signal: "SIGKILL"}
	return e
}

// dockerPS reads a row: the container's id, 12 hex digits, its image, and its name at
// the end.
func dockerPS(t string) (Event, bool) {
	if !strings.Contains(t, " Exited (") {
		return Event{}, false
	}
	f := strings.Fields(t)
	if len(f) < 4 || len(f[0]) != 12 || !haproxy.IsService(f[1]) && !haproxy.IsService(f[len(f)-1]) {
		return Event{}, false
	}
	for i := range 12 {
		if !lex.IsHex(t[i]) {
			return Event{}, false
		}
	}
	_, rest, _ := strings.Cut(t, " Exited (")
	n, rest, ok := lex.Int(rest)
	if !ok || !strings.HasPrefix(rest, ") ") || !strings.Contains(rest, " ago") {
		return Event{}, false
	}
	return exitCode(n)
}

// compose reads what docker compose says: haproxy_1 exited with code 139. Of a container with
// another name, the lines that it wrote must tell what runs in it.
func compose(t string) (Event, bool) {
	name, rest, ok := strings.Cut(t, " exited with code ")
	if !ok || !isName(name) {
		return Event{}, false
	}
	n, rest, ok := lex.Int(rest)
	if !ok || rest != "" && !strings.HasPrefix(rest, " (") {
		return Event{}, false
	}
	e, ok := exitCode(n)
	if !haproxy.IsService(name) {
		e.Anonymous, e.Container = true, name
	}
	return e, ok
}

// died reads what docker events and podman events say, behind the time:
//
//	container die f1c2… (exitCode=139, image=haproxy:3.0, name=lb)
//	container died f1c2… (image=docker.io/library/haproxy:3.0, name=lb, containerExitCode=139)
func died(t string) (Event, bool) {
	rest, ok := strings.CutPrefix(t, "container die")
	id, rest, labels := strings.Cut(strings.TrimPrefix(rest, "d"), " (")
	rest, closed := strings.CutSuffix(rest, ")")
	id = strings.TrimSpace(id)
	if !ok || !labels || !closed || len(id) < 12 || len(id) > 64 {
		return Event{}, false
	}
	image, name, code := "", "", -1
	for pair := range strings.SplitSeq(rest, ", ") {
		key, value, _ := strings.Cut(pair, "=")
		switch key {
		case "image":
			image = value
		case "name":
			name = value
		case "exitCode", "containerExitCode":
			if n, after, ok := lex.Int(value); ok && after == "" {
				code = n
			}
		}
	}
	if !haproxy.IsService(image) && !haproxy.IsService(name) {
		return Event{}, false
	}
	return exitCode(code)
}

// pod reads a row of kubectl get pods. It counts only for pods of one container: the
// row does not say which of several it was.
func pod(t string) (Event, bool) {
	if !strings.Contains(t, "OOMKilled") {
		return Event{}, false
	}
	f := strings.Fields(t)
	if len(f) < 5 || len(f) > 12 || f[2] != "OOMKilled" || !haproxy.IsService(f[0]) {
		return Event{}, false
	}
	ready, of, ok := strings.Cut(f[1], "/")
	if !ok || of != "1" {
		return Event{}, false
	}
	if _, rest, ok := lex.Int(ready); !ok || rest != "" {
		return Event{}, false
	}
	return containerOOM(), true
}
