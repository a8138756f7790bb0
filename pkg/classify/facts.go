package classify

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// facts is what signatures may ask of a crash, in values, and what else a verdict
// needs.
type facts struct {
	crash   *crash.Crash
	values  signatures.Facts
	version haproxy.Version
	// hasVersion is false when no version, or none that can be read, is known.
	hasVersion bool
	// history is what is known of the version.
	history func() (*past, error)
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
	f.add("file", sourceFile(a.File))
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

// sourceFile takes the build directory off: /build/x/src/cli.c is src/cli.c.
func sourceFile(path string) string {
	best := -1
	for _, dir := range [...]string{"src/", "include/", "addons/", "contrib/"} {
		for i := strings.LastIndex(path, dir); i >= 0; i = strings.LastIndex(path[:i], dir) {
			if i == 0 || path[i-1] == '/' {
				best = max(best, i)
				break
			}
		}
	}
	if best < 0 {
		return path
	}
	return path[best:]
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
	// Who found the heap damaged did not do it: nothing of this stack was on top then.
	if len(f.useful) > 0 && f.crash.Kind != crash.HeapCorruption && !unnamed(f.crash, frames) {
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

// stream reads the dump of the stream at fault, whichever generation it is of.
func (f *facts) stream() {
	s := f.crash.Stream
	if s == nil {
		if t := f.crash.Faulty(); t != nil {
			s = t.Stream
		}
	}
	if s == nil {
		return
	}
	d := dump{s}
	label := func(key, name string) {
		if name, ok := haproxy.AppletName(name); ok {
			f.add(key, name)
		}
	}
	label("front_applet", d.any("app0.applet", "src"))
	label("back_applet", d.any("app1.applet", "dst"))
	for _, side := range [...]struct{ key, old, new, conn, sc, si string }{
		{"front", "cof", "co0", "cof", "scf", "sif"},
		{"back", "cob", "co1", "cob", "scb", "sib"},
	} {
		if m := d.any(side.new+".mux", side.old+".mux"); m != "" && m != "NONE" {
			f.add(side.key+"_mux", m)
			f.add("mux", m)
		}
		state := d.any(side.sc+".state", side.si+".state", "cs"+side.sc[2:]+".state", side.si)
		state, _, _ = strings.Cut(state, ",")
		f.add(side.key+"_state", state)
	}
	f.add("proto", d.any("stream.proto", "strm.proto", "proto", "co0.ctrl", "cof.ctrl"))
	if p := d.any("cob", "co1"); p != "" {
		f.add("back_connection", map[bool]string{true: "no", false: "yes"}[isNil(p)])
	}
	// The back side's own name is used when the front has a mux of that kind too.
	if f.first("front_mux") == "H2" {
		f.add("mux_state", d.any("co1.h2c.st0"))
	} else {
		f.add("mux_state", d.any("co1.h2c.st0", "h2c.st0"))
	}
	f.add("request_state", word(d.any("txn.req.state", "txn.req.st", "req.st", "txn.req")))
	f.add("response_state", word(d.any("txn.rsp.state", "txn.rsp.st", "rsp.st", "txn.rsp")))
	f.add("rule", d.any("current_rule"))
	f.statsSocket = d.any("frontend", "fe") == "GLOBAL"
	f.analysers(d)
	if v, ok := d.get("filters"); ok {
		f.values["filter"] = quoted(v)
	}
	if o, ok := d.get("res.o"); ok {
		f.add("output", map[bool]string{true: "empty", false: "pending"}[o == "0"])
	}
	f.appletState(d)
}

// appletState adds st0 of the applet, of the side that has one. The dumps print
// 0 for a side that has none.
func (f *facts) appletState(d dump) {
	front := d.any("app0.st0", "af.st0")
	back := d.any("app1.st0", "sab.st0", "ab.st0")
	if isNil(d.any("af", "app0")) && d.any("app0.st0") == "" {
		front = ""
	}
	if isNil(d.any("sab", "ab", "app1")) && d.any("app1.st0") == "" {
		back = ""
	}
	if back == "" {
		back = front
	}
	f.add("state", back)
}

// analysers names the pending analysers. Their bits are the same from 2.0 to 3.5
// (include/haproxy/channel-t.h).
func (f *facts) analysers(d dump) {
	var bits uint64
	known := false
	for _, names := range [...][2]string{{"rqa", "req.an"}, {"rpa", "res.an"}} {
		v := d.any(names[0], names[1])
		n, err := strconv.ParseUint(strings.TrimPrefix(v, "0x"), 16, 32)
		if err != nil {
			continue
		}
		bits |= n
		known = true
	}
	if !known {
		return
	}
	f.values["analyser"] = []string{}
	for _, a := range [...]struct {
		bit  uint64
		name string
	}{
		{0x1, "REQ_FLT_START_FE"}, {0x2, "REQ_INSPECT_FE"}, {0x4, "REQ_WAIT_HTTP"}, {0x8, "REQ_HTTP_BODY"},
		{0x10, "REQ_PROCESS_FE"}, {0x20, "REQ_SWITCHING"}, {0x40, "REQ_FLT_START_BE"}, {0x80, "REQ_INSPECT_BE"},
		{0x100, "REQ_PROCESS_BE"}, {0x200, "REQ_TARPIT"}, {0x400, "REQ_SRV_RULES"}, {0x800, "REQ_HTTP_INNER"},
		{0x1000, "REQ_RDP_COOKIE"}, {0x2000, "REQ_STICKING"}, {0x4000, "REQ_FLT_HTTP_HDRS"}, {0x8000, "REQ_XFER_BODY"},
		{0x10000, "REQ_WAIT_CLI"}, {0x20000, "REQ_FLT_XFER_DATA"}, {0x40000, "REQ_FLT_END"},
		{0x80000, "RES_FLT_START_FE"}, {0x100000, "RES_FLT_START_BE"}, {0x200000, "RES_INSPECT"},
		{0x400000, "RES_WAIT_HTTP"}, {0x800000, "RES_STORE"}, {0x1000000, "RES_PROCESS"},
		{0x2000000, "RES_FLT_HTTP_HDRS"}, {0x4000000, "RES_XFER_BODY"}, {0x8000000, "RES_WAIT_CLI"},
		{0x10000000, "RES_FLT_XFER_DATA"}, {0x20000000, "RES_FLT_END"},
	} {
		if bits&a.bit != 0 {
			f.add("analyser", a.name)
		}
	}
}

// dump looks fields up by name.
type dump struct{ *crash.Stream }

func (d dump) get(name string) (string, bool) {
	for i := range d.Fields {
		if d.Fields[i].Name == name {
			return d.Fields[i].Value, true
		}
	}
	return "", false
}

// any gives the first of the names that the dump has.
func (d dump) any(names ...string) string {
	for _, n := range names {
		if v, ok := d.get(n); ok && v != "" {
			return v
		}
	}
	return ""
}

// isNil says that a printed pointer is null: glibc, musl and BSD spellings.
func isNil(p string) bool {
	p, _, _ = strings.Cut(p, ",")
	return p == "" || p == "(nil)" || p == "0" || p == "0x0"
}

// word is the first of "MSG_DONE,c"; "-" stands for none.
func word(s string) string {
	s, _, _ = strings.Cut(s, ",")
	return strings.TrimPrefix(s, "-")
}

// quoted gives the texts between double quotes; never nil.
func quoted(s string) []string {
	out := []string{}
	for len(out) < 64 {
		_, rest, ok := strings.Cut(s, `"`)
		if !ok {
			break
		}
		var q string
		if q, s, ok = strings.Cut(rest, `"`); !ok {
			break
		}
		out = append(out, q)
	}
	return out
}
