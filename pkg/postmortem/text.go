package postmortem

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse"
)

// Bounds on texts.
const (
	maxText     = 64 << 10 // HAProxy's buffers hold 16 KiB, or what tune.bufsize says
	firstText   = 1 << 10  // read at first
	maxTexts    = 512
	maxPrefix   = 256 // before the literal, in its line
	maxAllTexts = 4 << 20
	alertPrefix = 64 // [ALERT] 087/101500 (4242) :
)

// reader cuts texts out of memory.
type reader struct {
	c   *elfcore.Core
	buf []byte
}

// read reads up to n bytes at addr; they are good until the next read.
func (r *reader) read(addr uint64, n int) []byte {
	if n > len(r.buf) {
		r.buf = make([]byte, max(n, firstText))
	}
	got, _ := r.c.ReadMemory(r.buf[:n], addr)
	return r.buf[:got]
}

// before gives up to n bytes that end at addr, without crossing what is missing.
func (r *reader) before(addr uint64, n int) []byte {
	n = min(n, maxText)
	if s := r.c.Segment(addr); s != nil {
		n = int(min(uint64(n), addr-s.Address))
	}
	b := r.read(addr-uint64(n), n)
	if len(b) < n {
		return nil
	}
	return b
}

// from gives the text at addr, up to limit bytes: it ends at the first byte
// that no text of HAProxy holds. Most are short, so little is read at first.
func (r *reader) from(addr uint64, limit int) string {
	limit = min(limit, maxText)
	for n := min(firstText, limit); ; n = min(4*n, limit) {
		b := r.read(addr, n)
		text := printable(b)
		// A rune that the end cuts in two takes up to three bytes with it.
		if n == limit || len(b) < n || len(b)-len(text) >= utf8.UTFMax {
			return string(text)
		}
	}
}

// lineStart gives the address at which the line of addr starts: behind the last
// newline or byte that is no text.
func (r *reader) lineStart(addr uint64, most int) uint64 {
	b := r.before(addr, most)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < ' ' && b[i] != '\t' || b[i] >= 0x7f {
			return addr - uint64(len(b)-1-i)
		}
	}
	return addr - uint64(len(b))
}

// printable cuts b at its first NUL, control byte or broken UTF-8.
func printable(b []byte) []byte {
	for i := 0; i < len(b); {
		switch x := b[i]; {
		case x == '\n' || x == '\t' || x >= ' ' && x < 0x7f:
			i++
		case x < utf8.RuneSelf:
			return b[:i]
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				return b[:i]
			}
			i += n
		}
	}
	return b
}

// readTexts collects what HAProxy printed.
func (f *Findings) readTexts(c *elfcore.Core, hits hitsOf) {
	t := collector{r: reader{c: c}, places: f.places}
	hits = hits.written(c)
	// What holds others comes first: a thread's block inside a panic dump is
	// no text of its own.
	for i, h := range haproxy.Headlines() {
		for _, at := range hits[litHeadlines+i] {
			t.headline(at, h.Literal())
		}
	}
	for _, lit := range []int{litThread, litThreadIdle, litThreadActive} {
		for _, at := range hits[lit] {
			t.thread(at)
		}
	}
	for _, at := range hits[litTrace] {
		t.trace(at)
	}
	f.Texts = t.done()
	if t.full {
		f.Problems = append(f.Problems, "memory holds more texts than are looked at: some were left out")
	}
	for _, x := range f.Texts {
		threadNumbers(x.Text, f.Numbers)
	}
}

// written leaves out what the process could not write to: constants of the executable and
// contents of files, which a core holds when it was asked for them (coredump_filter).
func (h hitsOf) written(c *elfcore.Core) hitsOf {
	out := make(hitsOf, len(h))
	for i, all := range h {
		for _, at := range all {
			if s := c.Segment(at); s != nil && s.Flags&elfcore.Writable != 0 {
				out[i] = append(out[i], at)
			}
		}
	}
	return out
}

// collector gathers texts and the memory that they cover.
type collector struct {
	r      reader
	places places
	texts  []Text
	covers []span
	total  int
	full   bool
}

type span struct{ start, end uint64 }

func (t *collector) covered(addr uint64) bool {
	return slices.ContainsFunc(t.covers, func(s span) bool { return addr >= s.start && addr < s.end })
}

func (t *collector) add(kind TextKind, at uint64, text string) {
	text = strings.TrimRight(text, " \t\n")
	if text == "" {
		return
	}
	if len(t.texts) == maxTexts || t.total+len(text) > maxAllTexts {
		t.full = true
		return
	}
	t.total += len(text)
	t.covers = append(t.covers, span{at, at + uint64(len(text))})
	t.texts = append(t.texts, Text{Kind: kind, Address: at, Where: t.places.where(at), Text: text, Copies: 1})
}

// headline takes the text that begins with the headline whose literal was found, from the
// alert's prefix on if there is one: that tells the pid. Other words before it are what an
// earlier message left in the buffer, or a chunk header's bytes that look like text.
//
// The format string has conversions where the message has values, and so is none.
func (t *collector) headline(at uint64, literal string) {
	if t.covered(at) {
		return
	}
	start := t.r.lineStart(at, maxPrefix)
	before := t.r.from(start, int(at-start))
	for _, h := range haproxy.Headlines() {
		i := len(before)
		if h.Sure != "" {
			i = strings.Index(before, h.Begins)
		}
		if h.Literal() != literal || i < 0 || uint64(i) > at-start {
			continue
		}
		begins := start + uint64(i)
		text := t.r.from(begins, maxText)
		first, _, _ := strings.Cut(text, "\n")
		if !logparse.IsHeadline(lex.Clip(first, firstText)) {
			continue
		}
		prefix := string(t.r.before(begins, alertPrefix))
		if i := strings.LastIndex(prefix, "[ALERT]"); i >= 0 && len(printable([]byte(prefix[i:]))) == len(prefix)-i {
			begins, text = begins-uint64(len(prefix)-i), prefix[i:]+text
		}
		t.add(textKind(h.Kind), begins, text)
		return
	}
}

// textKind is what a text is whose headline is of a kind.
func textKind(k crash.Kind) TextKind {
	switch k {
	case crash.Spinning:
		return SpinText
	case crash.Watchdog:
		return PanicText
	case crash.PoolCorruption:
		return PoolText
	case crash.BugOn:
		return AssertionText
	case crash.WarnOn, crash.BlockedTraffic:
		return WarningText
	}
	return TextKind(k)
}

// thread takes one thread's block of a dump.
//
// Folklore: since 3.1 each thread dumps into a buffer of its own, and the line
// "Thread N is about to kill" is written before them from a buffer that is used
// again: the blocks are all that is left of a panic.
//
// Folklore: the number is padded to two digits, so that there is a blank before the colon
// for nine threads only.
func (t *collector) thread(at uint64) {
	if t.covered(at) {
		return
	}
	start := t.r.lineStart(at, 64)
	text := t.r.from(start, maxText)
	head := text[:min(uint64(len(text)), at-start)]
	i := strings.Index(head, "Thread ")
	if i < 2 || strings.Trim(head[i-2:i], " *>") != "" {
		return
	}
	if _, _, ok := threadHead(text[i:]); ok {
		t.add(ThreadText, start+uint64(i-2), text[i-2:])
	}
}

// threadHead reads the start of a thread's block: "Thread 12: id=0x7f00", with or without
// a blank before the colon. id is 0 for 2.0, which prints none.
func threadHead(text string) (number int, id uint64, ok bool) {
	text, ok = strings.CutPrefix(text, "Thread ")
	if !ok {
		return 0, 0, false
	}
	digits, rest, ok := strings.Cut(text[:min(len(text), 48)], ":")
	digits = strings.TrimRight(digits, " ")
	if !ok || !isNumber(digits) {
		return 0, 0, false
	}
	if hex, ok := strings.CutPrefix(rest, " id=0x"); ok {
		word, _, _ := strings.Cut(hex, " ")
		if a, more, ok := lex.Hex(word); ok && more == "" {
			id = uint64(a)
		}
	}
	number, _ = strconv.Atoi(digits)
	return number, id, number > 0
}

// trace takes a call trace that stands alone: BUG_ON's is put together in a
// buffer on the stack, without its head line.
func (t *collector) trace(at uint64) {
	if t.covered(at) {
		return
	}
	start := t.r.lineStart(at, 24)
	text := t.r.from(start, maxText)
	_, rest, ok := strings.Cut(text, "\n")
	if !ok || !strings.HasPrefix(strings.TrimLeft(rest, " "), "| 0x") {
		return
	}
	if i := strings.Index(text, "call trace("); strings.TrimLeft(text[:i], " ") != "" {
		return
	}
	t.add(TraceText, start, text)
}

// done removes copies and puts the most telling texts first.
func (t *collector) done() []Text {
	rank := map[TextKind]int{SpinText: 0, PanicText: 1, PoolText: 2, AssertionText: 3, ThreadText: 4, TraceText: 5, WarningText: 6}
	slices.SortStableFunc(t.texts, func(a, b Text) int {
		return cmp.Or(
			cmp.Compare(rank[a.Kind], rank[b.Kind]),
			-cmp.Compare(len(body(a)), len(body(b))),
			-cmp.Compare(len(a.Text), len(b.Text)),
			cmp.Compare(a.Address, b.Address),
		)
	})
	var out []Text
	for _, x := range t.texts {
		i := slices.IndexFunc(out, func(y Text) bool { return y.Kind == x.Kind && sameText(y, x) })
		if i >= 0 {
			out[i].Copies++
			continue
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Text) int {
		if a.Kind == ThreadText && b.Kind == ThreadText {
			return -cmp.Compare(requesting(a.Text), requesting(b.Text))
		}
		return cmp.Compare(rank[a.Kind], rank[b.Kind])
	})
	return out
}

// requesting is 1 for the block of the thread that asked for the dump.
func requesting(block string) int {
	if strings.HasPrefix(block, "*") {
		return 1
	}
	return 0
}

// body is a text without the alert's prefix.
func body(t Text) string {
	if _, text, ok := strings.Cut(t.Text, " : "); ok && strings.HasPrefix(t.Text, "[ALERT]") {
		return text
	}
	return t.Text
}

// sameText says that short is a copy, maybe cut, of long. The spin message is the
// same when object and rate are: copies end at different lengths.
func sameText(long, short Text) bool {
	a, b := body(long), body(short)
	if long.Kind == SpinText {
		const end = "refuses to die"
		i, j := strings.Index(a, end), strings.Index(b, end)
		return i >= 0 && j >= 0 && a[:i] == b[:j]
	}
	return strings.HasPrefix(a, b)
}

// threadNumbers reads the "Thread N : id=0x…" lines of a dump.
func threadNumbers(text string, into map[uint64]int) {
	const most = 4096
	for len(into) < most {
		_, rest, ok := strings.Cut(text, "Thread ")
		if !ok {
			return
		}
		if n, id, ok := threadHead(text[len(text)-len(rest)-len("Thread "):]); ok && id != 0 {
			into[id] = n
		}
		text = rest
	}
}
