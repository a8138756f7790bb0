package postmortem

import (
	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/module"
)

// maxObject is how large an object may be, in bytes: that of 3.0 holds two words for
// each of the threads that it was built for, of which there may be some thousands.
const maxObject = 128 << 10

// useObject reads the post_mortem object where its symbol leads, by the types of the debug
// data, if there are any: they hold for versions that nobody has seen yet. Without them
// the symbol leads to an object that has no magic.
func (f *Findings) useObject(p *program) {
	at, size, ok := p.variable("post_mortem")
	if !ok || size > maxObject {
		return
	}
	l, by := typeLayout(p.main), byTypes
	if l == nil && f.System == nil {
		l, by = firstLayout(int(size)), byLayout
	}
	if l == nil {
		return
	}
	if o := readObject(p.c, at, l, by); o != nil {
		f.Object, f.System = o, systemOf(p.c, o)
	}
}

// typeLayout takes the layout of struct post_mortem from the debug data of the source
// file that has it; nil if there is none.
func typeLayout(main *module.Module) layout {
	types := main.DWARF()
	if types == nil {
		return nil
	}
	code, ok := main.Symbol("ha_panic") // of the same file
	if !ok {
		return nil
	}
	u := types.Unit(code.Address)
	if u == nil {
		return nil
	}
	e := u.Near(dwarf.TagName, "post_mortem")
	if e == nil {
		return nil
	}
	l := layout{}
	l.flatten("", 0, e.TypeOf(), 0)
	return l
}

// flatten adds the members of a structure, and those of structures within.
func (l layout) flatten(prefix string, base uint64, t *dwarf.Type, depth int) {
	const deep, most = 4, 256
	if t.Kind != dwarf.StructType || depth > deep {
		return
	}
	for _, m := range t.Fields() {
		at := base + m.Offset
		if at > maxObject || len(l) >= most {
			continue
		}
		name := prefix + earlierName(m.Name)
		l[name] = int(at)
		l.flatten(name+".", at, m.Type(), depth+1)
	}
}

// earlierName gives the name that a member has today.
func earlierName(name string) string {
	switch name {
	case "limit_fd": // 2.9 and 3.0
		return "boot_lim_fd"
	case "limit_ram":
		return "boot_lim_ram"
	}
	return name
}
