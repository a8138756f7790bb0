package haproxy

import "strings"

// SourceFile is the name of one of HAProxy's source files in its tree, without the
// directory it was built in: /build/x/src/cli.c is src/cli.c. What lies in none of the
// tree's directories stays as it is and is not ok.
func SourceFile(path string) (file string, ok bool) {
	best := -1
	for _, dir := range [...]string{"src/", "include/", "addons/", "contrib/", "ebtree/"} {
		for i := strings.LastIndex(path, dir); i >= 0; i = strings.LastIndex(path[:i], dir) {
			if i == 0 || path[i-1] == '/' {
				best = max(best, i)
				break
			}
		}
	}
	if best < 0 {
		return path, false
	}
	return path[best:], true
}
