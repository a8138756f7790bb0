package sentences

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

// The file: magic; how many needs there are, and each; how many sentences; of each, by commit,
// the first bytes of the commit and where it stands in what follows. There: 1 if it is of no
// crash, else 0; the text; the workaround; how many needs, and the number of each. Texts are a length
// and bytes; numbers are LEB128 but for those of records.
const (
	magic      = "hasents1"
	digits     = 10
	keySize    = digits / 2
	recordSize = keySize + 3
	maxBody    = 1 << 24
)

var errDamaged = errors.New("the sentences of the program are damaged")

// book is the file, read as far as every question needs.
type book struct {
	n             int
	needs         []string
	records, body []byte
}

func open(data []byte) (*book, error) {
	rest, ok := strings.CutPrefix(string(data[:min(len(data), len(magic))]), magic)
	if !ok || rest != "" {
		return nil, errDamaged
	}
	c := cursor.Cursor{Data: data[len(magic):]}
	b := &book{needs: make([]string, c.Count(1))}
	for i := range b.needs {
		b.needs[i] = c.Text()
	}
	b.n = c.Count(recordSize)
	b.records = c.Bytes(b.n * recordSize)
	b.body = c.Data
	if c.Bad {
		return nil, errDamaged
	}
	return b, nil
}

func (b *book) key(i int) []byte { return b.records[i*recordSize : i*recordSize+keySize] }

func (b *book) at(i int) (Sentence, bool) {
	r := b.records[i*recordSize+keySize : (i+1)*recordSize]
	start := int(r[0]) | int(r[1])<<8 | int(r[2])<<16
	if start > len(b.body) {
		return Sentence{}, false
	}
	c := cursor.Cursor{Data: b.body[start:]}
	s := Sentence{Commit: hex.EncodeToString(b.key(i)), NotCrash: c.Number(1) == 1, Text: c.Text(), Workaround: c.Text()}
	for range c.Count(1) {
		if n := c.Number(len(b.needs)); n < len(b.needs) {
			s.Needs = append(s.Needs, b.needs[n])
		}
	}
	return s, !c.Bad
}

// Encode gives the file that holds sentences. The same sentences give the same bytes.
func Encode(list []Sentence) ([]byte, error) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Sentence) int { return strings.Compare(a.Commit, b.Commit) })
	var needs []string
	for _, s := range list {
		needs = append(needs, s.Needs...)
	}
	slices.Sort(needs)
	needs = slices.Compact(needs)
	out := binary.AppendUvarint([]byte(magic), uint64(len(needs)))
	for _, n := range needs {
		out = cursor.AppendText(out, n)
	}
	out = binary.AppendUvarint(out, uint64(len(list)))
	var body []byte
	for _, s := range list {
		key, err := hex.DecodeString(s.Commit)
		if err != nil || len(key) != keySize {
			return nil, fmt.Errorf("commit %q: want %d digits", s.Commit, digits)
		}
		out = append(append(out, key...), byte(len(body)), byte(len(body)>>8), byte(len(body)>>16))
		none := byte(0)
		if s.NotCrash {
			none = 1
		}
		body = cursor.AppendText(cursor.AppendText(append(body, none), s.Text), s.Workaround)
		body = binary.AppendUvarint(body, uint64(len(s.Needs)))
		for _, n := range s.Needs {
			i, _ := slices.BinarySearch(needs, n)
			body = binary.AppendUvarint(body, uint64(i))
		}
	}
	if len(body) >= maxBody {
		return nil, fmt.Errorf("%d bytes of sentences: more than the form has room for", len(body))
	}
	return append(out, body...), nil
}
