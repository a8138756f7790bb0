package shapes

import (
	"encoding/binary"
	"fmt"
	"html"
	"strings"
	"unicode/utf16"
)

func pastes() []Shape {
	bare := before("")
	syslog := before(fmt.Sprintf("Feb 10 09:12:44 lb1 haproxy[%d]: ", PID))
	// then puts one change behind another.
	then := func(first, second func([]string) string) func([]string) string {
		return func(l []string) string { return second(strings.Split(strings.TrimSuffix(first(l), "\n"), "\n")) }
	}
	around := func(head, tail string, wrap func([]string) string) func([]string) string {
		return func(l []string) string { return head + wrap(l) + tail }
	}
	// Quotes lose the blank of empty lines.
	quoted := func(sign string) func([]string) string {
		return each(func(_ int, s string) string { return strings.TrimRight(sign+s, " ") })
	}
	return []Shape{
		{"crlf", "", each(func(_ int, s string) string { return s + "\r" })},
		{"bom", "", around("\ufeff", "", bare)},
		{"utf-16", "", wide(binary.LittleEndian, bare)},
		{"utf-16, big-endian", "", wide(binary.BigEndian, bare)},
		{"utf-16 of syslog", "lb1", wide(binary.LittleEndian, syslog)},
		{"mail", "", quoted("> ")},
		{"mail, no blank", "", quoted(">")},
		{"mail, twice", "", quoted("> > ")},
		{"mail, twice, no blank", "", quoted(">> ")},
		{"mail, of syslog", "lb1", then(syslog, quoted("> "))},
		{"mail, no blank, of syslog", "lb1", then(syslog, quoted(">"))},
		{"mail, with words", "", around("Hi all,\n\nour HAProxy died last night:\n\n", "\nAny idea?\n-- \nJane\n", quoted("> "))},
		{"markdown", "", around("It crashed:\n\n```\n", "```\n", bare)},
		{"markdown, with language", "", around("```text\n", "```\n\nthanks\n", bare)},
		{"markdown, in a list", "", around("1. start it\n2. see:\n    ```\n", "    ```\n", before("    "))},
		{"markdown, tildes", "", around("~~~\n", "~~~\n", bare)},
		{"markdown, indented, of syslog", "lb1", then(syslog, before("    "))},
		{"markdown, quoted fence", "", then(around("```\n", "```\n", bare), quoted("> "))},
		{"jira", "", around("{noformat}\n", "{noformat}\n", bare)},
		{"details", "", around("<details><summary>log</summary>\n\n```\n", "```\n</details>\n", bare)},
		{"html", "", each(func(_ int, s string) string { return html.EscapeString(s) })},
		{"html, of syslog", "lb1", then(syslog, each(func(_ int, s string) string { return html.EscapeString(s) }))},
		{"html, pre", "", around("<pre>", "</pre>\n", each(func(_ int, s string) string { return html.EscapeString(s) }))},
		{"html, breaks", "", each(func(_ int, s string) string { return html.EscapeString(s) + "<br>" })},
		{"trailing blanks", "", each(func(_ int, s string) string { return s + "   " })},
		{"non-breaking blanks", "", each(func(_ int, s string) string { return strings.ReplaceAll(s, "  ", "\u00a0 ") })},
		{"empty lines between", "", each(func(_ int, s string) string { return s + "\n" })},
		{"tmux", "", before("│")},
		{"org", "", around("#+BEGIN_EXAMPLE\n", "#+END_EXAMPLE\n", before(": "))},
		{"bullets", "", before("\u2022 ")},
		{"chat, glued fence", "", func(l []string) string { return "Bob  12:03 PM\n```" + strings.Join(l, "\n") + "```\n" }},
		{"jira, glued", "", func(l []string) string { return "{noformat}" + strings.Join(l, "\n") + "{noformat}\n" }},
		{"html, whole page", "", func(l []string) string {
			return "<html><body><pre><code>" + html.EscapeString(strings.Join(l, "\n")) + "</code></pre></body></html>\n"
		}},
		{"word processor", "", each(func(_ int, s string) string {
			for left := true; strings.Contains(s, `"`); left = !left {
				s = strings.Replace(s, `"`, map[bool]string{true: "\u201c", false: "\u201d"}[left], 1)
			}
			return s
		})},
	}
}

// wide writes text in two bytes a character, with a mark of their order.
func wide(order binary.AppendByteOrder, wrap func([]string) string) func([]string) string {
	return func(l []string) string {
		var b []byte
		for _, u := range utf16.Encode([]rune("\ufeff" + wrap(l))) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
}

// Pastes are what is done to a text of any shape when it is handed on.
func Pastes() map[string]func(text string) string {
	every := func(f func(i int, s string) string) func(string) string {
		return func(text string) string { return each(f)(strings.Split(strings.TrimSuffix(text, "\n"), "\n")) }
	}
	prefix := func(p string) func(string) string {
		return every(func(_ int, s string) string { return p + s })
	}
	return map[string]func(string) string{
		"quoted":   prefix("> "),
		"crlf":     every(func(_ int, s string) string { return s + "\r" }),
		"indented": prefix("    "),
		"fence":    func(text string) string { return "It crashed:\n\n```\n" + strings.TrimSuffix(text, "\n") + "\n```\n" },
		"page":     html.EscapeString,
		"numbered": every(func(i int, s string) string { return fmt.Sprintf("%6d\t%s", i+1, s) }),
		"searched": prefix("/var/log/haproxy.log:"),
	}
}
