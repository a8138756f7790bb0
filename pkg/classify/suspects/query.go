package suspects

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Query is what a crash says that a fix may say too.
type Query struct {
	// Version is that of the process; its Raw is "" when it is not known.
	Version haproxy.Version
	// Candidates are the versions of which it is one, oldest first, where it is not known or
	// not certain.
	Candidates []haproxy.Version
	Kind       crash.Kind
	// Functions are those of the faulty thread, innermost first, as printed.
	Functions []string
	// Files are source files of the crash or of its frames: paths or names.
	Files []string
	// Conditions are the identifiers in the condition that was printed.
	Conditions []string
	// Labels are the subsystems that the crash names, as commits name them:
	// applets, muxes, filters, a script.
	Labels []string
}

// maxFunctions bounds a stack: what stands further out says where the program
// was, not what it did.
const maxFunctions = 24

// stopped says that a function is on the stacks of crashes of all causes, or of
// all that are of this kind, and so tells none of them.
func stopped(function string, kind crash.Kind) bool {
	if haproxy.ReportsCrash(function) {
		return true
	}
	switch function {
	case "main", "start_thread", "clone", "clone3", "__clone", "__clone3", "_start", "thread_start", "pthread_create",
		"wait", "wait4", "waitpid", "__wait", "__wait4", "__waitpid", "__GI___waitpid", "__GI___wait4",
		"run_poll_loop", "run_thread_poll_loop", "process_runnable_tasks", "run_tasks_from_lists", "run_tasks_from_list",
		"_do_poll", "do_poll", "epoll_wait", "__epoll_wait", "poll", "kevent":
		return true
	case "task_run_applet", "task_process_applet", "process_stream":
		// The spin guard's own, and named by every fix of it.
		return kind == crash.Spinning
	}
	return strings.HasPrefix(function, "__GI_") || strings.HasPrefix(function, "_IO_") || strings.HasPrefix(function, "__libc_")
}

// useful are the functions of a query that tell something, each once.
func (q *Query) useful() []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range q.Functions {
		if f == "" || seen[f] || stopped(f, q.Kind) {
			continue
		}
		seen[f] = true
		if out = append(out, f); len(out) == maxFunctions {
			break
		}
	}
	return out
}

// Telling says whether there is anything in a query that may tell fixes apart.
func (q *Query) Telling() bool {
	return len(q.useful())+len(q.Files)+len(q.Conditions)+len(q.Labels) > 0
}

// Identifiers are the names in a C expression, each once, but for those that any
// expression may hold.
func Identifiers(expression string) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(expression, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		if len(w) < 2 || w[0] <= '9' || seen[w] || len(out) == maxFunctions {
			continue
		}
		switch w {
		case "NULL", "void", "if", "sizeof", "int", "long", "char", "unsigned", "const", "struct":
			continue
		}
		seen[w] = true
		out = append(out, w)
	}
	return out
}
