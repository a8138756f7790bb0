package streamdump

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Fact is one value of a stream: a field of the dump or of an object. The zero Fact
// is one that is not known.
type Fact struct{ field *crash.Field }

// Known says that there is a value.
func (f Fact) Known() bool { return f.field != nil }

// Text is the value as it was printed, "" when it is not known.
func (f Fact) Text() string {
	if f.field == nil {
		return ""
	}
	return f.field.Value
}

// Word is what stands before the first comma: MSG_DONE of "MSG_DONE,c". A "-" stands
// for none.
func (f Fact) Word() string {
	word, _, _ := strings.Cut(f.Text(), ",")
	return strings.TrimPrefix(word, "-")
}

// number reads a count.
func (f Fact) number() (int64, bool) {
	n, err := strconv.ParseInt(f.Text(), 10, 64)
	return n, err == nil
}

// Null says that a pointer is printed as null: (nil), 0x0 or 0, by the C library.
func (f Fact) Null() bool {
	word := f.Word()
	return word == "(nil)" || word != "" && strings.Trim(word, "0x") == ""
}

// address reads a pointer; 0 is one that is null or not known.
func (f Fact) address() crash.Addr {
	n, err := strconv.ParseUint(strings.TrimPrefix(f.Word(), "0x"), 16, 64)
	if err != nil {
		return 0
	}
	return crash.Addr(n)
}

// Flags are the names of the flags that a word holds, with a '?' behind those that not
// all versions in question agree on; nil when they are not known.
func (f Fact) Flags() []string {
	if f.field == nil {
		return nil
	}
	return f.field.Flags
}

// zero says that a word or a count is there and is nothing.
func (f Fact) zero() bool {
	n, err := strconv.ParseUint(f.Text(), 0, 64)
	return err == nil && n == 0
}

// lacks says that a word, of which one flag is known, surely has not another one.
func (f Fact) lacks(flag string) bool {
	return !slices.Contains(f.Flags(), flag) && !slices.Contains(f.Flags(), flag+"?")
}

// has finds the first of some flags that one of the words surely has, and that word.
func has(words []Fact, flags ...string) (Fact, string) {
	for _, flag := range flags {
		for _, w := range words {
			if slices.Contains(w.Flags(), flag) {
				return w, flag
			}
		}
	}
	return Fact{}, ""
}
