package streamdump

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Compare says where a dump and the objects of a core do not agree. What moves on
// between the two is left out: times, and counts of calls.
func Compare(dump *crash.Stream, all []crash.Object) []crash.Difference {
	if dump == nil || len(all) == 0 {
		return nil
	}
	core := map[string]string{}
	for i := range all {
		o := &all[i]
		if o.Role == "" {
			continue
		}
		core[o.Role] = o.Address.String()
		for _, f := range o.Fields {
			if f.Unavailable == "" {
				core[f.Name] = f.Value
			}
		}
	}
	// Objects of another stream have nothing to say about this one.
	if at, ok := core["strm"]; !ok || dump.Address != 0 && at != dump.Address.String() {
		return nil
	}
	var out []crash.Difference
	for _, f := range dump.Fields {
		have, ok := core[f.Name]
		if !ok || moves(f.Name) || same(f.Value, have) {
			continue
		}
		out = append(out, crash.Difference{Name: f.Name, Dump: f.Value, Core: have})
	}
	return out
}

// moves says that a value changes by itself.
func moves(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch last {
	case "exp", "an_exp", "conn_exp", "age", "rate", "calls", "rex", "wex", "rto", "wto", "ioto", "tid":
		return true
	}
	return false
}

// same compares numbers by value, for versions print them with and without zeros in
// front, in capitals or not.
func same(a, b string) bool {
	return a == b || bare(a) == bare(b)
}

func bare(s string) string {
	s = strings.ToLower(s)
	if s == "(nil)" {
		return "0"
	}
	rest, hex := strings.CutPrefix(s, "0x")
	if !hex {
		return s
	}
	if rest = strings.TrimLeft(rest, "0"); rest == "" {
		return "0"
	}
	return rest
}
