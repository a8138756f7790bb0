package haproxy

import "strings"

// FindVersion finds the first version that HAProxy announces in text: the
// header of -v and -vv ("HA-Proxy version" up to 2.4-dev18, "HAProxy version"
// later), the "haproxy version is" notice of a start, and the "version:" line
// of a panic (src/haproxy.c, src/errors.c, src/debug.c).
func FindVersion(text string) (Version, bool) {
	best, at := Version{}, -1
	for _, lead := range [...]string{"HAProxy version ", "HA-Proxy version ", "haproxy version is ", "HAProxy info:\n  version: "} {
		for from := 0; ; {
			i := strings.Index(text[from:], lead)
			if i < 0 {
				break
			}
			from += i + len(lead)
			if at >= 0 && from > at {
				break
			}
			tail := text[from:min(len(text), from+maxVersionText)]
			if v, err := ParseVersion(tail); err == nil {
				best, at = v, from
				break
			}
		}
	}
	return best, at >= 0
}
