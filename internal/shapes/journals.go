package shapes

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// entry is an entry of the journal.
func entry(i int, s string) obj {
	return obj{
		"__CURSOR": fmt.Sprintf("s=a;i=%x", i), "__REALTIME_TIMESTAMP": fmt.Sprint(at(i).UnixMicro()), "_BOOT_ID": "b0", "PRIORITY": "6",
		"SYSLOG_IDENTIFIER": "haproxy", "_COMM": "haproxy", "_PID": fmt.Sprint(PID), "_HOSTNAME": "lb1", "_SYSTEMD_UNIT": "haproxy.service", "_TRANSPORT": "stdout", "MESSAGE": s,
	}
}

// export is an entry in the export format.
func export(i int, s string) string {
	e := entry(i, s)
	var b strings.Builder
	for _, name := range []string{"__CURSOR", "__REALTIME_TIMESTAMP", "PRIORITY", "SYSLOG_IDENTIFIER", "_COMM", "_PID", "_HOSTNAME", "_SYSTEMD_UNIT", "_TRANSPORT"} {
		fmt.Fprintf(&b, "%s=%s\n", name, e[name])
	}
	if i%7 == 3 {
		b.WriteString(sized("MESSAGE", s))
	} else {
		b.WriteString(exportField("MESSAGE", s))
	}
	b.WriteString("\n")
	return b.String()
}

// exportField writes a field. A value with newlines has its size before it.
func exportField(name, value string) string {
	if strings.Contains(value, "\n") {
		return sized(name, value)
	}
	return name + "=" + value + "\n"
}

func sized(name, value string) string {
	return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
}

func journals() []Shape { return slices.Concat(shorts(), entries()) }

// shorts are the forms of one line.
func shorts() []Shape {
	who := fmt.Sprintf(" lb1 haproxy[%d]: ", PID)
	layout := func(layout string) func([]string) string {
		return each(func(i int, s string) string { return at(i).Format(layout) + who + s })
	}
	uptime := func(i int) float64 { return 81234.567891 + float64(i)/1e4 }
	return []Shape{
		{"journalctl", "lb1", layout("Jan 02 15:04:05")},
		{"journalctl -r", "lb1", newestFirst(layout("Jan 02 15:04:05"))},
		{"journalctl, another language", "lb1", layout("févr. 02 15:04:05")},
		{"journalctl -o short-precise", "lb1", layout("Jan 02 15:04:05.000000")},
		{"journalctl -o short-iso", "lb1", layout("2006-01-02T15:04:05-0700")},
		{"journalctl -r -o short-iso-precise", "lb1", newestFirst(layout("2006-01-02T15:04:05.000000-0700"))},
		{"journalctl -o short-full", "lb1", layout("Mon 2006-01-02 15:04:05 UTC")},
		{"journalctl -o short-unix", "lb1", each(func(i int, s string) string {
			return fmt.Sprintf("%d.%06d", at(i).Unix(), at(i).Nanosecond()/1000) + who + s
		})},
		{"journalctl -o short-monotonic", "lb1", each(func(i int, s string) string { return fmt.Sprintf("[%12.6f]", uptime(i)) + who + s })},
		{"journalctl -o short-delta", "lb1", each(func(i int, s string) string {
			return fmt.Sprintf("[%12.6f <%12.6f >]", uptime(i), 0.0001) + who + s
		})},
		{"journalctl -o with-unit", "lb1", each(func(i int, s string) string {
			return at(i).Format("Mon 2006-01-02 15:04:05 UTC") + fmt.Sprintf(" lb1 haproxy.service[%d]: ", PID) + s
		})},
		{"journalctl, one message", "lb1", func(l []string) string {
			head := at(0).Format("Jan 02 15:04:05") + who
			return head + strings.Join(l, "\n"+strings.Repeat(" ", len(head))) + "\n"
		}},
	}
}

// entries are the forms with fields.
func entries() []Shape {
	json := func(i int, s string) any { return entry(i, s) }
	return []Shape{
		{"journalctl -o json", "lb1", func(l []string) string { return jsonl(values(l, json)) }},
		{"journalctl -o json, bytes", "lb1", func(l []string) string {
			return jsonl(values(l, func(i int, s string) any {
				e := entry(i, s)
				var bytes []int
				for _, c := range []byte(s) {
					bytes = append(bytes, int(c))
				}
				e["MESSAGE"] = bytes
				return e
			}))
		}},
		{"journalctl -o json-pretty", "lb1", func(l []string) string {
			var b strings.Builder
			for i, s := range l {
				b.WriteString(strings.ReplaceAll(pretty(entry(i, s)), "\n  ", "\n\t"))
			}
			return b.String()
		}},
		{"journalctl -o json-sse", "lb1", each(func(i int, s string) string { return "data: " + flat(entry(i, s)) })},
		{"journalctl -o json-seq", "lb1", each(func(i int, s string) string { return "\x1e" + strings.TrimSpace(flat(entry(i, s))) })},
		{"journalctl -o json, one message", "lb1", func(l []string) string { return flat(entry(0, strings.Join(l, "\n"))) }},
		{"journalctl -o export", "lb1", func(l []string) string {
			var b strings.Builder
			for i, s := range l {
				b.WriteString(export(i, s))
			}
			return b.String()
		}},
		{"journalctl -o export, one message", "lb1", func(l []string) string { return export(0, strings.Join(l, "\n")) }},
		{"journalctl -o verbose", "lb1", each(func(i int, s string) string {
			return at(i).Format("Mon 2006-01-02 15:04:05.000000 UTC") + fmt.Sprintf(" [s=a;i=%x;b=c;m=1;t=2;x=3]\n    _HOSTNAME=lb1\n    _COMM=haproxy\n    _TRANSPORT=stdout\n    MESSAGE=%s\n    _PID=%d", i, s, PID)
		})},
	}
}
