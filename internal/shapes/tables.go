package shapes

import (
	"fmt"
	"strings"
)

// table writes a header and a row for each line, quoted as RFC 4180 says.
func table(header, comma string, row func(i int, s string) []string) func([]string) string {
	return func(lines []string) string {
		var b strings.Builder
		b.WriteString(header + "\n")
		for i, s := range lines {
			for k, f := range row(i, s) {
				if k > 0 {
					b.WriteString(comma)
				}
				if strings.ContainsAny(f, "\"\n"+comma) {
					f = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
				}
				b.WriteString(f)
			}
			b.WriteString("\n")
		}
		return b.String()
	}
}

func tables() []Shape {
	return []Shape{
		{"csv", "lb1", table("_time,host,_raw", ",", func(i int, s string) []string { return []string{rfc3339(i), "lb1", s} })},
		{"csv, text first", "lb1", table("message,container,host,ts", ",", func(i int, s string) []string { return []string{s, "haproxy", "lb1", fmt.Sprint(millis(i))} })},
		{"csv, text between", "lb1", table("date,message,hostname,severity", ",", func(i int, s string) []string { return []string{rfc3339(i), s, "lb1", "err"} })},
		{"csv, all quoted", "lb1", func(l []string) string {
			return table(`"Date","Host","Service","Message"`, ",", func(i int, s string) []string { return []string{rfc3339(i), "lb1", "haproxy", s} })(l)
		}},
		{"csv, one cell", "lb1", func(l []string) string {
			return table("host,message", ",", func(_ int, s string) []string { return []string{"lb1", s} })([]string{strings.Join(l, "\n")})
		}},
		{"csv, kibana, newest first", "lb1", func(l []string) string {
			n := len(l)
			return table(`"@timestamp","host.name",message`, ",", func(i int, s string) []string {
				return []string{at(8 * (n - i)).Format("Jan 2, 2006 @ 15:04:05.000"), "lb1", s}
			})(reversed(l))
		}},
		{"tsv", "lb1", table("time\thost\tmessage", "\t", func(i int, s string) []string { return []string{rfc3339(i), "lb1", s} })},
		{"semicolons", "lb1", table("timestamp;hostname;message", ";", func(i int, s string) []string { return []string{rfc3339(i), "lb1", s} })},
	}
}
