package logparse

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/join"
)

// A debugger shows what pointers point to, and in HAProxy's memory that may be what a client
// sent. So a crash text that is the value of a variable counts only where the stack shows
// who would have made it, and never more than what debuggers say.

// makers are the functions that hold a text of a kind while they end the process; known is
// false where there is no such kind of text.
func makers(k crash.Kind) (functions []string, known bool) {
	if k == crash.Panic {
		k = crash.Watchdog // one headline for both
	}
	for _, h := range haproxy.Headlines() {
		if h.Kind == k {
			functions, known = append(functions, h.Makers...), true
		}
	}
	return functions, known
}

// supported keeps the parts that go with the stack; without any frames there is nothing
// against them but their rank.
func supported(parts []join.Part, threads []crash.Thread) []join.Part {
	named := false
	has := func(functions []string) bool {
		for i := range threads {
			for k := range threads[i].Frames {
				if slices.Contains(functions, threads[i].Frames[k].Function) {
					return true
				}
			}
		}
		return false
	}
	for i := range threads {
		named = named || slices.ContainsFunc(threads[i].Frames, func(f crash.Frame) bool { return f.Function != "" })
	}
	var out []join.Part
	for _, p := range parts {
		functions, known := makers(p.Crash.Kind)
		if (p.Role == join.Head || p.Role == join.Warning) && named && known && !has(functions) {
			continue
		}
		if p.Rank == crash.RankHAProxy {
			p.Rank = crash.RankOther
			for i := range p.Crash.Evidence {
				p.Crash.Evidence[i].Rank = crash.RankOther
			}
		}
		out = append(out, p)
	}
	return out
}
