package backtrace

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// jsonText is a report in JSON in the making: its lines, until its braces are balanced.
type jsonText struct {
	text  bytes.Buffer
	depth int
	quote bool // within a string, which goes over no line
	ended bool
}

const (
	maxJSON      = 4 << 20
	maxJSONDepth = 32
)

// line takes a line; false when the text was over before it.
func (j *jsonText) line(t string) bool {
	if j.ended || j.text.Len()+len(t) > maxJSON {
		return false
	}
	j.text.WriteString(t)
	j.text.WriteByte('\n')
	j.quote = false
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case j.quote && c == '\\':
			i++
		case c == '"':
			j.quote = !j.quote
		case j.quote:
		case c == '{' || c == '[':
			j.depth++
		case c == '}' || c == ']':
			j.depth--
		}
	}
	j.ended = j.depth <= 0
	return true
}

// jsonPath is where in a text a value stands: the keys, with "[]" for a list.
type jsonPath []string

func (p jsonPath) is(keys ...string) bool { return slices.Equal(p, keys) }

// walk gives each value that is no object or list to value, and each beginning of an object
// to object, in the order of the text. What is cut or broken ends it; what came before counts.
func (j *jsonText) walk(object func(jsonPath), value func(jsonPath, any)) {
	d := json.NewDecoder(bytes.NewReader(j.text.Bytes()))
	d.UseNumber()
	var path jsonPath
	var lists []bool // whether the level is a list
	key := true      // the next string in an object is a key
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		inList := len(lists) > 0 && lists[len(lists)-1]
		if delim, ok := token.(json.Delim); ok {
			switch delim {
			case '{', '[':
				if len(lists) >= maxJSONDepth {
					return
				}
				if inList {
					path = append(path, "[]")
				}
				if delim == '{' {
					object(path)
				}
				lists = append(lists, delim == '[')
				key = true
			default:
				lists = lists[:len(lists)-1]
				if len(path) > 0 {
					path = path[:len(path)-1]
				}
				key = true
			}
			continue
		}
		if len(lists) == 0 {
			continue // a bare value
		}
		if name, ok := token.(string); ok && !inList && key {
			path = append(path, name)
			key = false
			continue
		}
		if inList {
			value(append(path, "[]"), token)
			continue
		}
		value(path, token)
		path = path[:len(path)-1]
		key = true
	}
}

// jsonInt and jsonString read values; 0 and "" for others.
func jsonInt(v any) int64 {
	n, _ := v.(json.Number)
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}

func jsonString(v any) string {
	s, _ := v.(string)
	return lex.Clip(s, 1024)
}

// jsonKey says whether the line begins an object with that key: `{   "signal": 11`.
func jsonKey(t, key string) bool {
	t, ok := strings.CutPrefix(t, "{")
	t, quoted := strings.CutPrefix(strings.TrimLeft(t, " \t"), `"`+key+`"`)
	return ok && quoted && strings.HasPrefix(strings.TrimLeft(t, " "), ":")
}
