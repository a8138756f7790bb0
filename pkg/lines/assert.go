package lines

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// wordsOf gives the hashes of the words of a condition that tell.
func wordsOf(condition string) []byte {
	var out []byte
	for _, w := range lex.Words(condition) {
		if tells(w) {
			out = append(out, max(byte(nameHash(w))&wordBits, 1))
		}
	}
	return out
}

// telling is the hash of the first word of a condition that tells; 0 when none does.
func telling(condition string) byte {
	if w := wordsOf(condition); len(w) > 0 {
		return w[0]
	}
	return 0
}

// tells says whether a word of a condition stands in what is printed: names in capitals
// are macros and become something else.
func tells(word string) bool {
	return word != "likely" && word != "unlikely" && !lex.IsDigit(word[0]) && strings.ToUpper(word) != word
}
