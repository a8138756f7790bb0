package envelope

import "strings"

// maxHeader is enough for a length and what a message begins with.
const maxHeader = 32

// octetCount reads the length that stands before each message on a TCP connection (RFC 6587,
// section 3.4.1), when it was dumped as it came.
func octetCount(s string) (length int, text string, ok bool) {
	length, n := number(s, 6)
	if n == 0 || n >= len(s) || s[n] != ' ' {
		return 0, "", false
	}
	_, ok = cutPriority(s[n+1:])
	return length, s[n+1:], ok
}

// octets takes the messages of a line apart, which follow one another without anything
// between. A length that does not end where another message begins is none: somebody changed
// the text, or cut it.
func (d *Decoder) octets(s string, l Line, depth int, out []Line) ([]Line, bool) {
	length, text, ok := octetCount(s)
	if !ok {
		return out, false
	}
	for ok {
		if d.piece && depth == 0 && length+maxHeader > len(text) {
			d.count, d.counted = s, l.Number // its end, or the next one's length, is in the next piece of the line
			return out, true
		}
		message, next := text, 0
		if length < len(text) {
			if next, text, ok = octetCount(text[length:]); ok {
				message = message[:length]
			}
		} else {
			ok = false
		}
		if ok {
			s = s[len(s)-len(text)-digitsOf(next)-1:]
		}
		length = next
		out = d.unwrap(message, l, depth+1, out)
	}
	return out, true
}

func digitsOf(n int) int {
	size := 1
	for ; n >= 10; n /= 10 {
		size++
	}
	return size
}

// syncOctets finds where a message with its length begins, in the middle of a line: where the
// length leads to another one. The text before it may end with digits too.
func syncOctets(s string) int {
	for at := 0; ; {
		i := strings.Index(s[at:], " <")
		if i < 0 {
			return -1
		}
		at += i
		for from := max(0, at-6); from < at; from++ {
			if length, text, ok := octetCount(s[from:]); ok && length < len(text) && len(s)-len(text)-1 == at {
				if _, _, ok := octetCount(text[length:]); ok {
					return from
				}
			}
		}
		at += 2
	}
}

// closeCount gives the messages out that wait for a further piece of their line.
func (d *Decoder) closeCount(out []Line) []Line {
	s := d.count
	if s == "" {
		return out
	}
	d.count = ""
	piece := d.piece
	d.piece = false
	out = d.unwrap(s, Line{Number: d.counted, Time: noStamp, Format: Plain}, 0, out)
	d.piece = piece
	return out
}
