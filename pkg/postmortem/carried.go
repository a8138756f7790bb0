package postmortem

import (
	"encoding/json"
	"slices"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// The note in which a core whose memory was taken out carries what HAProxy's memory told. Whoever
// hands over a core could write its memory as well as its notes: what is carried is judged like
// what is found, by what the rest of the process's state says.
const (
	CarriedOwner = "HACRASH"
	CarriedType  = 0x48414332
)

// Bounds of what is carried.
const (
	maxCarried      = 1 << 20 // bytes of the note
	maxCarriedTexts = 64
)

// carried is the content of the note.
type carried struct {
	Texts   []carriedText `json:"texts,omitempty"`
	Typed   []Typed       `json:"typed,omitempty"`
	Tokens  []uint64      `json:"tokens,omitempty"`
	Version string        `json:"version,omitempty"`
	// Released and those behind it are as in Findings.
	Released     string   `json:"released,omitempty"`
	BuildOptions string   `json:"build_options,omitempty"`
	Features     []string `json:"features,omitempty"`
}

type carriedText struct {
	Kind    TextKind `json:"kind"`
	Address uint64   `json:"address"`
	Where   string   `json:"where"`
	Text    string   `json:"text"`
}

// Carry gives what a core without its memory should carry: texts that the state of the process
// bears out, and no others, for those may be a client's; each is passed through clean. It is for
// findings that have made their crash.
func (f *Findings) Carry(clean func(string) string) []byte {
	c := carried{Version: f.Version, Released: f.Released, BuildOptions: f.BuildOptions, Features: f.Features}
	for _, t := range f.Texts {
		if t.Agrees && len(c.Texts) < maxCarriedTexts {
			c.Texts = append(c.Texts, carriedText{t.Kind, t.Address, t.Where, clean(t.Text)})
		}
	}
	if f.Command != "" {
		for _, t := range f.Typed {
			if t.Command == f.Command {
				c.Typed = append(c.Typed, t)
			}
		}
		c.Tokens = f.tokens[:min(len(f.tokens), maxTyped)]
	}
	b, err := json.Marshal(&c)
	if err != nil || len(b) > maxCarried {
		return nil
	}
	return b
}

// takeCarried adds what a core carries to what its memory holds.
func (f *Findings) takeCarried(core *elfcore.Core) {
	var c carried
	for n := range core.Notes {
		if n.Owner == CarriedOwner && n.Type == CarriedType && len(n.Desc) <= maxCarried {
			if json.Unmarshal(n.Desc, &c) != nil {
				f.Problems = append(f.Problems, "what this small core carries of HAProxy's texts is damaged")
			}
			break
		}
	}
	if f.Version == "" && c.Version != "" {
		f.Version, f.Released = string(printable([]byte(c.Version[:min(len(c.Version), maxVersion)]))), c.Released
	}
	if f.BuildOptions == "" {
		f.BuildOptions = c.BuildOptions
	}
	if f.Features == nil {
		f.Features = c.Features
	}
	for _, t := range c.Texts[:min(len(c.Texts), maxCarriedTexts)] {
		text := string(printable([]byte(t.Text)))
		if slices.ContainsFunc(f.Texts, func(x Text) bool { return x.Address == t.Address }) || len(text) > maxText {
			continue
		}
		f.Texts = append(f.Texts, Text{Kind: t.Kind, Address: t.Address, Where: t.Where, Text: text, Copies: 1})
		threadNumbers(text, f.Numbers)
	}
	f.Typed = append(f.Typed, c.Typed[:min(len(c.Typed), maxTyped)]...)
	f.tokens = append(f.tokens, c.Tokens[:min(len(c.Tokens), maxTyped)]...)
}
