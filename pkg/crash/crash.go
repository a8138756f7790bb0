package crash

import (
	"bytes"
	"encoding/json"
)

// Kind says what sort of failure a Crash is. Readers must accept values that
// they do not know: the list may grow.
type Kind string

// The kinds. Comments say what evidence each one needs.
const (
	// Spinning: HAProxy's spin guard (stream_dump_and_crash) ended the process.
	Spinning Kind = "spinning"
	// BugOn: a BUG_ON or ABORT_NOW ended the process.
	BugOn Kind = "bug_on"
	// Watchdog: HAProxy's watchdog found a thread stuck and panicked.
	Watchdog Kind = "watchdog"
	// Panic: ha_panic called for another reason (debug dev panic).
	Panic Kind = "panic"
	// Segfault: SIGSEGV that is not one of HAProxy's own deliberate crashes.
	Segfault Kind = "segfault"
	// Abort: SIGABRT that neither the watchdog nor a BUG_ON explains.
	Abort Kind = "abort"
	// IllegalInstruction: SIGILL that no BUG_ON explains.
	IllegalInstruction Kind = "illegal_instruction"
	// BusError: SIGBUS.
	BusError Kind = "bus_error"
	// FPE: SIGFPE, a division error.
	FPE Kind = "fpe"
	// PoolCorruption: HAProxy's pool checks found damage.
	PoolCorruption Kind = "pool_corruption"
	// HeapCorruption: the C library or a sanitizer found heap damage.
	HeapCorruption Kind = "heap_corruption"
	// OutOfMemory: the kernel's OOM killer, or HAProxy unable to start for lack of memory.
	OutOfMemory Kind = "out_of_memory"
	// Killed: ended by a signal from outside (SIGKILL, SIGTERM …).
	Killed Kind = "killed"
	// BlockedTraffic: HAProxy warned of a thread that made no progress; not fatal.
	BlockedTraffic Kind = "blocked_traffic"
	// WarnOn: WARN_ON, CHECK_IF or a BUG_ON built not to crash; not fatal.
	WarnOn Kind = "warn_on"
	// StackOverflow: a fault in the guard below a thread's stack, or just beyond its end.
	StackOverflow Kind = "stack_overflow"
	// MemoryError: a sanitizer or valgrind saw an access that is wrong in itself, and
	// nothing says that the heap was damaged: an overread, a use after free.
	MemoryError Kind = "memory_error"
	// Hang: a debugger looked at a process that lives and makes no progress; not fatal.
	Hang Kind = "hang"
	// Snapshot: the state of a process that lived on (gcore, SIGSTOP); not fatal, and
	// no crash.
	Snapshot Kind = "snapshot"
	// Unknown: something died and the evidence does not say of what.
	Unknown Kind = "unknown"
)

// Crash is one failure of one process, with everything known about it. Facts
// from a log and from a core of the same failure stand in the same fields.
type Crash struct {
	Kind Kind `json:"kind,omitempty"`
	// Fatal is false for warnings that the process survived.
	Fatal bool `json:"fatal"`
	// Time is when it happened, as exactly as the input tells: RFC 3339 when
	// year and zone are known, without zone when they are not, else as printed.
	Time string `json:"time,omitempty"`
	Host string `json:"host,omitempty"`
	// Fingerprint is equal for crashes of the same cause as far as the facts
	// allow: stable across ASLR, builds and line numbers.
	// It is empty where nothing but the kind is known.
	Fingerprint string   `json:"fingerprint,omitempty"`
	Strength    Strength `json:"fingerprint_strength,omitempty"`
	// Provoked is the command that crashed the process on purpose, if any.
	Provoked string `json:"provoked,omitempty"`

	Process   *Process   `json:"process,omitempty"`
	Exit      *Exit      `json:"exit,omitempty"`
	Signal    *Signal    `json:"signal,omitempty"`
	Spin      *Spin      `json:"spin,omitempty"`
	Assertion *Assertion `json:"assertion,omitempty"`
	Pool      *Pool      `json:"pool,omitempty"`
	Memory    *Memory    `json:"memory,omitempty"`
	Blocked   *Blocked   `json:"blocked,omitempty"`
	// Stream is the dump of the stream at fault.
	Stream *Stream `json:"stream,omitempty"`
	// Objects are those of the crash as the core holds them: what the faulty thread
	// ran and what hangs on it.
	Objects []Object `json:"objects,omitempty"`
	// Differences are where Objects and Stream do not agree.
	Differences []Difference `json:"differences,omitempty"`
	// Observations are what stands out in Stream or Objects, in words.
	Observations []Observation `json:"observations,omitempty"`
	// Threads has the faulty thread first.
	Threads []Thread `json:"threads,omitempty"`
	// Stacks are call stacks that are no threads of the process at its end.
	Stacks []NamedStack `json:"stacks,omitempty"`
	// ThreadsOmitted are those of a core that were only counted: there are too many.
	ThreadsOmitted int `json:"threads_omitted,omitempty"`
	// Modules are the executable and the libraries of a core, by address.
	Modules []Module `json:"modules,omitempty"`
	// StartupLog is what HAProxy said while it started, one message a line.
	StartupLog []string `json:"startup_log,omitempty"`
	// PostMortem is what HAProxy keeps for whoever reads its core.
	PostMortem *PostMortem `json:"post_mortem,omitempty"`
	// Counters are those of HAProxy's own checks that counted something.
	Counters []Counter `json:"counters,omitempty"`
	// Rings are its buffers of messages.
	Rings []Ring `json:"rings,omitempty"`
	// Text is the crash message as printed, its envelope removed.
	Text string `json:"text,omitempty"`

	Evidence  []Evidence `json:"evidence,omitempty"`
	Conflicts []Conflict `json:"conflicts,omitempty"`
	Missing   []Missing  `json:"missing,omitempty"`
	Verdict   *Verdict   `json:"verdict,omitempty"`
}

// Strength says how much a fingerprint claims.
type Strength string

// Strengths.
const (
	// Strong: crashes that share it are most likely of one cause.
	Strong Strength = "strong"
	// Weak: it is made of what several causes have in common, such as an applet.
	Weak Strength = "weak"
)

// Process is the process that died.
type Process struct {
	// PID is that of the process that died, not of the one whose name stands
	// before the line: a worker writes to the stderr of its master.
	PID        int    `json:"pid,omitempty"`
	MasterPID  int    `json:"master_pid,omitempty"`
	Role       string `json:"role,omitempty"` // master or worker
	Executable string `json:"executable,omitempty"`
	Arguments  string `json:"arguments,omitempty"`
	// Version is verbatim, with every suffix.
	Version string `json:"version,omitempty"`
	// VersionSource says where Version was read: "core memory", "log line",
	// "haproxy -vv", "executable", "option".
	VersionSource string `json:"version_source,omitempty"`
	// Releases are those that the process may be of by what else is known of it.
	Releases *Releases `json:"releases,omitempty"`
	BuildID  string    `json:"build_id,omitempty"`
	Features []string  `json:"features,omitempty"` // as listed: +EPOLL -KQUEUE …
	// Uses and Unused are what of HAProxy is in use and what is not, as its own proxies in a core
	// show: http, quic, stick-table.
	Uses         []string `json:"uses,omitempty"`
	Unused       []string `json:"unused,omitempty"`
	BuildOptions string   `json:"build_options,omitempty"`
	// System is what the input tells about the operating system.
	System string `json:"system,omitempty"`
	// Container: it ran in one, as those say who tell of it.
	Container bool `json:"container,omitempty"`
}

// Releases are those of HAProxy that a crash fits. Where no version is stated they stand in
// its place; one that is stated is checked against them.
type Releases struct {
	// Versions are all of them, releases and development versions, oldest first. There are
	// none if no release fits: a build that was changed, or frames of two programs.
	Versions []string `json:"versions,omitempty"`
	// Range names them in few words: "2.6.5 to 2.6.7".
	Range string `json:"range,omitempty"`
	// Basis is what they were told by: "lines of the backtrace".
	Basis string `json:"basis"`
	// Places is how many lines of the source were compared.
	Places int `json:"places,omitempty"`
	// Contradicts: the lines are not those of the version that is stated.
	Contradicts bool `json:"contradicts,omitempty"`
}

// Exit is how the parent saw the process end.
type Exit struct {
	// Code is the shell's convention: 128+signal, or the exit status.
	Code   int    `json:"code"`
	Signal string `json:"signal,omitempty"` // SIGSEGV …
}

// Signal is the one that ended the process.
type Signal struct {
	Number   int    `json:"number,omitempty"`
	Name     string `json:"name,omitempty"` // SIGSEGV …
	Code     int    `json:"code,omitempty"` // si_code
	CodeName string `json:"code_name,omitempty"`
	// Address is si_addr, a runtime address; nil when not known, and not for
	// signals that have none. Zero is a real value: the null pointer.
	Address   *Addr `json:"address,omitempty"`
	SenderPID int   `json:"sender_pid,omitempty"`
	// Outside: another process sent it, SenderPID unless that is hidden by a pid namespace.
	Outside bool `json:"outside,omitempty"`
	// Instruction is the runtime address at which it happened.
	Instruction *Addr `json:"instruction,omitempty"`
}

// Spin is what the spin guard said.
type Spin struct {
	Object  string `json:"object,omitempty"` // APPCTX, STREAM …
	Address Addr   `json:"address,omitzero"`
	// Rate is in calls per second.
	Rate int64 `json:"rate,omitempty"`
	// Applet is the applet's name without its angle brackets: CLI, PEER …
	Applet  string `json:"applet,omitempty"`
	Handler string `json:"handler,omitempty"`
	// HandlerAddress and AppletAddress are runtime addresses.
	HandlerAddress Addr `json:"handler_address,omitzero"`
	// HandlerMatched is what it is called by its likeness; Handler is then empty.
	HandlerMatched *Matched `json:"handler_matched,omitempty"`
	AppletAddress  Addr     `json:"applet_address,omitzero"`
}

// Assertion is a BUG_ON, WARN_ON, CHECK_IF or ABORT_NOW that fired.
type Assertion struct {
	Level string `json:"level,omitempty"` // FATAL or WARNING
	Macro string `json:"macro,omitempty"` // bug, warn, check or abort
	// Condition is the macro-expanded text as printed.
	Condition string `json:"condition,omitempty"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Message   string `json:"message,omitempty"`
}

// Pool is what HAProxy's pool checks, or the C library's heap checks, found.
type Pool struct {
	Error          string `json:"error,omitempty"` // tag mismatch on free() …
	Thread         int    `json:"thread,omitempty"`
	Caller         Addr   `json:"caller,omitzero"`
	CallerFunction string `json:"caller_function,omitempty"`
	Item           Addr   `json:"item,omitzero"`
	Name           string `json:"name,omitempty"`
	Size           int64  `json:"size,omitempty"`
	// Origin is where the tag found in the object points: the pool it belongs
	// to, or the place that freed it before.
	Origin string `json:"origin,omitempty"`
}

// Memory is a wrong access that a sanitizer or valgrind saw.
type Memory struct {
	// Tool is the one that saw it: AddressSanitizer, valgrind …
	Tool string `json:"tool,omitempty"`
	// Error is the tool's own name of it: heap-buffer-overflow, "invalid read".
	Error  string `json:"error,omitempty"`
	Access string `json:"access,omitempty"` // read or write
	Size   int64  `json:"size,omitempty"`   // of the access, in bytes
	// Address is what was accessed; nil when it is not known.
	Address *Addr `json:"address,omitempty"`
	// Place is what the tool says of that address: "0 bytes after 11-byte region …".
	Place string `json:"place,omitempty"`
}

// NamedStack is a stack of what happened before: where a block was freed.
type NamedStack struct {
	// Role says what it is: "freed by thread T3", "allocated by thread T0".
	Role   string  `json:"role,omitempty"`
	Frames []Frame `json:"frames,omitempty"`
}

// Blocked is the blocked-traffic warning.
type Blocked struct {
	Thread       int `json:"thread,omitempty"`
	Milliseconds int `json:"milliseconds,omitempty"`
	Streams      int `json:"streams,omitempty"`
}

// Stream is a stream dump, its fields in the order of the dump.
type Stream struct {
	Address Addr    `json:"address,omitzero"`
	Fields  []Field `json:"fields,omitempty"`
}

// Field is one value of a dump. Names are those of the dump, with the object
// they belong to before a dot where the dump nests them: cof.mux, scb.flags.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Type is the family of flags that Value holds, if it holds flags.
	Type  string   `json:"type,omitempty"`
	Flags []string `json:"flags,omitempty"`
	// Unavailable is why there is no Value.
	Unavailable string `json:"unavailable,omitempty"`
}

// Object is one of HAProxy's structures as the core holds it.
type Object struct {
	// Role is what it is to the crash, "scb"; Type the name of the structure.
	Role    string `json:"role,omitempty"`
	Type    string `json:"type"`
	Address Addr   `json:"address,omitzero"`
	// Fields have the names that a dump gives them: scb.flags.
	Fields []Field `json:"fields,omitempty"`
}

// Difference is a value that the dump, which HAProxy printed, and the core do not
// agree on. Between the two the process went on for some time.
type Difference struct {
	Name string `json:"name"` // as in the dump
	Dump string `json:"dump"`
	Core string `json:"core"`
}

// Observation is a combination of facts that stands out. It need not be the cause of
// the crash.
type Observation struct {
	// ID names the rule; it is stable.
	ID string `json:"id"`
	// Text is a sentence without capital and full stop.
	Text string `json:"text"`
	// Fields are the names of those that the sentence rests on.
	Fields []string `json:"fields,omitempty"`
}

// Thread is one thread of the process that died.
type Thread struct {
	Number int    `json:"number,omitempty"` // HAProxy's, from 1
	LWP    int    `json:"lwp,omitempty"`    // the kernel's thread id
	Faulty bool   `json:"faulty,omitempty"`
	Stuck  bool   `json:"stuck,omitempty"`
	Name   string `json:"name,omitempty"`
	Task   *Task  `json:"task,omitempty"`
	// Fields are the other values of a thread's dump block.
	Fields []Field `json:"fields,omitempty"`
	Stream *Stream `json:"stream,omitempty"`
	// Lua is the Lua traceback of a thread that was running a script.
	Lua    string  `json:"lua,omitempty"`
	Frames []Frame `json:"frames,omitempty"`
	// Broken says why the frames are not the whole stack; empty if they are, or
	// nobody walked it.
	Broken string `json:"broken,omitempty"`
	// Lock is what the thread waits for.
	Lock *Lock `json:"lock,omitempty"`
	// Registers are in the order of the architecture's manual.
	Registers []Register `json:"registers,omitempty"`
}

// Lock is a lock that a thread waits for, as far as its stack tells.
type Lock struct {
	// Function is the one that takes it.
	Function string `json:"function,omitempty"`
	Address  Addr   `json:"address,omitzero"`
	Label    string `json:"label,omitempty"` // PROXY_LOCK …
}

// Task is what HAProxy's scheduler was running in a thread.
type Task struct {
	Type     string `json:"type,omitempty"` // task or tasklet
	Address  Addr   `json:"address,omitzero"`
	Function string `json:"function,omitempty"`
	Context  Addr   `json:"context,omitzero"`
	Applet   string `json:"applet,omitempty"`
	Calls    int64  `json:"calls,omitempty"`
}

// Trust says how far a frame may be believed.
type Trust string

// Trust of frames, the best first.
const (
	TrustContext Trust = "context" // the thread's own registers
	TrustCFI     Trust = "cfi"     // unwound by call frame information
	TrustPrinted Trust = "printed" // printed by HAProxy, gdb or another tool
	TrustBadPC   Trust = "badpc"   // return address taken where the pc was wild
	TrustFP      Trust = "fp"      // by frame pointer
	TrustScan    Trust = "scan"    // found on the stack and verified
)

// Frame is one call frame.
type Frame struct {
	// Address is a runtime address: the pc of the innermost frame, a return
	// address elsewhere.
	Address Addr `json:"address,omitzero"`
	// Function is empty when the name is not known; a name printed as the
	// nearest symbol (main+0x127b5e) is no function and stands in Symbol only.
	Function string `json:"function,omitempty"`
	Offset   uint64 `json:"offset,omitempty"`
	Module   string `json:"module,omitempty"`
	// ModuleOffset is the link-time address within Module.
	ModuleOffset Addr   `json:"module_offset,omitzero"`
	File         string `json:"file,omitempty"`
	Line         int    `json:"line,omitempty"`
	Inlined      bool   `json:"inlined,omitempty"`
	// Tail: the function has left the stack by a tail call to the frame before.
	Tail bool `json:"tail_call,omitempty"`
	// Lead: the frame only leads from the cause to the end of the process: raise,
	// abort, the watchdog's handler. The first frame without it is the culprit.
	Lead      bool       `json:"lead,omitempty"`
	Signal    bool       `json:"signal,omitempty"` // the frame of a signal handler's return
	Trust     Trust      `json:"trust,omitempty"`
	Arguments []Argument `json:"arguments,omitempty"`
	// Matched is what a function without a name is called by its likeness; Function is
	// then empty.
	Matched *Matched `json:"matched,omitempty"`
	// Symbol is what was printed when the input is text, name and offset as is.
	Symbol string `json:"symbol,omitempty"`
	// Target is the destination of the call instruction before Address.
	Target string `json:"target,omitempty"`
	// Instruction is the one at Address in the syntax of the GNU assembler, of the
	// innermost frame of a thread at fault.
	Instruction string `json:"instruction,omitempty"`
	// Bytes are the code bytes at Address, in hex.
	Bytes string `json:"bytes,omitempty"`
	// Where is the line of the input the frame stands in.
	Where string `json:"where,omitempty"`
	// Number counts from the innermost frame. It is 0 where it is the place in the list:
	// before any frame that is missing.
	Number int `json:"number,omitempty"`
	// Locals are variables of the function whose values are numbers or names.
	Locals []Argument `json:"locals,omitempty"`
}

// Matched is the name of a function of a stripped executable, guessed by its likeness to those of
// builds with symbols. It is no name that somebody read: presenters print it with a question mark.
type Matched struct {
	Function string `json:"function"`
	// Similarity is from 0 to 1; Margin is how much less similar the next name is.
	Similarity float64 `json:"similarity"`
	Margin     float64 `json:"margin"`
}

// LikelyFunction is the name of the function, or the one that it was matched with.
func (f *Frame) LikelyFunction() string {
	if f.Function == "" && f.Matched != nil {
		return f.Matched.Function
	}
	return f.Function
}

// MarshalJSON writes the address 0 where it is known: a thread's pc, behind a call of nothing.
func (f Frame) MarshalJSON() ([]byte, error) {
	type plain Frame
	if f.Address != 0 || f.Trust != TrustContext {
		return unescaped(plain(f))
	}
	return unescaped(struct {
		Address Addr `json:"address"`
		plain
	}{plain: plain(f)})
}

// unescaped leaves < and > as they are. Whoever wants them escaped tells the encoder around it.
func unescaped(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// Argument is one argument of a call.
type Argument struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Register is one register of a thread.
type Register struct {
	Name  string `json:"name"`
	Value Addr   `json:"value"`
	// Redacted: the value was taken out, for its bytes are text.
	Redacted bool `json:"redacted,omitempty"`
}

// MarshalJSON leaves out a value that was taken out.
func (r Register) MarshalJSON() ([]byte, error) {
	if r.Redacted {
		return json.Marshal(struct {
			Name     string `json:"name"`
			Redacted bool   `json:"redacted"`
		}{r.Name, true})
	}
	return json.Marshal(struct {
		Name  string `json:"name"`
		Value Addr   `json:"value"`
	}{r.Name, r.Value})
}

// Module is an ELF file mapped into the process.
type Module struct {
	Path string `json:"path,omitempty"`
	// Start and End are runtime addresses; Bias is what was added to link-time ones.
	Start   Addr   `json:"start,omitzero"`
	End     Addr   `json:"end,omitzero"`
	Bias    Addr   `json:"bias,omitzero"`
	BuildID string `json:"build_id,omitempty"`
	Main    bool   `json:"main,omitempty"`
	// Status is ok, missing, mismatch or unverified; empty when nobody looked.
	Status string `json:"status,omitempty"`
}

// Evidence says where a fact was read.
type Evidence struct {
	Fact   string `json:"fact"`
	Source string `json:"source,omitempty"` // the input's name
	Where  string `json:"where,omitempty"`  // "line 12" or "0x55…"
	// Rank says who could have written it.
	Rank Rank   `json:"rank,omitempty"`
	Text string `json:"text,omitempty"`
}

// Conflict is a fact on which two sources disagree.
type Conflict struct {
	Fact   string          `json:"fact"`
	Values []ConflictValue `json:"values"`
}

// ConflictValue is one side of a Conflict; the first one was taken.
type ConflictValue struct {
	Value  string `json:"value"`
	Source string `json:"source,omitempty"`
	Where  string `json:"where,omitempty"`
}

// Lack says what sort of thing is missing. Readers must accept values that they do not
// know: the list may grow.
type Lack string

// What may be missing.
const (
	LacksVersion    Lack = "version"
	LacksSignal     Lack = "signal"
	LacksLines      Lack = "lines"      // of a text that was cut
	LacksCore       Lack = "core"       // the limits kept it from being written
	LacksKept       Lack = "kept_core"  // there is one, and it was not read
	LacksWhole      Lack = "whole_core" // it was cut
	LacksMemory     Lack = "memory"     // a filter kept it out of the core
	LacksExecutable Lack = "executable" // or its names
	LacksLibrary    Lack = "library"    // or its names
	LacksDebug      Lack = "debug_data" // of the executable
	LacksHAProxy    Lack = "haproxy"    // the core is of another program
)

// Missing is something whose absence made the report poorer.
type Missing struct {
	ID     Lack   `json:"id,omitempty"`
	What   string `json:"what"`
	Effect string `json:"effect,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}
