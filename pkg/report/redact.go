package report

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// RedactOptions says what may stay in a report.
type RedactOptions struct {
	// Off keeps everything; what would have gone is counted as held.
	Off bool
	// Strings keeps the text that char* arguments of frames point to, scrubbed
	// of secrets like all other text.
	Strings bool
}

// Holdings says what kinds of data a report holds, and which were taken out.
// Both lists are in a fixed order, in words fit for "this report holds: …".
type Holdings struct {
	Held     []string
	Redacted []string
}

// Add merges the holdings of another crash.
func (h *Holdings) Add(o Holdings) {
	h.Held = inOrder(append(h.Held, o.Held...), heldOrder())
	h.Redacted = inOrder(append(h.Redacted, o.Redacted...), secretOrder())
}

// Statement is one or two sentences for the reader of the report.
func (h Holdings) Statement() string {
	s := "none of the private data that is looked for"
	if len(h.Held) > 0 {
		s = strings.Join(h.Held, ", ")
	}
	s = "this report holds: " + s + "."
	if len(h.Redacted) > 0 {
		s += " Redacted: " + strings.Join(h.Redacted, ", ") + "."
	}
	return s
}

// Kinds of data that stay, in the order of the statement.
const (
	holdAddresses = "addresses of clients and servers"
	holdNames     = "names of proxies, listeners and servers"
	holdHost      = "the name of the host"
	holdPaths     = "paths of files"
	holdArguments = "process arguments"
	holdSystem    = "the description of the system"
	holdText      = "the crash message as printed"
	holdRegisters = "register values"
	holdStrings   = "strings from memory"
)

func heldOrder() []string {
	held := []string{holdAddresses, holdNames, holdHost, holdPaths, holdArguments, holdSystem, holdText, holdRegisters,
		holdStrings}
	for _, w := range secretOrder() {
		held = append(held, w+" (not redacted)")
	}
	return held
}

func secretOrder() []string {
	var words []string
	for _, k := range [...]string{secretCredentials, secretCookie, secretHeader, secretToken, secretPassword, secretKey,
		secretQuery, secretEnvironment, secretString} {
		words = append(words, secretWord(k))
	}
	return words
}

func secretWord(kind string) string {
	switch kind {
	case secretCredentials:
		return "credentials in URLs"
	case secretCookie:
		return "cookies"
	case secretHeader:
		return "header values"
	case secretToken:
		return "tokens"
	case secretPassword:
		return "passwords"
	case secretKey:
		return "private keys"
	case secretQuery:
		return "query strings"
	case secretEnvironment:
		return "environment variables"
	case secretString:
		return "strings from memory"
	}
	return "other secrets"
}

func inOrder(have, order []string) []string {
	var out []string
	for _, w := range order {
		if slices.Contains(have, w) {
			out = append(out, w)
		}
	}
	return out
}

// Redact takes secrets out of r in place: credentials in URLs, cookies, header
// values, tokens, passwords, private keys, query strings, environment
// variables, and the text that char* arguments point to. Addresses of machines
// and names of proxies stay, for maintainers need them; Holdings says so. A
// second call changes nothing and returns the same.
func Redact(r *crash.Report, o RedactOptions) Holdings {
	var h Holdings
	for i := range r.Crashes {
		h.Add(RedactCrash(&r.Crashes[i], o))
	}
	return h
}

// RedactCrash is Redact for one crash.
func RedactCrash(c *crash.Crash, o RedactOptions) Holdings {
	w := walker{o: o, held: map[string]bool{}, secrets: map[string]bool{}}
	w.crash(c)
	var h Holdings
	for k := range w.held {
		h.Held = append(h.Held, k)
	}
	for k := range w.secrets {
		if o.Off {
			h.Held = append(h.Held, secretWord(k)+" (not redacted)")
		} else {
			h.Redacted = append(h.Redacted, secretWord(k))
		}
	}
	h.Held = inOrder(h.Held, heldOrder())
	h.Redacted = inOrder(h.Redacted, secretOrder())
	if slices.Contains(h.Redacted, secretWord(secretString)) && slices.Contains(h.Held, holdStrings) {
		// Some strings stayed: say the worse.
		h.Redacted = slices.DeleteFunc(h.Redacted, func(s string) bool { return s == secretWord(secretString) })
	}
	return h
}

// walker visits every string of a crash that came from an input.
type walker struct {
	o       RedactOptions
	held    map[string]bool
	secrets map[string]bool
}

func (w *walker) hold(kind string, is bool) {
	if is {
		w.held[kind] = true
	}
}

// text scrubs *s.
func (w *walker) text(s *string) {
	if *s == "" {
		return
	}
	next := scrub(*s, func(kind string) { w.secrets[kind] = true })
	if !w.o.Off {
		*s = next
	}
	if !w.held[holdAddresses] && hasAddress(*s) {
		w.held[holdAddresses] = true
	}
	if !w.held[holdNames] && (strings.Contains(*s, " fe=") || strings.Contains(*s, "frontend=")) {
		w.held[holdNames] = true
	}
}

func (w *walker) texts(list []string) {
	for i := range list {
		w.text(&list[i])
	}
}

// secret replaces all of *s.
func (w *walker) secret(s *string, kind string) {
	if *s == "" {
		return
	}
	if n, k := leadingMark(*s); n == len(*s) {
		w.secrets[k] = true
		return
	}
	w.secrets[kind] = true
	if !w.o.Off {
		*s = mark(kind)
	}
}

func (w *walker) crash(c *crash.Crash) {
	w.hold(holdHost, c.Host != "")
	w.hold(holdText, c.Text != "")
	w.text(&c.Provoked)
	w.text(&c.Text)
	w.texts(c.StartupLog)
	w.postMortem(c)
	w.process(c.Process)
	if a := c.Assertion; a != nil {
		w.text(&a.Condition)
		w.text(&a.Message)
	}
	if p := c.Pool; p != nil {
		w.text(&p.Error)
		w.text(&p.Origin)
	}
	w.stream(c.Stream)
	for i := range c.Objects {
		w.fields(c.Objects[i].Fields)
	}
	for i := range c.Differences {
		w.text(&c.Differences[i].Dump)
		w.text(&c.Differences[i].Core)
	}
	for i := range c.Observations {
		w.text(&c.Observations[i].Text)
	}
	for i := range c.Threads {
		w.thread(&c.Threads[i])
	}
	if m := c.Memory; m != nil {
		w.text(&m.Error)
		w.text(&m.Place)
	}
	for i := range c.Stacks {
		w.frames(c.Stacks[i].Frames)
	}
	for i := range c.Modules {
		w.hold(holdPaths, filepath.IsAbs(c.Modules[i].Path))
	}
	for i := range c.Evidence {
		e := &c.Evidence[i]
		w.text(&e.Fact)
		w.text(&e.Text)
	}
	for i := range c.Conflicts {
		for j := range c.Conflicts[i].Values {
			w.text(&c.Conflicts[i].Values[j].Value)
		}
	}
	for i := range c.Missing {
		m := &c.Missing[i]
		w.text(&m.What)
		w.text(&m.Effect)
		w.text(&m.Remedy)
	}
	w.verdict(c.Verdict)
}

func (w *walker) process(p *crash.Process) {
	if p == nil {
		return
	}
	w.hold(holdPaths, filepath.IsAbs(p.Executable))
	w.hold(holdArguments, p.Arguments != "")
	w.hold(holdSystem, p.System != "")
	w.text(&p.Executable)
	w.text(&p.Arguments)
	w.text(&p.System)
	// BuildOptions and Features are of the build: CFLAGS=… looks like an
	// environment variable and is none.
}

func (w *walker) verdict(v *crash.Verdict) {
	if v == nil {
		return
	}
	w.text(&v.Why)
	for i := range v.Matches {
		w.texts(v.Matches[i].Because)
	}
	for i := range v.Suspects {
		w.texts(v.Suspects[i].Because)
	}
}

func (w *walker) thread(t *crash.Thread) {
	w.text(&t.Lua)
	w.fields(t.Fields)
	w.stream(t.Stream)
	w.hold(holdRegisters, len(t.Registers) > 0)
	w.frames(t.Frames)
}

func (w *walker) frames(frames []crash.Frame) {
	for i := range frames {
		f := &frames[i]
		w.text(&f.Symbol)
		for j := range f.Arguments {
			w.argument(&f.Arguments[j])
		}
	}
}

// argument takes out the text that gdb prints behind a char*: 0x55… "text".
func (w *walker) argument(a *crash.Argument) {
	if nameKind(a.Name) == secretPassword && strings.Contains(a.Value, `"`) {
		w.secret(&a.Value, secretPassword)
		return
	}
	open := strings.IndexByte(a.Value, '"')
	if open < 0 {
		w.text(&a.Value)
		return
	}
	stop := strings.LastIndexByte(a.Value, '"')
	if stop == open {
		stop = len(a.Value) // cut short
	}
	inner := a.Value[open+1 : stop]
	if inner == "" {
		return
	}
	if n, k := leadingMark(inner); n > 0 && n == len(inner) {
		w.secrets[k] = true
		return
	}
	if w.o.Strings || w.o.Off {
		w.held[holdStrings] = true
		w.text(&a.Value)
		return
	}
	w.secrets[secretString] = true
	tail := ""
	if stop < len(a.Value) && a.Value[stop:] != `"` {
		tail = a.Value[stop+1:] // "..." of a string that gdb cut
	}
	a.Value = a.Value[:open+1] + mark(secretString) + `"` + tail
}

func (w *walker) stream(s *crash.Stream) {
	if s == nil {
		return
	}
	w.fields(s.Fields)
}

func (w *walker) fields(fields []crash.Field) {
	for i := range fields {
		f := &fields[i]
		last := f.Name[strings.LastIndexByte(f.Name, '.')+1:]
		switch last {
		case "src", "source", "addr", "dst_addr":
			w.hold(holdAddresses, isAddress(f.Value))
		case "fe", "be", "frontend", "backend", "listener", "server", "dst":
			w.hold(holdNames, f.Value != "" && f.Value[0] != '<' && f.Value != "unknown")
		}
		if kind := nameKind(last); kind != "" && !isNumber(f.Value) {
			w.secret(&f.Value, kind)
			continue
		}
		w.text(&f.Value)
		if last != "uri" {
			continue
		}
		if q := strings.IndexByte(f.Value, '?'); q >= 0 {
			query := strings.TrimSuffix(f.Value[q+1:], `"`)
			closing := f.Value[q+1+len(query):]
			w.secret(&query, secretQuery)
			f.Value = f.Value[:q+1] + query + closing
		}
	}
}

// isAddress tells an address from the words that stand in its place.
func isAddress(v string) bool {
	return hasIPv4(v) || strings.Count(v, ":") >= 2
}

// hasAddress reports whether a text holds an IPv4 address anywhere, or an IPv6
// address where dumps have one. Elsewhere, a time looks the same.
func hasAddress(s string) bool {
	if hasIPv4(s) {
		return true
	}
	for _, key := range [...]string{"src=", "source=", "addr="} {
		for rest := s; ; {
			i := strings.Index(rest, key)
			if i < 0 {
				break
			}
			rest = rest[i+len(key):]
			word, _, _ := strings.Cut(rest[:min(len(rest), 64)], " ")
			if strings.Count(word, ":") >= 2 {
				return true
			}
		}
	}
	return false
}

// hasIPv4 reports whether s holds four decimal numbers with dots between them.
// Versions and kernel releases have at most three.
func hasIPv4(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		j, parts, digits := i, 1, 0
		for ; j < len(s); j++ {
			if s[j] >= '0' && s[j] <= '9' {
				digits++
				continue
			}
			if s[j] == '.' && digits > 0 && digits <= 3 {
				parts++
				digits = 0
				continue
			}
			break
		}
		if parts == 4 && digits > 0 && digits <= 3 {
			return true
		}
		i = j
	}
	return false
}

// environment variables and are none.
func (w *walker) postMortem(c *crash.Crash) {
	if m := c.PostMortem; m != nil {
		w.hold(holdSystem, m.Platform != nil)
		for i := range m.Components {
			w.hold(holdPaths, m.Components[i].Path != "")
			w.text(&m.Components[i].Path)
		}
	}
	for i := range c.Counters {
		w.text(&c.Counters[i].Condition)
		w.text(&c.Counters[i].Message)
	}
	for i := range c.Rings {
		w.text(&c.Rings[i].Name)
		w.text(&c.Rings[i].Description)
	}
}
