package haconf

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/source"
)

// keywords are the words of HAProxy 2.6 to 3.4 that are no directives (what haproxy -dKall lists,
// and values that lines take), the names of common headers, and endings of file names.
//
//go:embed data/keywords.txt
var keywords string

// public says that a word is HAProxy's or HTTP's own, whatever its case.
var public = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for _, list := range []string{directives, keywords} {
		for w := range strings.FieldsSeq(list) {
			words[strings.ToLower(w)] = true
		}
	}
	return words
})

// Anonymous writes a configuration without what is its owner's: names, addresses, paths and
// passwords become words such as name_3, the same one for the same name in all files. Comments go.
// What stays are HAProxy's own words, names of common headers and numbers. It is an allow-list: a word
// that nobody foresaw is replaced.
//
// The result is for people to read. HAProxy reads it too where it needs no files, but for the
// regular expressions and lists of names that mean something else now.
func Anonymous(names []string, out io.Writer) error {
	files, err := list(names)
	if err != nil {
		return err
	}
	a := &anonymizer{given: map[string]string{}, counts: map[string]int{}, empty: true}
	left := int64(maxBytes)
	for _, name := range files {
		text, err := source.Small(name, left)
		if err != nil {
			return err
		}
		left -= int64(len(text))
		for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))) {
			if _, err := io.WriteString(out, a.line(bytes.TrimRight(line, "\r\n"))); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxGiven bounds the names that are told apart.
const maxGiven = 100_000

// anonymizer rewrites lines.
type anonymizer struct {
	given  map[string]string // the word for each name
	counts map[string]int    // of the words given, by kind
	empty  bool              // the last line was
	split  splitter
	out    strings.Builder
	word   rawWord
}

// call is the word for a name, the same each time.
func (a *anonymizer) call(name, format string) string {
	key := format + name
	if word, ok := a.given[key]; ok {
		return word
	}
	if len(a.given) == maxGiven {
		return fmt.Sprintf(format, 0)
	}
	a.counts[format]++
	a.given[key] = fmt.Sprintf(format, a.counts[format])
	return a.given[key]
}

// line rewrites a line. Of several without words the first is an empty one.
func (a *anonymizer) line(s []byte) string {
	if len(s) > maxLine {
		return "# a line of more than 1 MiB was left out\n"
	}
	words, err := a.split.split(s)
	if err != nil {
		return "# a line was left out: " + err.Error() + "\n"
	}
	if len(words) == 0 {
		again := a.empty
		a.empty = true
		if again {
			return ""
		}
		return "\n"
	}
	a.empty = false
	a.out.Reset()
	before, text := 0, false
	for i, span := range a.split.spans {
		a.out.Write(s[before:span[0]])
		before = span[1]
		if secretBehind(words[:i]) {
			a.out.WriteString(a.call(words[i], "secret-%d"))
			continue
		}
		text = text || givesText(words[i])
		a.word = rawWord{s: string(s[span[0]:span[1]]), text: text}
		a.rewrite()
	}
	return a.out.String() + "\n"
}

// secretBehind says that what follows the words is a secret, whatever it looks like.
func secretBehind(words []string) bool {
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	switch last {
	case "password", "insecure-password", "ssl-passphrase-cmd", "dynamic-cookie-key", "cluster-secret", "anonkey", "ca-sign-pass",
		"eab-mac-key", "eab-key-id", "account-key":
		return true
	case "auth":
		return len(words) > 1 && words[len(words)-2] == "stats"
	}
	return words[0] == "ssl-passphrase-cmd"
}

// givesText says that a word, and those behind it, have text of the owner's, in which also
// numbers may tell something.
func givesText(word string) bool {
	switch word {
	case "set-header", "add-header", "replace-header", "replace-value", "set-cookie", "setenv", "presetenv", "string", "lf-string",
		"send", "send-lf", "send-binary", "send-binary-lf", "hdr", "expect", "description", "desc", "server-id":
		return true
	}
	return strings.Contains(word, "str(") || strings.Contains(word, "bin(") || strings.HasPrefix(word, "set-var(")
}
