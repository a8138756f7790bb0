package suspects

import "math"

// stacks is how many reports the numbers of met were counted in.
const stacks = 103

// met is in how many of the reports of internal/eval a function is on the stack of the
// thread at fault, of those that are in three or more. What many crashes have says little
// of one.
func met(function string) int {
	switch function {
	case "process_stream":
		return 11
	case "lua_resume", "hlua_ctx_resume", "task_process_applet", "task_run_applet", "deinit":
		return 4
	case "qc_parse_pkt_frms", "cli_io_handler", "listener_accept", "deinit_and_exit":
		return 3
	}
	return 0
}

// seldom is what a function counts that many stacks have: 1 for one that is in one of
// them, and nothing for one that is in all.
func seldom(function string) float64 {
	n := max(met(function), 1)
	return math.Log(stacks/float64(n)) / math.Log(stacks)
}
