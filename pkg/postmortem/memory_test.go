package postmortem

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/smallcores"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

func openPacked(t *testing.T, name string) *elfcore.Core {
	t.Helper()
	b := smallcores.Bytes(t, name)
	c, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Where the memory of made cores starts: the heap, and the stack of the only
// thread, whose stack pointer is in the middle.
const (
	heapBase  = 0x10000000
	stackBase = 0x70000000
)

// threadPointer is that of the only thread, object what a spin's text names.
const (
	threadPointer = 0x7f0a5e88b140
	object        = 0x55aa10
)

// made makes the core of a process called haproxy with these bytes on its heap
// and in the dead part of its stack, and these words in the live part.
func made(heap, stack []byte, signal [3]uint64, live ...uint64) []byte {
	le := binary.LittleEndian
	note := func(typ uint32, desc []byte) []byte {
		b := le.AppendUint32(nil, 5)
		b = le.AppendUint32(b, uint32(len(desc)))
		b = le.AppendUint32(b, typ)
		b = append(b, "CORE\x00\x00\x00\x00"...)
		return append(b, desc...)
	}
	status := make([]byte, 336)
	le.PutUint32(status[32:], 77)
	for len(stack)%8 != 0 {
		stack = append(stack, 0)
	}
	le.PutUint64(status[112+8*19:], stackBase+uint64(len(stack)))
	le.PutUint64(status[112+8*21:], threadPointer)
	info := make([]byte, 136)
	le.PutUint32(info[24:], 77)
	copy(info[40:], "haproxy")
	siginfo := make([]byte, 128)
	le.PutUint32(siginfo, uint32(signal[0]))
	le.PutUint32(siginfo[8:], uint32(signal[1]))
	le.PutUint64(siginfo[16:], signal[2])
	notes := slices.Concat(note(1, status), note(3, info), note(0x53494749, siginfo))

	b := make([]byte, 64+3*56)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 4)
	le.PutUint16(b[18:], 62)
	le.PutUint64(b[32:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 3)
	add := func(i int, typ uint32, addr uint64, data []byte) {
		p := b[64+i*56:]
		le.PutUint32(p, typ)
		le.PutUint32(p[4:], 6)
		le.PutUint64(p[8:], uint64(len(b)))
		le.PutUint64(p[16:], addr)
		le.PutUint64(p[32:], uint64(len(data)))
		le.PutUint64(p[40:], uint64(len(data)))
		b = append(b, data...)
	}
	add(0, 4, 0, notes)
	add(1, 1, heapBase, heap)
	words := make([]byte, 64)
	for i, w := range live {
		le.PutUint64(words[8*i:], w)
	}
	add(2, 1, stackBase, append(slices.Clone(stack), words...))
	return b
}

var (
	trap    = [3]uint64{sigILL, illOpcodes, 0x401000}
	write1  = [3]uint64{sigSEGV, segvMapErr, 1}
	aborted = [3]uint64{sigABRT, 1<<32 - 6, 77}
	killed  = [3]uint64{sigSEGV, 0, 4242}
)

func find(t *testing.T, heap, stack string, signal [3]uint64, live ...uint64) (*Findings, crash.Crash) {
	t.Helper()
	b := made([]byte(heap), []byte(stack), signal, live...)
	c, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(context.Background(), c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f, f.Crash(c, nil)
}

const (
	spin  = "A bogus APPCTX [0x55aa10] is spinning at 7791234 calls per second and refuses to die, aborting now! Please report this error to developers:\n  0x55aa00: id=7\n"
	trace = "  call trace(14):\n  | 0x5633a4a0b9b6 [c6 04 25 01 00 00 00 00]: main-0x19ea\n"
	block = "Thread 1 : id=0x7f0a5e88b140 act=1 glob=0 wq=1 rq=1 tl=0 tlsz=0 rqsz=1\n      1/1    stuck=1\n"
)

// A kind needs a state that bears it out: a text alone is one that anybody may have put
// into memory.
func TestKinds(t *testing.T) {
	const (
		held   = true // the object that a text names is on the live stack
		panics = "\x00Thread 1 is about to kill the process.\n"
		forged = "Thread 1 : id=0x7f0a00000000 act=1\n" // of no thread of this core
		pool   = "\x00FATAL: pool inconsistency detected in thread 1: tag mismatch on free().\n  caller: 0x401000 (x)\n  item: 0x55aa10\n"
	)
	for _, c := range []struct {
		name        string
		heap, stack string
		signal      [3]uint64
		held        bool
		want        crash.Kind
		fatal       bool
	}{
		{"spin", "\x00" + spin, "", trap, held, crash.Spinning, true},
		{"spin of 2.4", "\x00" + spin, "", write1, held, crash.Spinning, true},
		{"spin of 2.2", "\x00" + spin, "", aborted, held, crash.Spinning, true},
		{"spin text that a client sent", "\x00" + spin, "", aborted, false, crash.Abort, true},
		{"the same, trapped", "\x00" + spin, "", trap, false, crash.IllegalInstruction, true},
		{"the same, killed", "\x00" + spin, "", killed, held, crash.Segfault, true},
		{"bug", "", "\x00" + trace, trap, false, crash.BugOn, true},
		{"bug of 2.6", "", "\x00" + trace, write1, false, crash.BugOn, true},
		{"trace of another thread", "\x00" + trace, "", write1, false, crash.Segfault, true},
		{"illegal instruction", "", "", trap, false, crash.IllegalInstruction, true},
		{"assertion", "", "\x00FATAL: bug condition \"a\" matched at src/b.c:1\n" + trace, trap, false, crash.BugOn, true},
		{"assertion that a client sent", "\x00FATAL: bug condition \"a\" matched at src/b.c:1\n" + trace, "", trap, false, crash.IllegalInstruction, true},
		{"abort now", "", "\x00ABORT at src/x.c:22: sorry\n", trap, false, crash.BugOn, true},
		{"pool", pool, "", trap, held, crash.PoolCorruption, true},
		{"pool that a client sent", pool, "", trap, false, crash.IllegalInstruction, true},
		{"panic", panics + "* " + block, "", aborted, false, crash.Panic, true},
		{"panic that a client sent", panics + "* " + forged, "", aborted, false, crash.Abort, true},
		{"watchdog", panics + "*>" + block, "", aborted, false, crash.Watchdog, true},
		{"watchdog that a client sent", panics + "*>" + forged, "", aborted, false, crash.Abort, true},
		{"watchdog of 3.2", "\x00*>" + block, "", aborted, false, crash.Watchdog, true},
		{"show threads, then abort", "\x00* " + block, "", aborted, false, crash.Abort, true},
		{"panic text, but killed", panics + "* " + block, "", killed, false, crash.Segfault, true},
		{"null pointer", "", "", [3]uint64{sigSEGV, 1, 0}, false, crash.Segfault, true},
		{"bus", "", "", [3]uint64{7, 2, 0x1000}, false, crash.BusError, true},
		{"division", "", "", [3]uint64{8, 1, 0x1000}, false, crash.FPE, true},
		{"quit", "", "", [3]uint64{3, 0, 1}, false, crash.Killed, true},
		{"below the stack", "", "", [3]uint64{sigSEGV, 1, stackBase - 8}, false, crash.StackOverflow, true},
		// gdb 13 leaves SIGSTOP and SI_KERNEL, others SIGTRAP.
		{"gcore", "\x00" + spin, "", [3]uint64{19, 128, 0}, held, crash.Snapshot, false},
		{"gcore of others", "", "", [3]uint64{5, 0, 0}, false, crash.Snapshot, false},
		{"no signal", "", "", [3]uint64{}, false, crash.Snapshot, false},
		{"a trap that somebody sent", "", "", [3]uint64{5, 0, 4242}, false, crash.Unknown, true},
		{"int3", "", "", [3]uint64{5, 128, 0}, false, crash.Unknown, true},
	} {
		var live []uint64
		if c.held {
			live = []uint64{object}
		}
		_, x := find(t, c.heap, c.stack, c.signal, live...)
		if x.Kind != c.want || x.Fatal != c.fatal || x.Threads[0].Faulty != c.fatal {
			t.Errorf("%s: %s, fatal %v, thread at fault %v; want %s, %v", c.name, x.Kind, x.Fatal, x.Threads[0].Faulty, c.want, c.fatal)
		}
	}
}

// What stands on the stack decides, whatever texts there are.
func TestKindsByStack(t *testing.T) {
	for _, c := range []struct {
		functions string
		signal    [3]uint64
		want      crash.Kind
	}{
		{"stream_dump_and_crash task_run_applet", trap, crash.Spinning},
		{"raise abort ha_panic debug_parse_cli_panic", aborted, crash.Panic},
		{"raise abort ha_panic wdt_handler <signal> process_stream", aborted, crash.Watchdog},
		{"raise abort ha_panic ? <signal> process_stream", aborted, crash.Watchdog},
		{"raise abort __libc_message malloc_printerr _int_free free stream_free", aborted, crash.HeapCorruption},
		{"raise abort ? ? free stream_free", aborted, crash.HeapCorruption},
		{"raise abort __fortify_fail __stack_chk_fail h1_process", aborted, crash.Abort},
		{"raise abort OPENSSL_die", aborted, crash.Abort},
		{"epoll_wait", aborted, crash.Abort},
	} {
		b := made([]byte("\x00"+spin+"\x00*>Thread 1 : id=0x7f0a00000000 act=1\n"), nil, c.signal)
		core, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(context.Background(), core, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var stack []crash.Frame
		for _, name := range strings.Fields(c.functions) {
			stack = append(stack, crash.Frame{Function: strings.Trim(name, "<?>"), Signal: name == "<signal>"})
		}
		if x := f.Crash(core, stack); x.Kind != c.want {
			t.Errorf("%s: %s, want %s", c.functions, x.Kind, c.want)
		}
	}
}

// A stack that shows what happened vouches for no text: one of the same sort that a client
// sent has other numbers in it.
func TestForgedBesideGenuine(t *testing.T) {
	const (
		forgedSpin  = "A bogus STREAM [0x563b0ac00160] is spinning at 9999999 calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x563b0ac00160,44e src=192.0.2.9 fe=fe1 be=be1 dst=s1 and more than the genuine one has]\n"
		forgedPanic = "Thread 7 is about to kill the process.\nHAProxy version 9.9.9\n"
		forgedPool  = "FATAL: pool inconsistency detected in thread 7: tag mismatch on free().\n  caller: 0x402000 (y)\n  item: 0x66bb20\n"
		pool        = "FATAL: pool inconsistency detected in thread 1: cache corruption detected.\n  caller: 0x401000 (x)\n  item: 0x55aa10\n"
	)
	for _, c := range []struct {
		name, functions, heap string
		signal                [3]uint64
		want                  crash.Kind
		agrees                string // the start of the only text that does
	}{
		{"spin", "stream_dump_and_crash task_run_applet", forgedSpin + "\x00" + spin, trap, crash.Spinning, "A bogus APPCTX"},
		{"panic", "raise abort ha_panic debug_parse_cli_panic", forgedPanic + "\x00Thread 1 is about to kill the process.\n* " + block, aborted, crash.Panic, "Thread 1 "},
		{"panic without its text", "raise abort ha_panic debug_parse_cli_panic", forgedPanic, aborted, crash.Panic, ""},
		{"pool", "pool_check_pattern pool_get_from_cache h1_process", forgedPool + "\x00" + pool, trap, crash.PoolCorruption, "FATAL: pool inconsistency detected in thread 1"},
	} {
		b := made([]byte("\x00"+c.heap+"\x00"), nil, c.signal, object)
		core, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(context.Background(), core, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var stack []crash.Frame
		for _, name := range strings.Fields(c.functions) {
			stack = append(stack, crash.Frame{Function: name})
		}
		x := f.Crash(core, stack)
		if x.Kind != c.want {
			t.Errorf("%s: %s, want %s", c.name, x.Kind, c.want)
		}
		var got []string
		for _, text := range f.Texts {
			if text.Agrees {
				got = append(got, text.Text)
			}
		}
		switch {
		case c.agrees == "" && len(got) > 0, c.agrees != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.agrees)):
			t.Errorf("%s: texts that agree: %q, want the one that starts with %q", c.name, got, c.agrees)
		}
	}
}

// Addresses of code can be known when the executable does not move: a trace of the heap
// counts if it is that of the stack, and not for the outer functions that all stacks share.
func TestTracesOfTheHeap(t *testing.T) {
	w := witness{c: openPacked(t, "threads"), stack: map[uint64]bool{}}
	main := w.c.MainModule().Start
	for i := range uint64(6) {
		w.stack[main+16*i] = true
	}
	line := func(at uint64) string { return "  | " + crash.Addr(at).String() + " [00]: main+0x1\n" }
	genuine := "  call trace(5):\n" + line(main+0x800)
	outer := "  call trace(8):\n"
	for i := range uint64(4) {
		genuine += line(main + 16*i)
		outer += line(main + 0x900 + 16*i)
	}
	outer += line(main+64) + line(main+80)
	for text, want := range map[string]bool{genuine: true, outer: false, "call trace(1):\n" + line(main): false, "": false} {
		if got := w.returns(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct {
		name, heap, stack string
		want              []Text
	}{
		{"the longest of several copies", "x\x00" + spin[:100] + "\x00\x00[ALERT]    (8631) : " + spin + "\x00", "", []Text{
			{SpinText, heapBase + 104, "heap", "[ALERT]    (8631) : " + strings.TrimSpace(spin), 2, false},
		}},
		{"garbage behind and before", "y fe1 stopped" + spin + "\x01 rest\x00", "", []Text{
			{SpinText, heapBase + 13, "heap", strings.TrimSpace(spin), 1, false},
		}},
		{"format strings", "A bogus %s [%p] is spinning at %d calls per second\x00Thread %d is about to kill the process.\n\x00%s: %scondition \"%s\" matched at %s:%d\n\x00 is about to kill the process.\n\x00", "", nil},
		{"a panic holds its blocks", "\x00Thread 1 is about to kill the process.\n*>" + block + "  Thread 2 : id=0x7f01 act=0\n\x00", "", []Text{
			{PanicText, heapBase + 1, "heap", "Thread 1 is about to kill the process.\n*>" + block + "  Thread 2 : id=0x7f01 act=0", 1, true},
		}},
		{"blocks alone, the requester first", "\x00  Thread 2 : id=0x7f01 act=0\n\x00*>" + block + "\x00", "", []Text{
			{ThreadText, heapBase + 31, "heap", strings.TrimSpace("*>" + block), 1, true},
			{ThreadText, heapBase + 1, "heap", "  Thread 2 : id=0x7f01 act=0", 1, false},
		}},
		{"a block of 2.6 and later, of the tenth thread on", "\x00 >Thread 12: id=0x7f0a5e88b140 act=0 glob=0 wq=1\n\x00", "", []Text{
			{ThreadText, heapBase + 1, "heap", " >Thread 12: id=0x7f0a5e88b140 act=0 glob=0 wq=1", 1, true},
		}},
		{"what is no block", "\x00my Thread 12: id=0x7f0a5e88b140 act=0 glob=0\x00  Thread x: act=1 glob=0\x00", "", nil},
		{"dead stack", "", "\x00" + trace, []Text{
			{TraceText, stackBase + 1, "stack of thread 1", strings.TrimRight(trace, "\n"), 1, true},
		}},
		{"a word of the sort", "call trace(3): none\x00ABORT at once\x00ABORT at noon: lunch\x00", "", nil},
		{"survived", "\x00WARNING: warn condition \"a\" matched at src/b.c:1 (please report to developers)\n\x00", "", []Text{
			{WarningText, heapBase + 1, "heap", "WARNING: warn condition \"a\" matched at src/b.c:1 (please report to developers)", 1, false},
		}},
	} {
		f, _ := find(t, c.heap, c.stack, trap)
		if !slices.Equal(f.Texts, c.want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", c.name, f.Texts, c.want)
		}
	}
}

func TestThreadNumbers(t *testing.T) {
	got := map[uint64]int{}
	threadNumbers("Thread 3 is about to kill the process.\n  Thread 1 : id=0x7f01 act=0\n*>Thread 12: id=0x7f0c act=1\n  Thread 1024: id=0xffff00 act\n  Thread 7: act=1\n Thread 0: id=0x1\nThread x: id=0x2\nThread 5 : id=0xzz", got)
	want := map[uint64]int{0x7f01: 1, 0x7f0c: 12, 0xffff00: 1024}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct{ heap, version, released string }{
		{" version 2.6.12-1+deb12u4, released 2026/10/17\x00\x002026/10/17\x00\x00\x002.6.12-1+deb12u4\x00\x00\x00HAProxy version follows\x00", "2.6.12-1+deb12u4", "2026/10/17"},
		{"\x00\x00HAProxy version follows\x00\x003.2-dev5-37e84676c\x00\x00", "3.2-dev5-37e84676c", ""},
		{"\x00HAPROXY_STARTUP_VERSION=3.0.11\x00", "3.0.11", ""},
		{"\x00HAPROXY_STARTUP_VERSION=3.0.11\x00X: HAPROXY_STARTUP_VERSION=9.9.9\r\n", "", ""},
		{"\x00HAPROXY_STARTUP_VERSION=3.0.11\x00\x00HAPROXY_STARTUP_VERSION=3.0.11\x00", "3.0.11", ""},
		{" version %s, released %s\x00HAProxy version follows\x00\x00\x01\x02", "", ""},
		{"2026/10/17\x00HAProxy version follows\x00\x00\x01\x02\x00HAPROXY_STARTUP_VERSION=$x\x00", "", ""},
	} {
		f, _ := find(t, c.heap, "", trap)
		if f.Version != c.version || f.Released != c.released {
			t.Errorf("%q: %q of %q; want %q of %q", c.heap, f.Version, f.Released, c.version, c.released)
		}
		if f.Version != "" {
			at := int(f.VersionAddress - heapBase)
			if at < 0 || at > len(c.heap) || !strings.HasPrefix(c.heap[at:], f.Version) {
				t.Errorf("%q: the version does not stand at %#x", c.heap, f.VersionAddress)
			}
		}
	}
}

func TestTyped(t *testing.T) {
	for _, c := range []struct{ heap, want string }{
		{"\x00expert-mode on; debug dev panic\n\x00", "debug dev panic"},
		{"\x00debug dev bug\x00", "debug dev bug"},
		{"\x00 debug\x00dev\x00tkill\x001\x0011\x00\x00", "debug dev tkill 1 11"},
		// The rest of an earlier line behind the words, as 2.2 leaves it.
		{"\x00 debug\x00dev\x00panic\x00ebug dev panic\n\x00", "debug dev panic"},
		{"\x00debug dev loop 60000 isolated\n", "debug dev loop 60000 isolated"},
		{"\x00debug dev loop\n", ""},
		{"\x00debug dev panic                          : immediately trigger a panic\n", ""},
		{"\x00debug dev hex 0x1234\n", ""},
		{"\x00GET /debug dev panic HTTP/1.1\r\n", ""},
		{"\x00say debug dev panicking\n", ""},
		{"\x00debug dev panic", ""}, // cut: nobody knows what followed
	} {
		f, _ := find(t, c.heap, "", trap)
		got := ""
		if len(f.Typed) > 0 {
			got = f.Typed[0].Command
		}
		if got != c.want {
			t.Errorf("%q: %q; want %q", c.heap, got, c.want)
		}
	}
}

// A command counts when the stack of the thread that died points to its words, or shows the
// function that runs it.
func TestProvoked(t *testing.T) {
	for _, c := range []struct {
		command string
		signal  [3]uint64
		want    bool
	}{
		{"debug dev panic", aborted, true},
		{"debug dev panic", trap, false},
		{"debug dev bug", trap, true},
		{"debug dev bug", write1, true},
		{"debug dev bug", killed, false},
		{"debug dev tkill 1 11", [3]uint64{sigSEGV, 1<<32 - 6, 77}, true},
		{"debug dev tkill 1 11", write1, false},
		{"debug dev tkill 1", aborted, true},
		{"debug dev loop 60000", aborted, true},
	} {
		heap := "\x00" + strings.ReplaceAll(c.command, " ", "\x00") + "\x00\x00"
		var words []uint64
		for i := range len(heap) - 1 {
			if heap[i] == 0 && heap[i+1] != 0 {
				words = append(words, heapBase+uint64(i)+1)
			}
		}
		_, x := find(t, heap, "", c.signal, append(words, heapBase+uint64(len(heap))-1)...)
		if (x.Provoked == c.command) != c.want {
			t.Errorf("%q and signal %v: provoked by %q", c.command, c.signal, x.Provoked)
		}
		for _, sent := range []string{heap, "\x00" + c.command + "\n\x00", "X-Log: " + c.command + "\n"} {
			if _, x := find(t, sent, "", c.signal); x.Provoked != "" {
				t.Errorf("%q in memory alone: provoked by %q", sent, x.Provoked)
			}
		}
	}
}

func TestStartupLog(t *testing.T) {
	short := "[NOTICE]   (8628) : Loading success.\n"
	long := "[WARNING]  (8628) : config : " + strings.Repeat("w", 300) + "\n"
	n := len(long) - 240
	heap := "\x00" + string([]byte{byte(len(short))}) + short +
		"\x00" + string([]byte{byte(n) | 0xf0, byte(n >> 4)}) + long +
		"\x00A[ALERT]    (1) : no frame around this\n\x00"
	f, _ := find(t, heap, "", trap)
	if want := []string{strings.TrimSpace(short), strings.TrimSpace(long)}; !slices.Equal(f.StartupLog, want) {
		t.Errorf("%q; want %q", f.StartupLog, want)
	}
}

func TestSystem(t *testing.T) {
	object := func(distribution string, pid uint32) string {
		b := []byte("POST-MORTEM STARTS HERE+7654321\x00")
		put := func(s string, n int) { b = append(b, append([]byte(s), make([]byte, n-len(s))...)...) }
		for _, s := range []string{"Linux", "lb1", "6.1.0", "#1 SMP", "x86_64", "(none)"} {
			put(s, utsField)
		}
		if distribution != "" {
			put(distribution, pmField)
		}
		b = append(b, make([]byte, pmHardware)...)
		put("kvm", pmTechno)
		put("no", pmTechno)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		b = binary.LittleEndian.AppendUint32(b, pid)
		return string(append(b, make([]byte, 128)...))
	}
	for _, c := range []struct{ heap, want string }{
		{object("", 77), "Linux 6.1.0 #1 SMP x86_64, virtual machine: kvm"},
		{object("Debian GNU/Linux 12", 77), "Linux 6.1.0 #1 SMP x86_64, Debian GNU/Linux 12, virtual machine: kvm"},
		{object("", 999), "Linux 6.1.0 #1 SMP x86_64"}, // a pid of another namespace
		{"POST-MORTEM STARTS HERE+7654321\x00", ""},
	} {
		f, x := find(t, c.heap, "", trap)
		if x.Process.System != c.want {
			t.Errorf("%q; want %q", x.Process.System, c.want)
		}
		if f.System != nil && f.System.Node != "lb1" {
			t.Errorf("node %q", f.System.Node)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, heap := range []string{
		"\x00" + spin, "\x00Thread 1 is about to kill the process.\n*>" + block, "\x00 debug\x00dev\x00loop\x009\x00\x00",
		"2.6.12\x00HAProxy version follows\x00", "\x00\xf5\x02[ALERT]    (1) : x\n", "\x00FATAL: bug condition \"a\" matched at b:1\n",
		"POST-MORTEM STARTS HERE+7654321\x00", "  TARGET  = x\n  CC = y\n\x00-51DEGREES +ACCEPT4 +BACKTRACE -CLOSEFROM\x00",
	} {
		f.Add([]byte(heap), []byte(trace), uint32(4), uint32(2))
	}
	f.Fuzz(func(t *testing.T, heap, stack []byte, signal, code uint32) {
		b := made(heap, stack, [3]uint64{uint64(signal), uint64(code), 1})
		c, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{CachePages: 4})
		if err != nil {
			t.Fatal(err)
		}
		found, err := Read(context.Background(), c, Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		found.Crash(c, nil)
		for _, x := range found.Texts {
			if len(printable([]byte(x.Text))) != len(x.Text) {
				t.Errorf("text %q is not clean", x.Text)
			}
		}
	})
}

// Whatever a client sends beside the genuine text, the kind stays and no other text agrees.
func FuzzForged(f *testing.F) {
	for _, sent := range []string{
		strings.ReplaceAll(spin, "55aa10", "563b0ac00160"), "Thread 1 is about to kill the process.\n*>Thread 1 : id=0x7f0000000000 act=1 glob=0\n",
		"FATAL: pool inconsistency detected in thread 1: tag mismatch on free().\n  caller: 0x1 (x)\n  item: 0x2\n",
		"FATAL: bug condition \"a\" matched at src/b.c:1\n" + trace, "debug dev panic\n\x00debug\x00dev\x00panic\x00\x00", "HAProxy version 9.9.9\n",
	} {
		f.Add([]byte(sent))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		for _, known := range []string{"55aa10", "7f0a5e88b140"} { // these a client cannot know
			if bytes.Contains(sent, []byte(known)) {
				return
			}
		}
		heap := slices.Concat([]byte("\x00"), sent, []byte("\x00"+spin+"\x00"))
		for signal, want := range map[[3]uint64]crash.Kind{trap: crash.Spinning, killed: crash.Segfault} {
			b := made(heap, nil, signal, object)
			c, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			found, err := Read(context.Background(), c, Options{Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			x := found.Crash(c, nil)
			if x.Kind != want || x.Provoked != "" {
				t.Errorf("%s, provoked by %q; want %s", x.Kind, x.Provoked, want)
			}
			for _, text := range found.Texts {
				if text.Agrees && !strings.HasPrefix(body(text), "A bogus APPCTX [0x55aa10]") {
					t.Errorf("%s text of a client agrees: %q", text.Kind, text.Text)
				}
			}
		}
	})
}

// What a client sends lies on the heap in any number of copies; it must not
// hide what the crash left on the stack.
func TestBuried(t *testing.T) {
	heap := strings.Repeat("\x00  call trace(1):\n  | 0x1234 [00]: x\n", 3*maxEach)
	f, x := find(t, heap, "\x00"+trace, trap)
	if x.Kind != crash.BugOn || len(f.Problems) == 0 {
		t.Errorf("%s, problems %q; want %s and a word about what was left out", x.Kind, f.Problems, crash.BugOn)
	}
}
