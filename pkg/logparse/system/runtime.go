package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// runtime reads what the libraries of the BSDs and of macOS say before they end the process:
//
//	objc[25509]: +[NSString initialize] may have been in progress in another thread when fork() was called. …
//	haproxy(71538) in free(): chunk is already free 0x1f0a8000        OpenBSD's malloc
//	haproxy in free(): error: bogus pointer                           FreeBSD until 6
//
// Folklore: macOS's Objective-C runtime ends a child that calls into it after fork() while
// another thread was in an +initialize. HAProxy does not use it: the system's resolver, or a
// library, does. The worker says nothing else; its master says that it could not load it.
func runtime(t string) (Event, bool) {
	if rest, ok := strings.CutPrefix(t, "objc["); ok {
		return objc(rest, t)
	}
	who, what, ok := strings.Cut(t, "(): ")
	name, function, in := strings.Cut(who, " in ")
	switch function {
	case "free", "malloc", "calloc", "realloc", "recallocarray", "reallocarray", "freezero", "aligned_alloc", "posix_memalign", "":
	default:
		return Event{}, false
	}
	if !ok || !in || len(what) > 128 {
		return Event{}, false
	}
	pid := 0
	if comm, id, has := strings.Cut(name, "("); has {
		n, rest, isNumber := lex.Int(id)
		if !isNumber || rest != ")" {
			return Event{}, false
		}
		name, pid = comm, n
	}
	if !haproxy.IsProgram(name) {
		return Event{}, false
	}
	what = strings.TrimPrefix(what, "error: ")
	known := false
	for _, p := range [...]string{"chunk is already free", "bogus pointer", "double free", "use after free", "modified chunk-pointer", "chunk canary corrupted",
		"write after free", "write to free chunk", "free chunk canary", "junk pointer", "page is already free", "corrupted", "chunk info corrupted"} {
		known = known || strings.HasPrefix(what, p)
	}
	if !known {
		return Event{}, false
	}
	e := heap(function+"(): "+what, 0)
	e.Crash.Text = t
	e.named(pid, name)
	return e, true
}

func objc(rest, t string) (Event, bool) {
	pid, rest, ok := lex.Int(rest)
	if !ok || !strings.HasPrefix(rest, "]: +[") || !strings.Contains(rest, " initialize] may have been in progress in another thread when fork() was called.") {
		return Event{}, false
	}
	e := Event{Kind: crash.Abort, Role: join.Head, Anonymous: true, Detail: "the Objective-C runtime ended a child that used it after fork()"}
	e.Crash.Kind, e.Crash.Fatal, e.Crash.Text = crash.Abort, true, t
	e.named(pid, "")
	return e, true
}
