package cursor

import (
	"encoding/binary"
	"testing"

	_ "github.com/hacrash/hacrash/internal/golden" // -update
)

func TestCursor(t *testing.T) {
	b := binary.AppendUvarint(nil, 300)
	b = binary.AppendVarint(b, -7)
	b = AppendText(b, "abc")
	b = append(b, 1, 0, 0, 0x80)
	c := Cursor{Data: b}
	if n, s, text, w := c.Number(300), c.Signed(100), c.Text(), c.Word(); n != 300 || s != -7 || text != "abc" || w != 0x80000001 || c.Bad || len(c.Data) != 0 {
		t.Errorf("%d %d %q %#x, %+v", n, s, text, w, c)
	}
	for name, read := range map[string]func(*Cursor){
		"number above the limit": func(c *Cursor) { c.Number(299) },
		"too few bytes":          func(c *Cursor) { c.Bytes(len(b) + 1) },
		"negative":               func(c *Cursor) { c.Bytes(-1) },
		"more than there can be": func(c *Cursor) { c.Count(2) },
	} {
		c := Cursor{Data: b}
		if read(&c); !c.Bad || c.Number(9) != 0 || c.Word() != 0 || c.Text() != "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
