package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/ending"
)

// What the names of functions tell. Names are compared in their plain form.

// lean is ending.Plain without the underscores and suffixes in which wrappers of one
// system call differ: __clock_nanosleep_time64, __send, __read_nocancel.
func lean(name string) string {
	name = strings.TrimLeft(ending.Plain(name), "_")
	for _, s := range [...]string{"_time64", "_nocancel", "64", "_2"} {
		name = strings.TrimSuffix(name, s)
	}
	return name
}

// waits are functions in which a healthy thread may be met: a frame 0 in one
// of them is no place where a process faults.
var waits = map[string]bool{
	"epoll_wait": true, "epoll_pwait": true, "poll": true, "ppoll": true, "select": true, "pselect": true,
	"kevent": true, "port_getn": true, "do_poll": true,
	"nanosleep": true, "clock_nanosleep": true, "sleep": true, "usleep": true, "pause": true, "sched_yield": true,
	"wait": true, "wait4": true, "waitpid": true, "sigsuspend": true, "sigwait": true, "sigtimedwait": true,
	"pthread_cond_wait": true, "pthread_cond_timedwait": true, "pthread_join": true, "pthread_mutex_lock": true,
	"futex_wait": true, "futex_wait_cancelable": true, "futex_abstimed_wait_cancelable": true, "do_futex_wait": true,
	"futex_abstimed_wait_common": true, "lll_lock_wait": true, "lll_lock_wait_private": true, "sem_wait": true, "syscall": true, "syscall_cancel_arch": true,
	"read": true, "write": true, "readv": true, "writev": true, "send": true, "sendto": true, "sendmsg": true, "sendmmsg": true,
	"recv": true, "recvfrom": true, "recvmsg": true, "accept": true, "accept4": true, "connect": true, "splice": true,
	"clock_gettime": true, "gettimeofday": true, "time": true, "close": true, "shutdown": true, "epoll_ctl": true,
}

// isWait says whether frame 0 in this function is a wait or a system call.
func isWait(name string) bool { return waits[lean(name)] }

// isTrampoline says whether the symbol is where a signal handler returns to:
// what gdb prints as "<signal handler called>" the others print by its name.
func isTrampoline(name string) bool {
	switch name {
	case "__restore_rt", "_sigtramp", "__restore", "__kernel_rt_sigreturn", "__kernel_sigreturn", "__default_rt_sa_restorer", "__sigreturn":
		return true
	}
	return false
}
