package backtrace

import (
	"bytes"
	"encoding/json"
	"errors"
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
	w := jsonWalk{json.NewDecoder(bytes.NewReader(j.text.Bytes())), object, value}
	w.UseNumber()
	for w.next(nil, 0) == nil { // one value behind the other
	}
}

type jsonWalk struct {
	*json.Decoder
	object func(jsonPath)
	value  func(jsonPath, any)
}

// next reads the value that stands at a path.
func (w *jsonWalk) next(p jsonPath, depth int) error {
	token, err := w.Token()
	if err != nil {
		return err
	}
	kind, nested := token.(json.Delim)
	switch {
	case !nested:
		w.value(p, token)
		return nil
	case depth >= maxJSONDepth:
		return errTooDeep
	case kind == '{':
		w.object(p)
	}
	for w.More() {
		key := "[]"
		if kind == '{' {
			if token, err = w.Token(); err != nil {
				return err
			}
			key, _ = token.(string)
		}
		if err := w.next(append(p, key), depth+1); err != nil {
			return err
		}
	}
	_, err = w.Token() // what ends it
	return err
}

var errTooDeep = errors.New("nested too deep")

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
