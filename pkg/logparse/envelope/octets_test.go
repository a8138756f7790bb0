package envelope

import (
	"fmt"
	"strings"
	"testing"
)

func framed(texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		m := "<27>1 2025-02-10T09:12:44Z lb1 haproxy 8043 - - " + text
		fmt.Fprintf(&b, "%d %s", len(m), m)
	}
	return b.String()
}

func TestOctets(t *testing.T) {
	texts := []string{"FATAL: x", "  call trace(3):", "12 <27>1 no", ""}
	for i := range 4000 { // more than one piece of a line
		texts = append(texts, fmt.Sprintf("line %d", i))
	}
	all := framed(texts...)
	for _, size := range []int{len(all), minPiece, minPiece + 1, 128 << 10} {
		d, got := NewDecoder(), []Line(nil)
		for rest := all; rest != ""; {
			n := min(size, len(rest))
			got = d.Decode([]byte(rest[:n]), 1, got)
			rest = rest[n:]
		}
		got = d.Flush(got)
		if len(got) != len(texts) {
			t.Fatalf("pieces of %d: %d lines, want %d", size, len(got), len(texts))
		}
		for i, l := range got {
			if l.Text != texts[i] || l.Host != "lb1" || l.PID != 8043 {
				t.Fatalf("pieces of %d: line %d: %+v, want %q", size, i, l, texts[i])
			}
		}
	}
}
