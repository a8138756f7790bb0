package haproxy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FlagType is what somebody says that a number is.
type FlagType struct {
	// Word is how it was said: a name of the family, or a field of a dump.
	Word   string
	Family *Family
	// Dumped says that Word is a field of a dump, which prints flags in hexadecimal and
	// enumerations in decimal.
	Dumped bool
}

// FlagTypes takes the types off the front of the arguments, as dev/flags does: the
// first that is none begins the values.
func FlagTypes(args []string) (types []FlagType, rest []string) {
	for i, word := range args {
		if f, ok := FlagFamily(word); ok {
			types = append(types, FlagType{Word: word, Family: f})
			continue
		}
		kind, ok := FieldFamily(word, Version{})
		if !ok {
			return types, args[i:]
		}
		f, _ := FlagFamily(kind)
		types = append(types, FlagType{word, f, true})
	}
	return types, nil
}

// DevFlagTypes are the types that a value may be when nobody says which: those that
// dev/flags knows in any version. They come first in the table and end with appctx.
func DevFlagTypes(v Version) []FlagType {
	var types []FlagType
	for _, f := range FlagFamilies() {
		if f.In(v) {
			types = append(types, FlagType{Word: f.Name, Family: f})
		}
		if f.Name == "appctx" {
			break
		}
	}
	return types
}

// Number reads a value as strtoul() does with base 0, which dev/flags uses, or as a
// dump prints it. What is negative is a word of 32 bits, as there.
func (t FlagType) Number(word string, hex bool) (uint64, error) {
	digits, minus := strings.CutPrefix(strings.TrimSpace(word), "-")
	if !minus {
		digits = strings.TrimPrefix(digits, "+")
	}
	base := 10
	switch after, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); {
	case ok:
		digits, base = after, 16
	case hex || t.Dumped && !t.Family.Enum:
		base = 16
	case len(digits) > 1 && digits[0] == '0':
		base = 8
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		if _, e := strconv.ParseUint(digits, 16, 64); e == nil {
			return 0, fmt.Errorf("%s: not a decimal number; write 0x%s, or pass --hex", word, digits)
		}
		return 0, fmt.Errorf("%s: neither a type nor a number; hacrash flags list prints the types", word)
	}
	if minus {
		n = uint64(uint32(-n))
	}
	return n, nil
}

// FlagColumn takes the values out of a text that has one a line. Like dev/flags it
// skips what slips in before and behind when values are copied: delimiters, C's UL.
func FlagColumn(text string) (words []string) {
	for line := range strings.Lines(text) {
		word := strings.TrimRight(strings.TrimLeft(line, " \t:="), "uUlL,; \t\r\n")
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// Constants lists the constants that a family has in a version, by mask and value.
func (f *Family) Constants(v Version) []Flag {
	var list []Flag
	for i := range f.meanings {
		value := f.meanings[i].value
		if value == 0 && !f.Enum {
			continue // such a name is the lack of all others
		}
		for _, flag := range f.Decode(value, v).Flags {
			if flag.Value == value && !slices.Contains(list, flag) {
				list = append(list, flag)
			}
		}
	}
	slices.SortFunc(list, func(a, b Flag) int {
		return cmp.Or(cmp.Compare(a.Mask, b.Mask), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Name, b.Name))
	})
	return list
}
