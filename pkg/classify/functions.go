package classify

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// usefulFunctions are the functions that tell what a thread was doing: trusted
// names only, without the way into main and out through a signal or the C library's
// check of its heap, each once.
func usefulFunctions(frames []crash.Frame) []string {
	var out []string
	for i := range frames {
		name := sourceName(frames[i].Function)
		if frames[i].Lead || !isName(name) || !isUseful(name) {
			continue
		}
		// A scanned frame may be a remnant of an earlier call. It may say
		// something, but not what was on top.
		if frames[i].Trust == crash.TrustScan && len(out) == 0 {
			continue
		}
		if len(out) > 0 && out[len(out)-1] == name {
			continue
		}
		if out = append(out, name); len(out) == 64 {
			break
		}
	}
	return out
}

// sourceName is the name of a function in the source.
//
// Folklore: gcc makes functions of parts of others and adds what it did to the name in
// the symbol table: qc_handle_crypto_frm.isra.0, ha_panic.part.0, .constprop, .cold.
// With debug data the name is right already.
func sourceName(symbol string) string {
	if i := strings.IndexByte(symbol, '.'); i > 0 {
		return symbol[:i]
	}
	return symbol
}

// isUseful is false for functions that many crashes of all causes have on their
// stack: the C library, signal handling, HAProxy's crash and dump code, its
// scheduler and poller, and the runners of streams and applets.
func isUseful(name string) bool {
	switch name {
	case "main", "start_thread", "clone", "clone3", "__clone", "__clone3", "_start", "thread_start",
		"__libc_start_main", "__libc_start_main_impl", "__libc_start_call_main", "pthread_create",
		"wait", "wait4", "waitpid", "__wait", "__wait4", "__waitpid", "__GI___waitpid", "__GI___wait4",
		"run_poll_loop", "run_thread_poll_loop", "process_runnable_tasks", "run_tasks_from_lists", "run_tasks_from_list",
		"task_run_applet", "task_process_applet", "process_stream",
		"_do_poll", "do_poll", "epoll_wait", "__epoll_wait", "poll", "kevent", "fd_update_events", "wake_expired_tasks":
		return false
	}
	if haproxy.ReportsCrash(name) {
		return false
	}
	return !strings.HasPrefix(name, "__vdso_") && !strings.HasPrefix(name, "__GI_") && !strings.HasPrefix(name, "_IO_") && !strings.HasPrefix(name, "__libc_")
}
