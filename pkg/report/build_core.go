package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// objects are HAProxy's structures in a core: what each is to the crash, where it is,
// and what it holds that the dump does not show already.
func (b *builder) objects() {
	shown := map[string]string{}
	if b.c.Stream != nil {
		for _, f := range b.c.Stream.Fields {
			shown[f.Name] = f.Value
		}
	}
	t := Table{Columns: []Column{{Most: 16, Cut: CutRight}, {Most: 34, Cut: CutRight}, {Rest: true}}}
	for i := range b.c.Objects {
		o := &b.c.Objects[i]
		var words []string
		for k := range o.Fields {
			f := &o.Fields[k]
			if v, ok := shown[f.Name]; !ok || f.Unavailable != "" || v != f.Value {
				words = append(words, fieldWord(f, o.Role))
			}
		}
		if len(words) > 0 {
			t.Rows = append(t.Rows, []Text{dataText(o.Role), Text(named(o.Type, o.Address)), dataText(strings.Join(words, " "))})
		}
	}
	b.section(Section{Title: "Objects", About: "as the core holds them", Field: FieldOutputs, Fold: true}, table(t))
	t = Table{}
	for _, d := range b.c.Differences {
		t.Rows = append(t.Rows, []Text{dataText(d.Name), Text("dump " + data(d.Dump)), Text("core " + data(d.Core))})
	}
	b.section(Section{Title: "Differences", About: "the process went on between the dump and the core", Field: FieldOutputs, Fold: true}, table(t))
}

// fieldWord is a field in a line of many.
func fieldWord(f *crash.Field, role string) string {
	name := strings.TrimPrefix(f.Name, role+".")
	switch {
	case f.Unavailable != "":
		return name + "=<unavailable: " + f.Unavailable + ">"
	case len(f.Flags) > 0:
		return name + "=" + f.Value + "(" + strings.Join(f.Flags, " ") + ")"
	}
	return name + "=" + f.Value
}

// mostCounters are shown; JSON has all.
const mostCounters = 20

// postMortem is what HAProxy keeps for whoever reads its core: the counters of its
// checks, and in full reports the rest.
func (b *builder) postMortem() {
	list := b.c.Counters
	t := Table{Columns: []Column{{}, {}, {Most: 60}, {Rest: true}}}
	if n := len(list) - mostCounters; n > 0 {
		list, t.More = list[:mostCounters], plural(n, "more counter")+inJSON
	}
	for i := range list {
		k := &list[i]
		what := k.Condition
		if k.Message != "" {
			what = strings.TrimPrefix(what+": "+k.Message, ": ")
		}
		where := strings.TrimSpace(place(k.File, k.Line) + " " + k.Function)
		t.Rows = append(t.Rows, []Text{Text(number(k.Count)), dataText(k.Type), dataText(where), dataText(what)})
	}
	b.section(Section{Title: "Counters", About: "HAProxy's own checks that are not zero", Field: FieldOutputs, Fold: true}, table(t))
	if !b.full {
		return
	}
	var kept rows
	object(&kept, b.c.PostMortem)
	rings(&kept, b.c.Rings)
	b.section(Section{Title: "Post-mortem", Field: FieldOutputs, Fold: true}, Block{Rows: kept})
}

// object is the post_mortem object, without the system's description, which stands
// among the facts of the process.
func object(r *rows, m *crash.PostMortem) {
	if m == nil {
		return
	}
	if p := m.Platform; p != nil {
		r.addData("Machine", words(p.HardwareVendor, p.HardwareFamily, p.HardwareModel))
		r.addData("Board", words(p.BoardVendor, p.BoardModel))
		r.addData("Processor", words(p.SoCVendor, p.SoCModel, p.CPU))
	}
	r.add("Started as", conditions(m.Boot))
	r.add("Ran as", conditions(m.Run))
	for i := range m.Components {
		k := &m.Components[i]
		text := words(k.Name, k.Version)
		for _, more := range []string{k.Compiler, k.Build} {
			if more != "" {
				text += ", " + more
			}
		}
		r.addData("Component", text)
	}
	r.addData("Unavailable", strings.Join(m.Unavailable, "; "))
}

// words joins what there is, each blank once.
func words(list ...string) string {
	return strings.Join(strings.Fields(strings.Join(list, " ")), " ")
}

// conditions is what a process is and may, in a line.
func conditions(x *crash.Conditions) string {
	if x == nil {
		return ""
	}
	var words []string
	id := func(name string, v *int64) {
		if v != nil {
			words = append(words, name+" "+strconv.FormatInt(*v, 10))
		}
	}
	limit := func(name string, l *crash.Limit) {
		switch {
		case l == nil:
		case l.Soft == l.Hard:
			words = append(words, name+" "+data(l.Soft))
		default:
			words = append(words, name+" "+data(l.Soft)+" of "+data(l.Hard))
		}
	}
	id("user", x.UID)
	id("group", x.GID)
	limit("files", x.Files)
	limit("memory", x.Memory)
	if k := x.Capabilities; k != nil && k.Error == 0 {
		words = append(words, fmt.Sprintf("capabilities %s effective, %s permitted, %s inheritable", k.Effective, k.Permitted, k.Inheritable))
	}
	return strings.Join(words, ", ")
}

func rings(r *rows, list []crash.Ring) {
	for i := range list {
		x := &list[i]
		text := data(x.Name)
		if x.Description != "" {
			text += " (" + data(x.Description) + ")"
		}
		if x.Unavailable != "" {
			text += ": " + sentence(x.Unavailable)
		} else {
			text += ": " + number(int64(x.Used)) + " of " + number(int64(x.Size)) + " bytes in use, at " + x.Address.String()
		}
		r.add("Ring", text)
	}
}
