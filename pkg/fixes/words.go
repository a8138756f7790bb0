package fixes

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

// Dictionary is all words of one sort that the fixes have, and which fixes have
// them. Words are by their number, in the order of their bytes.
//
// In the file: the number n of words; n+1 offsets in the text of where words begin;
// n+1 offsets in the postings; the length of the text; the text; the postings. The
// postings of a word are a number a fix, in order: the steps from one fix to the
// next, times 16, plus the columns that have the word.
type Dictionary struct {
	n               int
	starts, follows []byte
	text            string
	postings        []byte
	fixes           int
}

// Sort is a sort of words.
type Sort uint8

// The sorts of words, and their dictionaries.
const (
	Topics Sort = iota // subsystems
	Paths              // source files
	Names              // functions and identifiers
	sorts
)

// Column says in which list of a fix a word stands; several may be set.
type Column uint8

// The lists of a fix. Words of Topics and Paths are in one list only.
const (
	InChanged Column = 1 << iota
	InCalled
	InNamed
	InConditions
	columnBits = 4
)

// wordList is a list of words of a fix.
type wordList struct {
	words  *[]string
	sort   Sort
	column Column
}

// lists are the lists of words of a fix, in the order of the file.
func (f *Fix) lists() [6]wordList {
	return [6]wordList{
		{&f.Subsystems, Topics, 1}, {&f.Files, Paths, 1},
		{&f.Changed, Names, InChanged}, {&f.Called, Names, InCalled}, {&f.Named, Names, InNamed}, {&f.Conditions, Names, InConditions},
	}
}

// Len is how many words there are.
func (d *Dictionary) Len() int { return d.n }

// Word is the word with a number; "" when there is none.
func (d *Dictionary) Word(number int) string {
	if number < 0 || number >= d.n {
		return ""
	}
	from, to := offset(d.starts, number), offset(d.starts, number+1)
	if from > to || to > len(d.text) {
		return ""
	}
	return d.text[from:to]
}

func offset(table []byte, i int) int { return int(binary.LittleEndian.Uint32(table[4*i:])) }

// Find is the number of a word.
func (d *Dictionary) Find(word string) (int, bool) {
	i := sort.Search(d.n, func(i int) bool { return d.Word(i) >= word })
	return i, i < d.n && d.Word(i) == word
}

// Each calls yield for the fixes that have a word, with the columns in which they
// have it, in order.
func (d *Dictionary) Each(number int, yield func(fix int, in Column)) {
	if number < 0 || number >= d.n {
		return
	}
	from, to := offset(d.follows, number), offset(d.follows, number+1)
	if from > to || to > len(d.postings) {
		return
	}
	fix := 0
	for p := d.postings[from:to]; len(p) > 0; {
		v, n := binary.Uvarint(p)
		if n <= 0 || v>>columnBits >= uint64(d.fixes-fix) {
			return
		}
		p = p[n:]
		fix += int(v >> columnBits)
		yield(fix, Column(v)&(1<<columnBits-1))
	}
}

// openDictionary reads what bytes wrote. It looks at nothing but the lengths, so
// that it costs nothing; the numbers are checked where they are used.
func openDictionary(data []byte, fixes int) (*Dictionary, error) {
	c := cursor.Cursor{Data: data}
	n := int(c.Word())
	if n > len(c.Data)/8 {
		return nil, errDamaged
	}
	d := &Dictionary{n: n, fixes: fixes, starts: c.Bytes(4 * (n + 1)), follows: c.Bytes(4 * (n + 1))}
	d.text = string(c.Bytes(int(c.Word())))
	d.postings = c.Data
	if c.Bad {
		return nil, errDamaged
	}
	return d, nil
}

// collection is a dictionary that is being made.
type collection struct {
	words []string
	where map[string][]posting
}

type posting struct {
	fix int
	in  Column
}

// words makes the dictionaries.
func (c *Content) words() [sorts]*collection {
	var all [sorts]*collection
	for s := range all {
		all[s] = &collection{where: map[string][]posting{}}
	}
	for i := range c.Fixes {
		for _, l := range c.Fixes[i].lists() {
			for _, w := range *l.words {
				all[l.sort].add(w, posting{i, l.column})
			}
		}
	}
	for _, d := range all {
		slices.Sort(d.words)
	}
	return all
}

func (d *collection) add(word string, p posting) {
	have, ok := d.where[word]
	if !ok {
		d.words = append(d.words, word)
	}
	if n := len(have); n > 0 && have[n-1].fix == p.fix {
		have[n-1].in |= p.in
		return
	}
	d.where[word] = append(have, p)
}

func (d *collection) number(word string) uint64 {
	i, _ := slices.BinarySearch(d.words, word)
	return uint64(i)
}

func (d *collection) bytes() []byte {
	var starts, follows, postings []byte
	text := strings.Join(d.words, "")
	at := 0
	for _, w := range d.words {
		starts = binary.LittleEndian.AppendUint32(starts, uint32(at))
		follows = binary.LittleEndian.AppendUint32(follows, uint32(len(postings)))
		at += len(w)
		last := 0
		for _, p := range d.where[w] {
			postings = binary.AppendUvarint(postings, uint64(p.fix-last)<<columnBits|uint64(p.in))
			last = p.fix
		}
	}
	starts = binary.LittleEndian.AppendUint32(starts, uint32(at))
	follows = binary.LittleEndian.AppendUint32(follows, uint32(len(postings)))
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(d.words)))
	b = append(append(b, starts...), follows...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	return append(append(b, text...), postings...)
}
