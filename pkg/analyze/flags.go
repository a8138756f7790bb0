package analyze

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// nameFlags puts the names of flags beside the numbers of dumps and objects, as
// the version has them.
func nameFlags(c *crash.Crash) {
	v := versionOf(c)
	dumps := []*crash.Stream{c.Stream}
	for i := range c.Threads {
		dumps = append(dumps, c.Threads[i].Stream)
	}
	for _, s := range dumps {
		if s == nil {
			continue
		}
		for i := range s.Fields {
			f := &s.Fields[i]
			nameField(f, v)
		}
	}
	for i := range c.Objects {
		o := &c.Objects[i]
		for k := range o.Fields {
			f := &o.Fields[k]
			nameField(f, v)
		}
	}
}

func nameField(f *crash.Field, v haproxy.Version) {
	kind := f.Type // of objects it may be known
	if kind == "" {
		var ok bool
		if kind, ok = haproxy.FieldFamily(f.Name, v); !ok {
			return
		}
		// "scf" is the address where there is a "scf.flags".
		if _, address := haproxy.FieldFamily(f.Name+".flags", v); address {
			return
		}
	}
	family, ok := haproxy.FlagFamily(kind)
	if !ok {
		return
	}
	n, ok := flagValue(f.Value, family.Enum)
	if !ok {
		return
	}
	f.Type, f.Flags = kind, family.Decode(n, v).Names()
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
