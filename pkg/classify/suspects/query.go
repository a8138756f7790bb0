package suspects

import (
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Query is what a crash says that a fix may say too.
type Query struct {
	// Versions is that of the process, or those that it may be of; empty when nothing
	// is known of it.
	Versions []haproxy.Version
	// Inferred: the versions are tags that lines fit, and the process may be of a build on the
	// way to one.
	Inferred bool
	// Since is a version that it is not older than, "" when none is known: what was fixed
	// before is not looked at.
	Since string
	// Day is when it crashed, zero when that is not known.
	Day  time.Time
	Kind crash.Kind
	// Frames are those of the faulty thread, the innermost first; what else names a
	// function of the crash follows.
	Frames []Frame
	// Others are functions of threads that the faulty one may have waited for.
	Others []string
	// Files are source files that the crash names beside those of frames.
	Files []string
	// Conditions are the identifiers in the condition that was printed.
	Conditions []string
	// Labels are the subsystems that the crash names, as commits name them:
	// applets, muxes, filters, a script.
	Labels []string
	// Reach says which fixes cannot be of it; nil when all can.
	Reach *Reach
}

// Reach is what is known of what the process used.
type Reach struct {
	// Name stands for it where rankings are remembered.
	Name string
	// Out says that the bug of a fix needs something that is not in use.
	Out func(*fixes.Fix) bool
}

// reach names Reach.
func (q *Query) reach() string {
	if q.Reach == nil {
		return ""
	}
	return q.Reach.Name
}

// Frame is a call of the faulty thread.
type Frame struct {
	Function string
	// File is a path or a name, "" when it is not known.
	File string
	// Depth is how many frames stand nearer to the crash, also those that were cut off.
	Depth int
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
	case "", "main", "start_thread", "clone", "clone3", "__clone", "__clone3", "_start", "thread_start", "pthread_create",
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

// helper says that a function is one that all of HAProxy calls: of its trees, lists, locks,
// buffers and pools. Where it fails says nothing of who handed it what.
func helper(f *Frame) bool {
	if strings.Contains(f.File, "import/") || strings.Contains(f.File, "ebtree/") {
		return true
	}
	name := strings.TrimLeft(f.Function, "_")
	for _, p := range [...]string{"eb_", "eb32", "eb64", "ebmb_", "ebst_", "ebis_", "ebpt_", "ebim_", "pl_", "mt_list_", "b_", "pool_", "ha_thread_relax", "spin_", "string_equal_bits"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// useful are the frames of a query that tell something, each function once.
func (q *Query) useful() []Frame {
	var out []Frame
	seen := map[string]bool{}
	for _, f := range q.Frames {
		if seen[f.Function] || stopped(f.Function, q.Kind) {
			continue
		}
		seen[f.Function] = true
		if out = append(out, f); len(out) == maxFunctions {
			break
		}
	}
	return out
}

// Names are the functions of a query that tell something, and the source files, those that
// all of HAProxy calls left out.
func (q *Query) Names() (functions, files []string) {
	files = slices.Clone(q.Files)
	for _, f := range q.useful() {
		if helper(&f) {
			continue
		}
		functions = append(functions, f.Function)
		if f.File != "" && len(files) < maxFiles {
			files = append(files, f.File)
		}
	}
	return functions, files
}

// Telling says whether there is anything in a query that may tell fixes apart.
func (q *Query) Telling() bool {
	return len(q.useful())+len(q.Files)+len(q.Conditions)+len(q.Labels)+len(q.Others) > 0
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
