package haproxy

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Family is a word of flags that HAProxy prints as a number, or an enum: its
// constants of every version from 2.0-dev0 on. Names of families are those that
// HAProxy's dev/flags/flags.c takes, where it knows them.
type Family struct {
	// Name is how the family is called, such as "chn" or "sc.state".
	Name string
	// Title says what holds such a word.
	Title string
	// Aliases are other names, such as "cf" for "chn".
	Aliases []string
	// Enum says that a value is one name, and not a sum of bits.
	Enum bool

	meanings []meaning
	from, to int // places in the table's versions of the first and behind the last meaning
	table    *flagTable
}

// Flag is a name that a value has.
type Flag struct {
	Name string
	// Mask are the bits that were looked at: one, or those of a number within
	// the word such as the error code of a stream. All bits of an enum.
	Mask uint64
	// Value is what these bits are, in their place.
	Value uint64
	// Sure says that all versions that come into question name these bits so.
	Sure bool
}

// Decoded is what a value says.
type Decoded struct {
	// Flags come as dev/flags prints them: the highest bit first.
	Flags []Flag
	// Unknown are the bits that are set and have no name in any version that
	// comes into question. Of an enum without a name it is the value.
	Unknown uint64
	// Sure says that everything that is set has a name, and all versions that
	// come into question agree about it.
	Sure bool
	// Like is the version whose flags these are, when it is one: the version
	// itself, or the nearest before it that the tables have.
	Like Version
	// Exact says that the source of the version itself was read. A release of
	// which it was not is taken to be like the one before it that was: of 63
	// releases of four branches 29 have other flags than the one before, mostly
	// new ones; 6 of them moved or dropped a flag, 9 in all.
	Exact bool
}

// Names gives the names, with a '?' behind those that are not sure, and the
// unknown bits in hexadecimal.
func (d Decoded) Names() []string {
	names := make([]string, 0, len(d.Flags)+1)
	for _, f := range d.Flags {
		if f.Sure {
			names = append(names, f.Name)
		} else {
			names = append(names, f.Name+"?")
		}
	}
	if d.Unknown != 0 {
		names = append(names, fmt.Sprintf("%#x", d.Unknown))
	}
	return names
}

// String joins the names as dev/flags does, "0" when no bit is set.
func (d Decoded) String() string {
	names := d.Names()
	if len(names) == 0 {
		return "0"
	}
	return strings.Join(names, " | ")
}

// FlagFamilies gives all families: those that dev/flags of any version knows in
// about its order, then those that it does not.
func FlagFamilies() []*Family { return slices.Clone(flags().families) }

// FlagFamily finds a family by its name or an alias.
func FlagFamily(name string) (*Family, bool) {
	f, ok := flags().byName[name]
	return f, ok
}

// Decode says which flags a value holds in version v. The zero Version is one
// that is not known: what all versions that have the family agree on is sure,
// the rest is not. A build between two tags may be like either; a branch without
// a release ("2.4") may be any release of it; a version that is older or newer
// than the tables is like the nearest, but nothing of it is sure.
func (f *Family) Decode(value uint64, v Version) Decoded {
	at, known, exact := f.table.candidates(v)
	d := f.decode(value, at)
	d.Exact = exact
	if len(at) == 1 {
		d.Like = f.table.versions[at[0]]
	}
	if !known {
		d.doubt()
	}
	return d
}

// DecodeAmong is Decode for a version of which is known only that keep holds for it.
func (f *Family) DecodeAmong(value uint64, keep func(Version) bool) Decoded {
	var at []int
	for i, v := range f.table.versions {
		if keep(v) {
			at = append(at, i)
		}
	}
	return f.decode(value, at)
}

// In says whether a version has the family. The zero Version, which is not
// known, may have it.
func (f *Family) In(v Version) bool {
	at, _, _ := f.table.candidates(v)
	return len(f.within(at)) > 0
}

// within leaves those places at which the family exists.
func (f *Family) within(at []int) []int {
	from, to := place(at, f.from), place(at, f.to)
	return at[from:to]
}

// place is where a version would be among those at some places of the table. Most lists have
// no gaps.
func place(at []int, version int) int {
	if n := len(at); n > 0 && at[n-1]-at[0] == n-1 {
		return min(max(version-at[0], 0), n)
	}
	i, _ := slices.BinarySearch(at, version)
	return i
}

// doubt takes back that anything is sure.
func (d *Decoded) doubt() {
	d.Sure = false
	for i := range d.Flags {
		d.Flags[i].Sure = false
	}
}

// decode looks at the versions at some places of the table, in order.
func (f *Family) decode(value uint64, at []int) Decoded {
	at = f.within(at)
	type found struct {
		Flag
		versions int // how many of at have it
		unsure   bool
	}
	var list []found
	rest := value
	for i := range f.meanings {
		m := &f.meanings[i]
		if !m.says(value, f.Enum) {
			continue
		}
		from, to := place(at, m.from), place(at, m.to)
		if from == to {
			continue
		}
		rest &^= m.mask
		n := len(list) - 1 // the meanings of a name follow each other
		if n < 0 || list[n].Name != m.name || list[n].Mask != m.mask {
			list = append(list, found{Flag: Flag{Name: m.name, Mask: m.mask, Value: m.value}})
			n++
		}
		list[n].versions += to - from
		list[n].unsure = list[n].unsure || m.unsure
	}
	slices.SortStableFunc(list, func(a, b found) int {
		if c := bits.Len64(b.Mask) - bits.Len64(a.Mask); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	d := Decoded{Unknown: rest, Sure: rest == 0}
	if f.Enum {
		d.Sure = len(list) > 0
	}
	for _, l := range list {
		l.Sure = !l.unsure && l.versions == len(at)
		d.Sure = d.Sure && l.Sure
		d.Flags = append(d.Flags, l.Flag)
	}
	return d
}
