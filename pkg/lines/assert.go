package lines

import "github.com/hacrash/hacrash/pkg/internal/lex"

// wordsOf gives the hashes of the words of a condition that tell.
func wordsOf(condition string) []byte {
	var out []byte
	start := -1
	for i := 0; i <= len(condition); i++ {
		if i < len(condition) && lex.IsWord(condition[i]) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && tells(condition[start:i]) {
			out = append(out, max(byte(nameHash(condition[start:i]))&wordBits, 1))
		}
		start = -1
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
	if word == "" || word == "likely" || word == "unlikely" || word[0] >= '0' && word[0] <= '9' {
		return false
	}
	for i := range len(word) {
		if word[i] >= 'a' && word[i] <= 'z' {
			return true
		}
	}
	return false
}
