package trim

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/machine"
)

// manifest is what tells of a small core how it was made.
type manifest struct {
	Mode         string `json:"mode"`
	Blank        string `json:"blank"`
	OriginalSize int64  `json:"original_size"`
}

// notes gives the notes of the small core, in the order of the original.
func (p *planner) notes() []byte {
	var out []byte
	set := &p.core.Machine.Set
	for n := range p.core.Notes {
		var desc []byte
		switch {
		case n.Owner == "CORE":
			desc = p.coreNote(n)
		case n.Owner == "LINUX" && n.Type != 0 && (n.Type == set.ThreadPointerNote || n.Type == set.PointerMaskNote):
			desc = n.Desc[:min(len(n.Desc), 16)]
		}
		if len(desc) > 0 {
			out = elfcore.AppendNote(out, n.Owner, n.Type, desc)
		}
	}
	out = elfcore.AppendNote(out, elfcore.OwnNotes, elfcore.ManifestNote, p.manifest())
	if p.program.Report != nil {
		out = elfcore.AppendNote(out, elfcore.OwnNotes, elfcore.ReportNote, p.program.Report)
	}
	return out
}

func (p *planner) manifest() []byte {
	text, _ := json.Marshal(manifest{"words", "bd", p.core.Size}) // strings and a number
	return text
}

// coreNote is what is kept of a note of the owner CORE; nil for none. What is kept stays when it
// goes through here again.
func (p *planner) coreNote(n elfcore.Note) []byte {
	switch n.Type {
	case elfcore.NotePRStatus:
		return p.status(n.Desc)
	case elfcore.NoteFPRegSet:
		return make([]byte, min(len(n.Desc), pageSize))
	case elfcore.NotePRPSInfo:
		return info(n.Desc)
	case elfcore.NoteSigInfo:
		desc := make([]byte, min(len(n.Desc), 128))
		copy(desc, n.Desc[:min(len(n.Desc), 32)])
		return desc
	case elfcore.NoteAuxv:
		return p.auxiliary(n.Desc[:min(len(n.Desc), pageSize)])
	case elfcore.NoteFile:
		return p.files()
	}
	return nil
}

// status filters the registers of a thread; the program counter, the stack pointer and what
// is no general register are kept.
func (p *planner) status(desc []byte) []byte {
	const regs = 112
	m := p.core.Machine
	size := regs + 8*len(m.Set.Registers)
	if len(desc) < size {
		return nil
	}
	out := slices.Clone(desc[:min(len(desc), size+8)])
	for i, n := range m.Set.Registers {
		b := out[regs+8*i:]
		if n == machine.None || uint64(n) == m.PC || uint64(n) == m.SP || p.allowed(le.Uint64(b)) {
			continue
		}
		le.PutUint64(b, Blank)
	}
	return out
}

// info cuts the command line to the name of the program.
func info(desc []byte) []byte {
	const size, args = 136, 56
	if len(desc) < size {
		return nil
	}
	out := slices.Clone(desc[:size])
	if i := bytes.IndexAny(out[args:], " \x00"); i >= 0 {
		clear(out[args+i:])
	}
	return out
}

// auxiliary keeps the vector that the kernel gave the program, as far as it is one.
func (p *planner) auxiliary(desc []byte) []byte {
	const hwcap, hwcap2 = 16, 26 // AT_HWCAP…: bits, of which nobody makes secrets
	var out []byte
	for ; len(desc) >= 16; desc = desc[16:] {
		key, value := le.Uint64(desc), le.Uint64(desc[8:])
		switch {
		case key > maxKey:
			return out
		case value>>32 != 0 && key != hwcap && key != hwcap2 && !p.allowed(value):
			value = Blank
		}
		out = le.AppendUint64(le.AppendUint64(out, key), value)
		if key == 0 {
			break
		}
	}
	return out
}

const maxKey = 1 << 8 // of the auxiliary vector

// files writes the table of mapped files anew, with names that can be those of files.
func (p *planner) files() []byte {
	unit := max(p.core.PageSize, 1)
	out := le.AppendUint64(le.AppendUint64(nil, uint64(len(p.core.Files))), unit)
	var names []byte
	for _, m := range p.core.Files {
		for _, v := range [...]uint64{m.Start, m.End, m.Offset / unit} {
			out = le.AppendUint64(out, v)
		}
		if isPath(m.Path) {
			names = append(names, m.Path...)
		}
		names = append(names, 0)
	}
	return append(out, names...)
}

func isPath(name string) bool {
	control := func(r rune) bool { return r < ' ' || r == unicode.ReplacementChar }
	return strings.HasPrefix(name, "/") && !strings.ContainsFunc(name, control) && utf8.ValidString(name)
}
