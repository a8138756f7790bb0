package oracle

import (
	"regexp"
	"strings"
)

// Folklore: one function has many names. In glibc the symbol is pause, the
// function of the source __libc_pause; debug data say __GI_raise for what .symtab
// calls raise and __libc_start_main_impl for __libc_start_main@@GLIBC_2.34; the
// vDSO has clock_gettime and __vdso_clock_gettime at one address; pthread_kill is
// inlined in itself as __pthread_kill_internal and __pthread_kill_implementation.
// gcc names clones and parts split.part.0, unused.constprop.0 in .symtab, but split
// and unused in debug data.
var (
	prefixes = regexp.MustCompile(`^(?:__GI_|__libc_|__vdso_|_)+`)
	suffixes = regexp.MustCompile(`(?:_implementation|_internal|_impl)$`)
)

// normalise gives the names of one function the same form, for comparisons only.
func normalise(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if dot := strings.IndexByte(name, '.'); dot > 0 {
		name = name[:dot]
	}
	if short := prefixes.ReplaceAllString(name, ""); short != "" {
		name = short
	}
	if short := suffixes.ReplaceAllString(name, ""); short != "" {
		name = short
	}
	return name
}
