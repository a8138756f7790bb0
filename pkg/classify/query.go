package classify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// QueryOf is what a crash says that fixes may say too.
func QueryOf(c *crash.Crash) suspects.Query {
	f := factsOf(c)
	q := f.query()
	q.Reach = f.reach(&q)
	return q
}

func (f *facts) query() suspects.Query {
	c := f.crash
	q := suspects.Query{Kind: c.Kind}
	switch {
	case len(f.releases) > 0:
		q.Versions, q.Inferred = f.releases, true
	case f.hasVersion:
		q.Versions = []haproxy.Version{f.version}
	default:
		q.Since = f.since()
		if len(c.Time) >= len(time.DateOnly) {
			q.Day, _ = time.Parse(time.DateOnly, c.Time[:len(time.DateOnly)]) // without a year it is no date
		}
	}
	if p := c.Pool; p != nil && isName(p.CallerFunction) {
		q.Frames = append(q.Frames, suspects.Frame{Function: p.CallerFunction})
	}
	if c.Assertion != nil {
		q.Conditions = suspects.Identifiers(c.Assertion.Condition)
		if c.Assertion.File != "" {
			q.Files = append(q.Files, c.Assertion.File)
		}
	}
	if t := c.Faulty(); t != nil {
		f.stack(t, &q)
	}
	for _, name := range f.values["handler"] {
		q.Frames = append(q.Frames, suspects.Frame{Function: name, Depth: len(q.Frames)})
	}
	q.Others = f.waiting()
	q.Labels = append(f.labels(), f.locks()...)
	return q
}

// since is the development version that first printed what this crash was read from. What is
// older than it was fixed by then, or is not what this crash is of.
func (f *facts) since() string {
	first := ""
	if p := f.crash.Pool; p != nil && p.Error != "" {
		first = "2.9-dev6"
	}
	if f.crash.Kind == crash.BlockedTraffic {
		first = "3.1-dev12"
	}
	for i := range f.crash.Threads {
		for _, field := range f.crash.Threads[i].Fields {
			if v := printedSince(field.Name); v > first { // all of one length but for their ends
				first = v
			}
		}
	}
	return first
}

// printedSince is the version since which HAProxy prints a value of a thread.
func printedSince(field string) string {
	switch field {
	case "isolated":
		return "2.8-dev10"
	case "lock_hist":
		return "3.2-dev13"
	case "loops", "ctxsw":
		return "3.3-dev9"
	case "exec_ctx":
		return "3.4-dev7"
	}
	return ""
}

// maxOthers bounds the functions of other threads.
const maxOthers = 24

// waiting are the innermost functions of the threads that the one at fault may have waited
// for: of all, where nobody knows which one that is. It is of use where a thread is stuck.
func (f *facts) waiting() []string {
	switch f.crash.Kind {
	case crash.Watchdog, crash.Panic, crash.BlockedTraffic, crash.Hang, crash.Abort, crash.Unknown:
	default:
		return nil
	}
	faulty := f.crash.Faulty()
	var out []string
	for i := range f.crash.Threads {
		t := &f.crash.Threads[i]
		if t == faulty {
			continue
		}
		list := usefulFunctions(t.Interrupted())
		for _, name := range list[:min(len(list), 2)] {
			if !slices.Contains(out, name) && len(out) < maxOthers {
				out = append(out, name)
			}
		}
	}
	return out
}

// locks are the subsystems whose locks the thread at fault holds, wants or had last.
func (f *facts) locks() []string {
	t := f.crash.Faulty()
	if t == nil {
		return nil
	}
	var names []string
	for i := range t.Fields {
		if t.Fields[i].Name == "lock_hist" {
			words := strings.Fields(t.Fields[i].Value)
			for _, w := range words[max(len(words)-4, 0):] {
				_, name, _ := strings.Cut(w, ":") // R:TASK_WQ
				held, _, _ := strings.Cut(w, "(") // LBPRM(R), of what is locked still
				names = append(names, cmp.Or(name, held))
			}
		}
	}
	for _, fr := range t.Interrupted() {
		for _, a := range fr.Arguments {
			if a.Name == "lbl" {
				names = append(names, strings.TrimSuffix(a.Value, "_LOCK"))
			}
		}
	}
	var out []string
	for _, name := range names {
		if sub := lockSubsystem(name); sub != "" && !slices.Contains(out, sub) {
			out = append(out, sub)
		}
	}
	return out
}

// lockSubsystem is what a lock of HAProxy's guards, as commits name it.
func lockSubsystem(lock string) string {
	switch lock {
	case "TASK_RQ", "TASK_WQ":
		return "task"
	case "LBPRM":
		return "lb"
	case "STK_TABLE", "STK_TABLE_UPDT", "STK_SESS":
		return "stick-table"
	case "SSL", "SSL_GEN_CERTS", "SSL_SERVER", "SNI", "CKCH", "TLSKEYS_REF":
		return "ssl"
	case "PATREF", "PATEXP":
		return "pattern"
	case "LUA":
		return "hlua"
	case "DNS":
		return "resolvers"
	case "PEER":
		return "peers"
	case "IDLE_CONNS":
		return "connection"
	case "QC_CID":
		return "quic"
	case "LISTENER", "PROXY", "SERVER", "SHCTX", "VARS", "RING", "QUEUE", "OCSP", "CACHE", "GUID", "DICT", "PROTO":
		return strings.ToLower(lock)
	}
	return ""
}

// stack adds the functions and files of a thread, from the crash on.
func (f *facts) stack(t *crash.Thread, q *suspects.Query) {
	frames := t.Interrupted()
	first := 0 // the printed number of the innermost one, were it shown
	if at := len(t.Frames) - len(frames); at > 0 {
		first = t.Frames[at-1].Number + 1
	}
	for i := range frames {
		fr := &frames[i]
		if !isName(fr.Function) || fr.Trust == crash.TrustScan && len(q.Frames) == 0 {
			continue
		}
		q.Frames = append(q.Frames, suspects.Frame{Function: sourceName(fr.Function), File: fr.File, Depth: max(i, fr.Number-first)})
	}
	if t.Task != nil && isName(t.Task.Function) {
		q.Frames = append(q.Frames, suspects.Frame{Function: t.Task.Function, Depth: len(frames)})
	}
}

// labels are the subsystems that the crash names otherwise than by functions.
func (f *facts) labels() []string {
	var out []string
	for _, key := range [...]string{"applet", "front_applet", "back_applet"} {
		for _, name := range f.values[key] {
			for _, a := range haproxy.Applets() {
				if a.Name == name {
					out = append(out, a.Sub)
				}
			}
		}
	}
	for _, m := range f.values["mux"] {
		switch m {
		case "PASS":
			out = append(out, "mux-pt")
		default:
			out = append(out, "mux-"+strings.ToLower(m))
		}
	}
	for _, name := range f.values["filter"] {
		switch {
		case strings.Contains(name, "bandwidth"):
			out = append(out, "bwlim")
		case strings.Contains(name, "SPOE"):
			out = append(out, "spoe")
		case strings.Contains(name, "compression"):
			out = append(out, "compression")
		case strings.Contains(name, "cache"):
			out = append(out, "cache")
		case strings.Contains(name, "trace"):
			out = append(out, "trace")
		}
	}
	if len(f.values["lua"]) > 0 {
		out = append(out, "hlua")
	}
	if strings.HasPrefix(f.first("proto"), "quic") {
		out = append(out, "quic")
	}
	return out
}
