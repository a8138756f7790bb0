package report

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// objectRows are the objects of a core, a row each: what it is to the crash, where it
// is, and what it holds that the dump does not show already. Cells are escaped.
func objectRows(c *crash.Crash) [][]string {
	shown := map[string]string{}
	if c.Stream != nil {
		for _, f := range c.Stream.Fields {
			shown[f.Name] = f.Value
		}
	}
	var rows [][]string
	for i := range c.Objects {
		o := &c.Objects[i]
		var words []string
		for k := range o.Fields {
			f := &o.Fields[k]
			if v, ok := shown[f.Name]; ok && f.Unavailable == "" && v == f.Value {
				continue
			}
			words = append(words, fieldWord(f, o.Role))
		}
		if len(words) > 0 {
			rows = append(rows, []string{Escape(o.Role), Escape(o.Type) + " " + o.Address.String(), strings.Join(words, " ")})
		}
	}
	return rows
}

// fieldWord is a field in a line of many.
func fieldWord(f *crash.Field, role string) string {
	name := Escape(strings.TrimPrefix(f.Name, role+"."))
	switch {
	case f.Unavailable != "":
		return name + "=<unavailable: " + Escape(f.Unavailable) + ">"
	case len(f.Flags) > 0:
		return name + "=" + Escape(f.Value) + "(" + Escape(strings.Join(f.Flags, " ")) + ")"
	}
	return name + "=" + Escape(f.Value)
}

// differenceRows are the values that the dump and the core do not agree on.
func differenceRows(c *crash.Crash) [][]string {
	var rows [][]string
	for _, d := range c.Differences {
		rows = append(rows, []string{Escape(d.Name), "dump " + Escape(d.Dump), "core " + Escape(d.Core)})
	}
	return rows
}

// objects prints what the core holds of HAProxy's structures.
func (s *textStream) objects(c *crash.Crash) error {
	rows := objectRows(c)
	if len(rows) > 0 {
		s.title("OBJECTS in the core")
		role, at := 0, 0
		for _, r := range rows {
			r[0], r[1] = clip(r[0], 16), clip(r[1], 34)
			role, at = max(role, width(r[0])), max(at, width(r[1]))
		}
		for _, r := range rows {
			r[2] = strings.Join(wrap(r[2], max(s.o.Width-role-at-8, 24)), "\n")
		}
		if err := s.table("  ", nil, rows); err != nil {
			return err
		}
	}
	rows = differenceRows(c)
	if len(rows) == 0 {
		return nil
	}
	s.title("DIFFERENCES between dump and core: it went on in between")
	return s.table("  ", nil, rows)
}

// objects is what the core holds of HAProxy's structures, folded.
func (s *markdownStream) objects(d *markdownDoc, c *crash.Crash) error {
	for _, part := range []struct {
		title string
		rows  [][]string
	}{{"Objects in the core", objectRows(c)}, {"Differences between dump and core", differenceRows(c)}} {
		if len(part.rows) == 0 {
			continue
		}
		for _, r := range part.rows {
			for i := range r {
				r[i] = clip(r[i], maxSpan)
			}
		}
		var b strings.Builder
		if err := textTable(&b, "", nil, part.rows); err != nil {
			return err
		}
		d.details(part.title, fence(b.String(), "plain"))
	}
	return nil
}
