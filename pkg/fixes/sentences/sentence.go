package sentences

import (
	_ "embed"
	"encoding/hex"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/fixes"
)

//go:generate go run ./internal/gen . sentences.bin

//go:embed sentences.bin
var compiled []byte

// Sentence is what is said of a fix.
type Sentence struct {
	// Commit is that of master, 10 digits.
	Commit string
	Text   string
	// Needs must all be met for the bug to strike; each may have alternatives with a bar
	// between them. None: any HAProxy may have it.
	Needs []string
	// Workaround keeps the bug away until the upgrade; mostly empty.
	Workaround string
	// NotCrash: the message speaks of a crash, and the fix is of none.
	NotCrash bool
}

// Of finds what is said of a commit, by 10 of its digits or more.
func Of(commit string) (Sentence, bool) {
	if len(commit) < digits {
		return Sentence{}, false
	}
	key, err := hex.DecodeString(commit[:digits])
	if err != nil {
		return Sentence{}, false
	}
	b := shipped()
	i := sort.Search(b.n, func(i int) bool { return string(b.key(i)) >= string(key) })
	if i == b.n || string(b.key(i)) != string(key) {
		return Sentence{}, false
	}
	return b.at(i)
}

// Crash says whether a fix is of a crash: its message speaks of one, and nobody who read it says
// that it is of none.
func Crash(f *fixes.Fix) bool {
	if !f.Crash() {
		return false
	}
	said, ok := Of(f.Commit)
	return !ok || !said.NotCrash
}

// All gives all of them, by commit.
func All() []Sentence {
	b := shipped()
	list := make([]Sentence, 0, b.n)
	for i := range b.n {
		if s, ok := b.at(i); ok {
			list = append(list, s)
		}
	}
	return list
}

// Words are the words that must stand in a configuration for one bug or another.
func Words() []string {
	var list []string
	for _, need := range shipped().needs {
		for w := range strings.SplitSeq(need, "|") {
			if name, is := strings.CutPrefix(w, "word:"); is {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var shipped = sync.OnceValue(func() *book {
	b, err := open(compiled)
	if err != nil {
		panic(err) // it is a part of the program
	}
	return b
})
