package classify

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/signatures"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// facts is what signatures may ask of a crash, in values, and what else a verdict
// needs.
type facts struct {
	crash   *crash.Crash
	values  signatures.Facts
	version haproxy.Version
	// hasVersion is false when no version, or none that can be read, is known.
	hasVersion bool
	// releases are those that the process may be of, by its lines, where no version is
	// known or the lines are not those of it.
	releases []haproxy.Version
	// history is what is known of the version.
	history func() (*past, error)
	// setup is what is known of the HAProxy besides.
	setup haconf.Setup
	// useful are the trusted functions of the faulty thread that say what it
	// did, innermost first.
	useful []string
	// statsSocket: the stream came in by the stats socket.
	statsSocket bool
}

func (f *facts) add(key string, values ...string) { f.values.Add(key, values...) }

func (f *facts) first(key string) string { return f.values.First(key) }

// factsOf normalises a crash.
func factsOf(c *crash.Crash) *facts {
	f := &facts{crash: c, values: signatures.Facts{}}
	f.add("kind", string(c.Kind))
	if c.Kind == crash.MemoryError && c.Fatal {
		// Signatures name what the same access does where nobody watches it. One that
		// the process lived through did none of that.
		f.add("kind", string(crash.HeapCorruption))
	}
	if p := c.Process; p != nil {
		f.add("role", p.Role)
		if v, err := haproxy.ParseVersion(p.Version); err == nil {
			f.version, f.hasVersion = v, true
		}
	}
	f.candidates()
	f.signal()
	if p := c.Pool; p != nil {
		f.add("pool", p.Name)
		f.add("pool_error", strings.TrimSuffix(p.Error, "."))
		f.add("pool_caller", p.CallerFunction)
	}
	f.assertion()
	f.thread()
	if c.Spin != nil {
		f.add("object", c.Spin.Object)
	}
	f.stream()
	f.applets()
	return f
}

// unmapped is the size of the part at the bottom of every process's memory that is
// never mapped (vm.mmap_min_addr of Linux): a fault there is a member of a null
// pointer.
const unmapped = 0x10000

func (f *facts) signal() {
	s := f.crash.Signal
	if s == nil {
		return
	}
	f.add("signal", s.Name)
	switch {
	case s.Name != "SIGSEGV" && s.Name != "SIGBUS":
	case s.CodeName == "SI_KERNEL":
		// Folklore: x86 keeps no address of a non-canonical one, which is
		// what memory holds that was overwritten or given back (general
		// protection fault). Some readers of logs then say 0.
		f.add("address", "wild")
	case s.Address != nil && *s.Address < unmapped:
		f.add("address", "null")
	case s.Address != nil:
		f.add("address", "wild")
	}
}

func (f *facts) assertion() {
	a := f.crash.Assertion
	if a == nil {
		a = &crash.Assertion{}
	}
	f.add("condition", signatures.Condition(a.Condition))
	f.add("condition_part", signatures.Condition(a.Condition))
	file, _ := haproxy.SourceFile(a.File)
	f.add("file", file)
	switch {
	case a.Macro != "":
		f.add("macro", a.Macro)
	case f.crash.Kind == crash.BugOn && a.Condition == "":
		// Folklore: before 3.0-dev3, and later without a message, ABORT_NOW
		// prints its call trace and nothing else; a BUG_ON always prints its
		// condition.
		f.add("macro", "abort")
	}
}

func (f *facts) thread() {
	t := f.crash.Faulty()
	if t == nil {
		return
	}
	if t.Lua != "" {
		f.add("lua", t.Lua)
	}
	frames := t.Interrupted()
	if len(frames) > 0 {
		f.add("instruction", frames[0].Instruction)
	}
	f.others(t)
	f.useful = usefulFunctions(frames)
	f.add("function", f.useful...)
	for _, fr := range frames {
		if fr.Function != "" && !isUseful(fr.Function) {
			f.add("function", fr.Function)
		}
	}
	if len(frames) > 0 && !isWhole(frames) {
		f.add("function", signatures.More)
	}
	// Who found the heap damaged did not do it: nothing of this stack was on top then.
	if len(f.useful) > 0 && f.crash.Kind != crash.HeapCorruption && shown(t, f.useful[0]) && !unnamed(f.crash, frames) {
		f.add("top", f.useful[0])
	}
	if t.Task != nil {
		if isName(t.Task.Function) {
			f.add("function", t.Task.Function)
		}
		if name, ok := haproxy.AppletName(t.Task.Applet); ok {
			f.add("applet", name)
		} else {
			f.add("applet", t.Task.Applet)
		}
	}
}

// isWhole says that a stack reaches the functions that every thread begins with, so that
// what is not on it was not called.
func isWhole(frames []crash.Frame) bool {
	for i := range frames {
		switch frames[i].Function {
		case "main", "_start", "start_thread", "clone", "clone3", "__clone", "__clone3", "thread_start", "run_thread_poll_loop", "run_poll_loop",
			"process_runnable_tasks", "run_tasks_from_lists", "run_tasks_from_list":
			return true
		}
	}
	return false
}

// shown says whether no frame is missing before the function, as far as a signal's frame
// does not say where the thread was.
func shown(t *crash.Thread, function string) bool {
	for i := len(t.Frames) - len(t.Interrupted()); i < len(t.Frames); i++ {
		if t.Gap(i) {
			return false
		}
		if f := &t.Frames[i]; !f.Lead && sourceName(f.Function) == function {
			break
		}
	}
	return true
}

// unnamed says whether the innermost function that counts is one of the executable that has
// no name: then its caller is not the one that was on top.
//
// Folklore: a trace of HAProxy's own has its handler's static functions in front, which it
// cannot name; there an unnamed one says nothing.
func unnamed(c *crash.Crash, frames []crash.Frame) bool {
	for i := range frames {
		f := &frames[i]
		if f.Lead || f.Signal || haproxy.ReportsCrash(sourceName(f.Function)) {
			continue
		}
		if f.Trust == crash.TrustPrinted {
			return f.Function == "" && f.Symbol == "" && f.Module == "" // gdb's ?? ()
		}
		return f.Function == "" && f.Module != "" && f.Module == c.Executable()
	}
	return false
}

// others adds what the threads besides the faulty one were doing: who holds the
// lock that it waits for is one of them. Each function once, and not without end:
// a process may have thousands of threads.
func (f *facts) others(faulty *crash.Thread) {
	const most = 256
	seen := map[string]bool{}
	for i := range f.crash.Threads {
		t := &f.crash.Threads[i]
		if t == faulty {
			continue
		}
		for _, fn := range usefulFunctions(t.Interrupted()) {
			if seen[fn] {
				continue
			}
			if seen[fn] = true; len(seen) > most {
				return
			}
			f.add("other_function", fn)
		}
	}
}

// isName says that s is a symbol and no nearest-symbol guess such as main+0x12.
func isName(s string) bool { return s != "" && s != "??" && !strings.ContainsAny(s, "+-? ") }

// applets finds the applet at fault, by its name or through its handler.
func (f *facts) applets() {
	if s := f.crash.Spin; s != nil {
		f.add("applet", strings.Trim(s.Applet, "<>"))
		if isName(s.Handler) {
			f.add("handler", s.Handler)
		}
	}
	f.values.Applet()
	if len(f.values["applet"]) == 0 && f.crash.Kind == crash.Spinning {
		for _, fn := range f.useful {
			if names := haproxy.AppletsOfHandler(fn); names != nil {
				f.add("applet", names...)
				f.add("handler", fn)
				break
			}
		}
	}
	// Folklore: a dump that was cut before its applet still names the frontend,
	// and GLOBAL is that of the stats socket alone (HAProxy src/cli.c,
	// alloc_stats_fe in 2.0, cli_alloc_fe later).
	if len(f.values["applet"]) == 0 && f.first("object") == "APPCTX" && f.statsSocket {
		f.add("applet", "CLI")
	}
	f.values.Applet()
}

// stream asks the stream at fault.
func (f *facts) stream() {
	s := streamdump.Of(f.crash)
	for _, x := range s.Sides() {
		f.add(x.Name+"_applet", x.Applet)
		if m := x.Mux.Text(); m != "NONE" {
			f.add(x.Name+"_mux", m)
			f.add("mux", m)
		}
		f.add(x.Name+"_state", x.State.Word())
	}
	f.add("proto", s.Protocol.Text())
	if s.Back.Connection.Known() {
		f.add("back_connection", map[bool]string{true: "no", false: "yes"}[s.Back.Connection.Null()])
	}
	f.add("mux_state", s.MuxState().Text())
	f.add("request_state", s.Request.Message.Word())
	f.add("response_state", s.Response.Message.Word())
	f.add("rule", s.Rule.Text())
	f.statsSocket = s.Frontend.Text() == "GLOBAL"
	for _, ch := range s.Channels() {
		f.analysers(ch.Analysers.Flags())
	}
	if s.Filters != nil {
		f.values["filter"] = s.Filters
	}
	if o := s.Response.Output; o.Known() {
		f.add("output", map[bool]string{true: "empty", false: "pending"}[o.Text() == "0"])
	}
	state := s.Back.AppletState
	if !state.Known() {
		state = s.Front.AppletState
	}
	f.add("state", state.Text())
}

// analysers adds the pending analysers of a channel, those that run first first. Flags
// are nil when they are not known. A bit has had one name in all versions, so one of a
// version that the tables do not have is taken to be the same.
func (f *facts) analysers(flags []string) {
	if flags != nil && f.values["analyser"] == nil {
		f.values["analyser"] = []string{} // known to have none
	}
	for _, flag := range slices.Backward(flags) {
		name, is := strings.CutPrefix(strings.TrimSuffix(flag, "?"), "AN_")
		if name = analyserNames.Replace(name); is && !slices.Contains(f.values["analyser"], name) {
			f.add("analyser", name)
		}
	}
}

// analyserNames makes HAProxy's names what signatures call analysers: without the words
// that tell one from no other.
var analyserNames = strings.NewReplacer(
	"RES_HTTP_PROCESS_FE", "RES_PROCESS", "RES_HTTP_PROCESS_BE", "RES_PROCESS", // one bit
	"HTTP_PROCESS", "PROCESS", "HTTP_TARPIT", "TARPIT", "HTTP_XFER", "XFER", "PRST_", "",
	"SWITCHING_RULES", "SWITCHING", "STICKING_RULES", "STICKING", "STORE_RULES", "STORE",
)
