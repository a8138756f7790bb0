package redact

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
)

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

// Warning is the first line of a report from which nothing was taken out.
const Warning = "NOT REDACTED (--no-redact): this may hold passwords, cookies, keys and what clients sent. Do not publish it."

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

var heldOrder = sync.OnceValue(func() []string {
	held := []string{holdAddresses, holdNames, holdHost, holdPaths, holdArguments, holdSystem, holdText, holdRegisters,
		holdStrings}
	for _, w := range secretOrder() {
		held = append(held, w+" (not redacted)")
	}
	return held
})

var secretOrder = sync.OnceValue(func() []string {
	var words []string
	for _, k := range secretKinds() {
		words = append(words, k.words)
	}
	return words
})

func secretWords(kind string) string {
	for _, k := range secretKinds() {
		if k.kind == kind {
			return k.words
		}
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

// holdings is what the walk came across.
func (w *walker) holdings() Holdings {
	var h Holdings
	for k := range w.held {
		h.Held = append(h.Held, k)
	}
	for k := range w.secrets {
		if w.o.Off {
			h.Held = append(h.Held, secretWords(k)+" (not redacted)")
		} else {
			h.Redacted = append(h.Redacted, secretWords(k))
		}
	}
	h.Held = inOrder(h.Held, heldOrder())
	h.Redacted = inOrder(h.Redacted, secretOrder())
	if slices.Contains(h.Redacted, secretWords(secretString)) && slices.Contains(h.Held, holdStrings) {
		// Some strings stayed: say the worse.
		h.Redacted = slices.DeleteFunc(h.Redacted, func(s string) bool { return s == secretWords(secretString) })
	}
	return h
}

func (w *walker) hold(kind string, is bool) {
	if is {
		w.held[kind] = true
	}
}

// holds notes what a crash holds by the fields that it has.
func (w *walker) holds(c *crash.Crash) {
	w.hold(holdHost, c.Host != "")
	w.hold(holdText, c.Text != "")
	if p := c.Process; p != nil {
		w.hold(holdPaths, filepath.IsAbs(p.Executable))
		w.hold(holdArguments, p.Arguments != "")
		w.hold(holdSystem, p.System != "")
	}
	if p := c.PostMortem; p != nil {
		w.hold(holdSystem, p.Platform != nil)
		for i := range p.Components {
			w.hold(holdPaths, filepath.IsAbs(p.Components[i].Path))
		}
	}
	for i := range c.Threads {
		w.hold(holdRegisters, len(c.Threads[i].Registers) > 0)
	}
	for i := range c.Modules {
		w.hold(holdPaths, filepath.IsAbs(c.Modules[i].Path))
	}
}

// holdsIn notes what a text holds.
func (w *walker) holdsIn(s string) {
	if !w.held[holdAddresses] && hasAddress(s) {
		w.held[holdAddresses] = true
	}
	if !w.held[holdNames] && (strings.Contains(s, " fe=") || strings.Contains(s, "frontend=")) {
		w.held[holdNames] = true
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
