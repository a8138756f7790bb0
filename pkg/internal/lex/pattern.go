package lex

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression that is compiled when it is first asked for: a run needs few of
// them, and all together would make every start slower.
func Pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
