package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Flags is what hacrash flags says of numbers, as JSON or text. Fields are added and
// never renamed.
type Flags struct {
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
	Values   []FlagsValue  `json:"values,omitempty"`
	Lines    []FlagsLine   `json:"lines,omitempty"`
	Families []FlagsFamily `json:"families,omitempty"`

	version haproxy.Version
}

// FlagsValue is a number with its names.
type FlagsValue struct {
	// Name is what was asked for: a type, or a field of a dump.
	Name  string      `json:"name"`
	Type  string      `json:"type"`
	Value string      `json:"value"`
	Flags []FlagsWord `json:"flags"`
	// Unknown are the bits without a name.
	Unknown string `json:"unknown,omitempty"`
	Sure    bool   `json:"sure"`

	names   []string
	printed string // Value as a dump has it
}

// FlagsWord is a name within a number.
type FlagsWord struct {
	Name  string `json:"name"`
	Mask  string `json:"mask,omitempty"`
	Value string `json:"value"`
	Sure  bool   `json:"sure"`
}

// FlagsLine is a line of a text, from 1, that has flags.
type FlagsLine struct {
	Line   int          `json:"line"`
	Values []FlagsValue `json:"values"`
}

// FlagsFamily is a type of flags.
type FlagsFamily struct {
	Name    string      `json:"name"`
	Aliases []string    `json:"aliases,omitempty"`
	Title   string      `json:"title"`
	Enum    bool        `json:"enum,omitempty"`
	Flags   []FlagsWord `json:"flags,omitempty"`
}

// NewFlags begins an answer for a version, which "text" or "option" told.
func NewFlags(v haproxy.Version, source string) *Flags {
	d := &Flags{Schema: "hacrash.flags/1", version: v}
	if v == (haproxy.Version{}) {
		return d
	}
	basis := haproxy.FlagFamilies()[0].Decode(0, v)
	d.Version, d.Source, d.Like, d.Exact = v.Raw, source, basis.Like.Raw, basis.Exact
	return d
}

// basis says what the answer is worth.
func (d *Flags) basis() string {
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

// Add says what numbers are, each taken to be of each type.
func (d *Flags) Add(types []haproxy.FlagType, numbers []string, hex bool) error {
	for _, word := range numbers {
		for _, t := range types {
			n, err := t.Number(word, hex)
			if err != nil {
				return err
			}
			d.Values = append(d.Values, decodeFlags(t.Word, t.Family, n, d.version))
		}
	}
	return nil
}

// AddFamily lists a family, with its constants if they are wanted, if the version has
// it.
func (d *Flags) AddFamily(f *haproxy.Family, constants bool) {
	if !f.In(d.version) {
		return
	}
	x := FlagsFamily{Name: f.Name, Aliases: f.Aliases, Title: f.Title, Enum: f.Enum}
	if constants {
		for _, flag := range f.Constants(d.version) {
			x.Flags = append(x.Flags, wordOfFlag(f, flag))
		}
	}
	d.Families = append(d.Families, x)
}

func decodeFlags(name string, f *haproxy.Family, n uint64, v haproxy.Version) FlagsValue {
	d := f.Decode(n, v)
	out := FlagsValue{Name: name, Type: f.Name, Value: fmt.Sprintf("%#x", n), Flags: []FlagsWord{}, Sure: d.Sure, names: d.Names()}
	for _, flag := range d.Flags {
		out.Flags = append(out.Flags, wordOfFlag(f, flag))
	}
	if d.Unknown != 0 {
		out.Unknown = fmt.Sprintf("%#x", d.Unknown)
	}
	return out
}

func wordOfFlag(f *haproxy.Family, flag haproxy.Flag) FlagsWord {
	w := FlagsWord{Name: flag.Name, Value: fmt.Sprintf("%#x", flag.Value), Sure: flag.Sure}
	if !f.Enum {
		w.Mask = fmt.Sprintf("%#x", flag.Mask)
	}
	return w
}

// words are the names as dev/flags joins them.
func (f *FlagsValue) words() string {
	if len(f.names) == 0 {
		return "0"
	}
	return strings.Join(f.names, " | ")
}

// FlagsOfFields names the flags of fields. A word without any flag says nothing.
func FlagsOfFields(fields []crash.Field, v haproxy.Version) []FlagsValue {
	var out []FlagsValue
	for _, f := range fields {
		family, ok := haproxy.FlagFamily(f.Type)
		if !ok {
			continue
		}
		// A field of flags has 0x, whatever the text has.
		n, err := strconv.ParseUint(f.Value, 0, 64)
		if err != nil || n == 0 && !family.Enum {
			continue
		}
		x := decodeFlags(f.Name, family, n, v)
		x.printed = f.Value
		out = append(out, x)
	}
	return out
}
