package streamdump

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Namer puts the names of flags beside numbers, as one version has them. It
// remembers what it found: of a hundred thousand streams most have the same flags.
type Namer struct {
	version haproxy.Version
	kinds   map[string]string // by the name of a field; "" for none
	names   map[word][]string
}

// word is a value of a family.
type word struct {
	kind  string
	value uint64
}

// maxNamer bounds what is remembered of each.
const maxNamer = 4096

// NewNamer makes one for a version, which may be the zero Version when it is not known.
func NewNamer(v haproxy.Version) *Namer {
	return &Namer{v, map[string]string{}, map[word][]string{}}
}

// NameFlags names the flags of all dumps and objects.
func NameFlags(c *crash.Crash) {
	v, _ := haproxy.ParseVersion(c.Version()) // the zero Version is one that is not known
	n := NewNamer(v)
	if c.Stream != nil {
		n.Fields(c.Stream.Fields)
	}
	for i := range c.Threads {
		if s := c.Threads[i].Stream; s != nil {
			n.Fields(s.Fields)
		}
	}
	for i := range c.Objects {
		n.Fields(c.Objects[i].Fields)
	}
}

// Fields names the flags of some.
func (n *Namer) Fields(list []crash.Field) {
	for i := range list {
		n.field(&list[i])
	}
}

func (n *Namer) field(f *crash.Field) {
	kind := f.Type // of objects it may be known
	if kind == "" {
		kind = n.kind(f.Name)
	}
	if kind == "" {
		return
	}
	family, ok := haproxy.FlagFamily(kind)
	if !ok {
		return
	}
	value, ok := flagValue(f.Value, family.Enum)
	if !ok {
		return
	}
	w := word{kind, value}
	names, ok := n.names[w]
	if !ok {
		names = family.Decode(value, n.version).Names()
		if len(n.names) < maxNamer {
			n.names[w] = names
		}
	}
	f.Type, f.Flags = kind, names
}

// kind is the family that a field of a dump holds, "" when it holds none.
func (n *Namer) kind(field string) string {
	kind, known := n.kinds[field]
	if known {
		return kind
	}
	kind = FamilyOf(field, n.version)
	if len(n.kinds) < maxNamer {
		n.kinds[field] = kind
	}
	return kind
}

// FamilyOf gives the family of flags that a field of a dump or an object holds in a
// version, which may be the zero Version; "" if it holds none.
func FamilyOf(field string, v haproxy.Version) string {
	if _, address := haproxy.FieldFamily(field+".flags", v); address {
		return "" // "scf" is the address where there is a "scf.flags"
	}
	family, ok := haproxy.FieldFamily(field, v)
	if !ok {
		return ""
	}
	return family
}

// flagValue reads a word of flags, which dumps print in hexadecimal with and without
// 0x, or the number of an enumeration.
func flagValue(s string, enum bool) (uint64, bool) {
	digits, hex := strings.CutPrefix(s, "0x")
	base := 16
	if enum && !hex {
		base = 10
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return n, err == nil
}

// TypeStates says of which enumeration the states of a dump's applets are: each applet
// has its own.
func TypeStates(dump *crash.Stream) {
	var s *Stream
	for i := range dump.Fields {
		f := &dump.Fields[i]
		object, is := strings.CutSuffix(f.Name, ".st0")
		if !is || f.Type != "" {
			continue
		}
		if s == nil {
			s = Printed(dump)
		}
		if at := s.any(object).address(); at != 0 {
			f.Type, _ = haproxy.AppletStates(s.AppletAt(at))
		}
	}
}
