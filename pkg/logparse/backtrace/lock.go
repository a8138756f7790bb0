package backtrace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// isLockWait says whether the function is a loop that waits for one of HAProxy's locks
// (include/import/plock.h; with DEBUG_THREAD src/thread.c), or for the other threads.
func isLockWait(name string) bool {
	n := strings.TrimLeft(ending.Plain(name), "_")
	switch n {
	case "spin_lock", "thread_isolate", "thread_isolate_full", "thread_harmless_till_end":
		return true
	}
	if rest, ok := strings.CutPrefix(n, "ha_rwlock_"); ok {
		return !hasPrefix(rest, "try", "init", "destroy") && !strings.Contains(rest, "unlock")
	}
	return hasPrefix(n, "pl_wait_", "pl_lorw_", "ha_spin_lock")
}

// isMutexWait says whether the function is part of the C library's way of waiting for a
// mutex or a read-write lock.
func isMutexWait(name string) bool {
	switch lean(name) {
	case "lll_lock_wait", "lll_lock_wait_private", "lll_mutex_lock_optimized", "pthread_mutex_lock", "pthread_mutex_lock_full", "pthread_mutex_timedlock",
		"pthread_rwlock_rdlock", "pthread_rwlock_rdlock_full", "pthread_rwlock_wrlock", "pthread_rwlock_wrlock_full", "futex_wait", "futex_wait_simple":
		return true
	}
	return false
}

// isTableLock says whether the function is one in which threads pile up on the
// lock of a stick table, its lock loop inlined.
//
// Folklore: stktable_lookup_key and stktable_touch_with_exp as frame 0 in many
// threads of a 2.2 to 3.0 core are waiters, not a fault (issues 1918, 2508).
func isTableLock(name string) bool { return hasPrefix(name, "stktable_", "stksess_") }

// lock gives what the thread waits for, or waited for when a signal interrupted it; nil if
// that is no lock.
func (s *stack) lock() *crash.Lock {
	i := slices.IndexFunc(s.frames, func(f numbered) bool { return f.Signal })
	if i < 0 {
		return lockOf(s.frames)
	}
	return cmp.Or(lockOf(s.frames[:i]), lockOf(s.frames[i+1:]))
}

func lockOf(frames []numbered) *crash.Lock {
	var l crash.Lock
	own, mutex := false, false
	for i := range frames {
		f := &frames[i]
		switch {
		case isLockWait(f.Function):
			own = true
		case isMutexWait(f.Function):
			mutex = mutex || lean(f.Function) != "futex_wait"
		case i == 0 && f.Function == "ha_thread_relax" || i < 2 && f.Function == "sched_yield" || f.Function == "pl_cpu_relax":
		case own || mutex:
			l.Function = f.Function
			return &l
		default:
			return nil
		}
		describe(&l, f)
	}
	if own || mutex {
		return &l
	}
	return nil
}

// describe takes the lock's address and label from the arguments of a function that waits.
func describe(l *crash.Lock, f *numbered) {
	for _, a := range f.Arguments {
		switch strings.TrimSuffix(a.Name, "@entry") {
		case "l", "lock", "mutex", "futex", "rwlock":
			if v, _, ok := lex.Addr(a.Value); ok {
				l.Address = v
			}
		case "lbl":
			if n := lex.Identifier(a.Value); n > 0 && n == len(a.Value) && n < 32 {
				l.Label = a.Value
			}
		}
	}
}
