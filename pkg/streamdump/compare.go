package streamdump

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Compare says where a dump and the objects of a core do not agree. What moves on
// between the two is left out: times, and counts of calls. Objects of another stream
// have nothing to say about this one.
func Compare(dump *crash.Stream, all []crash.Object) []crash.Difference {
	if dump == nil || dump.Address != 0 && !sameStream(all, dump.Address) {
		return nil
	}
	core := &Stream{fields: map[string]*crash.Field{}}
	core.objects(all)
	if core.fields["strm"] == nil {
		return nil
	}
	var out []crash.Difference
	for i := range dump.Fields {
		f := &dump.Fields[i]
		have := core.fields[f.Name]
		if have != nil && !moves(f.Name) && !same(Fact{f}, Fact{have}) {
			out = append(out, crash.Difference{Name: f.Name, Dump: f.Value, Core: have.Value})
		}
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

// same compares pointers and words by value, for versions print them with and without
// zeros in front, in capitals or not.
func same(a, b Fact) bool {
	if a.Text() == b.Text() || a.Null() && b.Null() {
		return true
	}
	hex := strings.HasPrefix(a.Text(), "0x") && strings.HasPrefix(b.Text(), "0x")
	return hex && a.address() != 0 && a.address() == b.address()
}
