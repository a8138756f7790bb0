package haproxy

// ReportsCrash tells functions that only report a crash or deliver its signal:
// HAProxy's own, and those of the C libraries below them. They stand on top of
// many stacks and are the cause of none.
func ReportsCrash(function string) bool {
	switch function {
	case "ha_panic", "ha_crash_now", "ha_stuck_warning", "warn_blocked_traffic", "wdt_handler", "debug_handler",
		"debug_run_cli_deadlock", "ha_dump_backtrace", "ha_backtrace_to_stderr", "ha_thread_dump", "ha_thread_dump_one",
		"ha_thread_dump_fill", "stream_dump_and_crash", "abort_with_line", "complain", "_complain", "complain_with_dbg":
		return true
	case "raise", "__raise", "gsignal", "kill", "tkill", "tgkill", "abort", "__abort", "pthread_kill", "__pthread_kill",
		"__pthread_kill_implementation", "__pthread_kill_internal", "__GI_raise", "__GI_abort", "__GI___pthread_kill",
		"__restore_rt", "__kernel_rt_sigreturn", "__assert_fail", "__assert_fail_base", "__stack_chk_fail",
		"__fortify_fail", "__chk_fail", "__libc_message", "malloc_printerr":
		return true
	}
	return false
}
