package analyze

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

func askModules(i *asking, _ []string) error {
	for _, m := range i.Modules.Modules {
		m.File() // is looked for when it is asked for
		status, reason := m.Status()
		o := crash.Object{Role: "module", Type: "module", Address: crash.Addr(m.Start), Fields: []crash.Field{
			{Name: "path", Value: m.Path}, {Name: "end", Value: crash.Addr(m.End).String()}, {Name: "build_id", Value: m.BuildID},
			{Name: "status", Value: string(status)},
		}}
		if reason != "" {
			o.Fields = append(o.Fields, crash.Field{Name: "reason", Value: reason})
		}
		if !i.give(o) {
			break
		}
	}
	return nil
}

// maxMemory bounds what is shown at once, in bytes.
const maxMemory = 1 << 20

// askMemory shows bytes as a table of hexadecimal digits and text, as hexdump -C.
// Memory of HAProxy holds what clients sent and what keys it has: unless asked for,
// words that are addresses of the process are shown, and zeros, and everything else is
// hidden.
func askMemory(i *asking, args []string) error {
	if len(args) != 2 {
		return queryErrorf("an address and a length are needed, such as 0x55d0a1b2c3d0 256")
	}
	addr, err := parseAddress(args[0])
	if err != nil {
		return err
	}
	length, err := strconv.ParseUint(args[1], 0, 64)
	if err != nil || length == 0 || length > maxMemory {
		return queryErrorf("%s: not a length; give 1 to %d bytes", args[1], maxMemory)
	}
	for at := addr; at-addr < length; at += 16 {
		b := make([]byte, min(16, length-(at-addr)))
		n, err := i.Core.ReadMemory(b, at)
		if n == 0 {
			return fmt.Errorf("%#x: %w", at, err)
		}
		if err := i.out.Line(i.memoryLine(at, b[:n])); err != nil {
			return err
		}
	}
	return nil
}

func (i *asking) memoryLine(at uint64, b []byte) string {
	var digits, text strings.Builder
	for k := 0; k < len(b); k += 8 {
		word := b[k:min(k+8, len(b))]
		shown := i.Redact.Off || i.harmless(word)
		for _, c := range word {
			switch {
			case !shown:
				digits.WriteString(" ..")
				text.WriteByte('.')
			default:
				fmt.Fprintf(&digits, " %02x", c)
				if i.Redact.Off && c >= ' ' && c < 0x7f {
					text.WriteByte(c)
				} else {
					text.WriteByte('.')
				}
			}
		}
		digits.WriteByte(' ')
	}
	return fmt.Sprintf("%012x %-50s |%s|", at, digits.String(), text.String())
}

// harmless says that a word of memory is an address of the process, or small
// numbers.
func (i *asking) harmless(word []byte) bool {
	if len(word) < 8 {
		return false
	}
	n := uint64(0)
	for k := 7; k >= 0; k-- {
		n = n<<8 | uint64(word[k])
	}
	return redact.Word(n, func(n uint64) bool { return i.Core.Mapping(n) != nil || i.Core.Segment(n) != nil })
}
