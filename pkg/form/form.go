package form

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/report"
)

// Limits of GitHub. The first is what it says of a longer body; servers before it cut URLs of
// more than 8 kB.
const (
	maxBody = 65536 // characters of an issue
	maxLink = 8000  // bytes
	maxBox  = 60000 // characters; a box is sent as part of the body
)

// tracker is where HAProxy's bugs are reported.
const tracker = "https://github.com/haproxy/haproxy/issues/new"

// cutBoxes may be shortened, in this order: what stands in the middle of logs and stacks tells least.
var cutBoxes = []string{"last-output", "configuration", "haproxy-vv", "additional", "possible-cause"}

// Body is the whole report as the body of an issue, as if the form had been sent.
func Body(f *report.Form) string {
	boxes := slices.Clone(f.Boxes)
	body := join(boxes)
	for _, id := range cutBoxes {
		over := utf8.RuneCountInString(body) - maxBody
		if over <= 0 {
			break
		}
		for i := range boxes {
			if boxes[i].ID == id {
				boxes[i].Body = shorten(boxes[i].Body, max(utf8.RuneCountInString(boxes[i].Body)-over-100, 400))
			}
		}
		body = join(boxes)
	}
	return body
}

func join(boxes []report.Box) string {
	var b strings.Builder
	for _, x := range boxes {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n", x.Label, Text(&x))
	}
	return strings.TrimSpace(b.String()) + "\n"
}

// Text is a box as it stands in the body of an issue: what the form shows as code is in a fence.
func Text(b *report.Box) string {
	switch {
	case b.Body == "" && b.Ask == "":
		return "_No response_" // what GitHub writes for a box that is left empty
	case b.Code != "":
		text := report.Fence(b.Body, b.Code)
		if b.Body == "" {
			text += asked(b)
		}
		return strings.TrimSpace(text)
	}
	return strings.TrimSpace(b.Body + asked(b))
}

func asked(b *report.Box) string {
	if b.Ask == "" {
		return ""
	}
	return "\n\n<!-- " + b.Ask + " -->"
}

// Paste is a box as it is put into the form.
func Paste(b *report.Box) string {
	text := shorten(b.Body, maxBox)
	if b.Code == "" {
		text += asked(b)
	}
	return strings.TrimSpace(text)
}

// shorten takes lines out of the middle of a text of more than so many characters. An open fence
// is closed, and begun again.
func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	lines := strings.Split(s, "\n")
	head, tail, used := 0, len(lines), 0
	for head < tail {
		n := utf8.RuneCountInString(lines[head]) + 1
		if used+n > most*2/3 {
			break
		}
		used += n
		head++
	}
	for tail > head {
		n := utf8.RuneCountInString(lines[tail-1]) + 1
		if used+n > most {
			break
		}
		used += n
		tail--
	}
	left := fmt.Sprintf("… %d lines were left out for the length …", tail-head)
	first, rest := lines[:head], lines[tail:]
	if fence := openFence(first); fence != "" {
		left = fence + "\n\n" + left
		if openFence(rest) != "" { // the other half of it
			left += "\n\n" + fence
		}
	}
	return strings.Join(slices.Concat(first, []string{left}, rest), "\n")
}

// openFence is the fence of Markdown that is not closed in the lines.
func openFence(lines []string) string {
	open := ""
	for _, l := range lines {
		ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]
		switch {
		case len(ticks) < 3:
		case open == "":
			open = ticks
		case ticks == open:
			open = ""
		}
	}
	return open
}

// Link is the address of the form with its boxes filled in, and which boxes did not fit and
// must be pasted. The title, and boxes from the shortest on, go into it.
func Link(f *report.Form) (link string, rest []report.Box) {
	link = tracker + "?template=Bug.yml&title=" + url.QueryEscape(f.Title)
	escaped := make([]string, len(f.Boxes))
	shortest := make([]int, len(f.Boxes))
	for i := range f.Boxes {
		escaped[i], shortest[i] = url.QueryEscape(Paste(&f.Boxes[i])), i
	}
	slices.SortStableFunc(shortest, func(a, b int) int { return cmp.Compare(len(escaped[a]), len(escaped[b])) })
	in := make([]bool, len(f.Boxes))
	for _, i := range shortest {
		if escaped[i] != "" {
			part := "&" + f.Boxes[i].ID + "=" + escaped[i]
			if len(link)+len(part) > maxLink {
				break
			}
			link += part
		}
		in[i] = true
	}
	for i := range f.Boxes {
		if !in[i] {
			rest = append(rest, f.Boxes[i])
		}
	}
	return link, rest
}
