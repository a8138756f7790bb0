package ending

import "strings"

// Plain strips what C libraries and compilers put around a name: __GI_raise,
// __libc_pause, epoll_wait@@GLIBC_2.3.2, foo.part.0, bar.cold.
func Plain(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	for {
		before := name
		for _, p := range [...]string{"__GI_", "___", "__libc_", "__interceptor_", "__new_", "__old_"} {
			if len(name) > len(p) {
				name = strings.TrimPrefix(name, p)
			}
		}
		if name == before {
			return name
		}
	}
}

// IsAbort says whether the function, by its plain name, belongs to the C library's way of raising SIGABRT.
func IsAbort(name string) bool {
	switch n := strings.TrimLeft(name, "_"); n {
	case "raise", "abort", "libc_abort", "abort_with_payload", "abort_with_payload_wrapper_internal", "objc_fatal", "objc_fatalv", "gsignal", "thrkill", "thr_kill", "sys_thr_kill", "lwp_kill", "pthread_kill", "pthread_kill_implementation", "pthread_kill_internal", "kill", "tgkill", "tkill", "message", "fatal", "a_crash":
		return true
	default:
		return strings.HasPrefix(n, "pthread_kill")
	}
}

// IsHeap says whether the function, by its plain name, is the C library's, and in an abort
// means that it found its heap damaged.
func IsHeap(name string) bool {
	switch strings.TrimLeft(name, "_") {
	case "malloc_printerr", "malloc_consolidate", "int_malloc", "int_free", "int_realloc", "int_memalign", "unlink_chunk",
		"munmap_chunk", "malloc_assert", "tcache_double_free_verify", "int_free_chunk", "int_free_merge_chunk",
		"safety_check_fail", "je_safety_check_fail", "get_meta",
		"free", "cfree", "malloc", "calloc", "realloc", "reallocarray", "memalign", "posix_memalign":
		return true
	}
	return false
}

// isOverrun says whether the function reports that a buffer was overrun.
func isOverrun(name string) bool {
	switch strings.TrimLeft(name, "_") {
	case "stack_chk_fail", "fortify_fail", "chk_fail":
		return true
	}
	return false
}

// isPoolCheck says whether the function, by its plain name, checks memory pools (HAProxy src/pool.c).
func isPoolCheck(name string) bool {
	switch name {
	case "__pool_free", "pool_free", "pool_inspect_item", "pool_evict_from_local_cache", "pool_put_to_shared_cache", "pool_check_pattern", "pool_get_from_cache", "pool_put_to_cache", "pool_evict_last_items":
		return true
	}
	return false
}

// IsDeliberate says whether HAProxy ends the process in this function.
func IsDeliberate(name string) bool {
	switch name {
	case "ha_crash_now", "abort_with_line", "stream_dump_and_crash", "ha_panic", "wdt_handler":
		return true
	}
	return false
}
