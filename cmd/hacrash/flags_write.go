package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
)

// flagsDocument is what hacrash flags prints as JSON. Fields are added and never
// renamed.
type flagsDocument struct {
	Schema string `json:"schema"`
	// Unredacted: the text was shown with all that it holds.
	Unredacted bool   `json:"unredacted,omitempty"`
	Version    string `json:"haproxy_version,omitempty"`
	// Source is where the version is from: "text", "option".
	Source string `json:"version_source,omitempty"`
	// Like is the version whose source was read, when the answer is that of one; Exact,
	// that it is the version asked for.
	Like     string        `json:"like,omitempty"`
	Exact    bool          `json:"exact"`
	Values   []flagsValue  `json:"values,omitempty"`
	Lines    []flagsLine   `json:"lines,omitempty"`
	Families []flagsFamily `json:"families,omitempty"`

	version haproxy.Version
}

// flagsValue is a number with its names.
type flagsValue struct {
	// Name is what was asked for: a type, or a field of a dump.
	Name  string     `json:"name"`
	Type  string     `json:"type"`
	Value string     `json:"value"`
	Flags []flagWord `json:"flags"`
	// Unknown are the bits without a name.
	Unknown string `json:"unknown,omitempty"`
	Sure    bool   `json:"sure"`

	names   []string
	printed string // Value as a dump has it
}

type flagWord struct {
	Name  string `json:"name"`
	Mask  string `json:"mask,omitempty"`
	Value string `json:"value"`
	Sure  bool   `json:"sure"`
}

// flagsLine is a line of a text, from 1, that has flags.
type flagsLine struct {
	Line   int          `json:"line"`
	Values []flagsValue `json:"values"`
}

type flagsFamily struct {
	Name    string     `json:"name"`
	Aliases []string   `json:"aliases,omitempty"`
	Title   string     `json:"title"`
	Enum    bool       `json:"enum,omitempty"`
	Flags   []flagWord `json:"flags,omitempty"`
}

func newFlagsDocument(v haproxy.Version, source string) *flagsDocument {
	d := &flagsDocument{Schema: "hacrash.flags/1", version: v}
	if v == (haproxy.Version{}) {
		return d
	}
	basis := haproxy.FlagFamilies()[0].Decode(0, v)
	d.Version, d.Source, d.Like, d.Exact = v.Raw, source, basis.Like.Raw, basis.Exact
	return d
}

// basis says what the answer is worth.
func (d *flagsDocument) basis() string {
	switch {
	case d.Version == "":
		return "of no known version: what versions disagree about is marked with '?'"
	case d.Exact:
		return "of HAProxy " + d.Version
	case d.Like != "":
		return "of HAProxy " + d.Version + ", taken to be like " + d.Like + ", the nearest version that was read"
	}
	return "of HAProxy " + d.Version + ", which may be like several versions: what they disagree about is marked with '?'"
}

func decodeFlags(name string, f *haproxy.Family, n uint64, v haproxy.Version) flagsValue {
	d := f.Decode(n, v)
	out := flagsValue{Name: name, Type: f.Name, Value: fmt.Sprintf("%#x", n), Flags: []flagWord{}, Sure: d.Sure, names: d.Names()}
	for _, flag := range d.Flags {
		out.Flags = append(out.Flags, flagWordOf(f, flag))
	}
	if d.Unknown != 0 {
		out.Unknown = fmt.Sprintf("%#x", d.Unknown)
	}
	return out
}

func flagWordOf(f *haproxy.Family, flag haproxy.Flag) flagWord {
	w := flagWord{Name: flag.Name, Value: fmt.Sprintf("%#x", flag.Value), Sure: flag.Sure}
	if !f.Enum {
		w.Mask = fmt.Sprintf("%#x", flag.Mask)
	}
	return w
}

// words are the names as dev/flags joins them.
func (f *flagsValue) words() string {
	if len(f.names) == 0 {
		return "0"
	}
	return strings.Join(f.names, " | ")
}

// text prints values in the form of dev/flags: a line a type, below a head for
// each value when there are several.
func (d *flagsDocument) text(w io.Writer, types int, heads bool) error {
	b := bufio.NewWriter(w)
	if !d.Exact {
		fmt.Fprintf(b, "### flags %s\n", report.Escape(d.basis()))
	}
	wide := 0
	for i := range d.Values {
		wide = max(wide, len(d.Values[i].Name))
	}
	for i := range d.Values {
		f := &d.Values[i]
		if heads && i%types == 0 {
			fmt.Fprintf(b, "### %s:\n", f.Value)
		}
		fmt.Fprintf(b, "%-*s = %s\n", wide, f.Name, f.words())
	}
	return b.Flush()
}

// json prints the document.
func (d *flagsDocument) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}
