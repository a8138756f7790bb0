package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// heapErrors are the texts with which glibc's malloc ends the process, by
// abort() (malloc/malloc.c, malloc_printerr). musl crashes without a word.
var heapErrors = map[string]bool{
	"double free or corruption (!prev)":                          true,
	"double free or corruption (fasttop)":                        true,
	"double free or corruption (out)":                            true,
	"double free or corruption (top)":                            true,
	"corrupted size vs. prev_size":                               true,
	"corrupted size vs. prev_size in fastbins":                   true,
	"corrupted size vs. prev_size while consolidating":           true,
	"corrupted double-linked list":                               true,
	"corrupted double-linked list (not small)":                   true,
	"free(): invalid pointer":                                    true,
	"free(): invalid size":                                       true,
	"free(): invalid next size (fast)":                           true,
	"free(): invalid next size (normal)":                         true,
	"free(): corrupted unsorted chunks":                          true,
	"free(): double free detected in tcache 2":                   true,
	"free(): too many chunks detected in tcache":                 true,
	"free(): unaligned chunk detected in tcache 2":               true,
	"malloc(): corrupted top size":                               true,
	"malloc(): corrupted unsorted chunks":                        true,
	"malloc(): corrupted unsorted chunks 2":                      true,
	"malloc(): invalid next size (unsorted)":                     true,
	"malloc(): invalid next->prev_inuse (unsorted)":              true,
	"malloc(): invalid size (unsorted)":                          true,
	"malloc(): largebin double linked list corrupted (bk)":       true,
	"malloc(): largebin double linked list corrupted (nextsize)": true,
	"malloc(): memory corruption":                                true,
	"malloc(): memory corruption (fast)":                         true,
	"malloc(): mismatching next->prev_size (unsorted)":           true,
	"malloc(): smallbin double linked list corrupted":            true,
	"malloc(): unaligned fastbin chunk detected":                 true,
	"malloc(): unaligned fastbin chunk detected 2":               true,
	"malloc(): unaligned fastbin chunk detected 3":               true,
	"malloc(): unaligned tcache chunk detected":                  true,
	"malloc(): unsorted double linked list corrupted":            true,
	"malloc(): corrupted unsorted chunks 3":                      true,
	"malloc_consolidate(): invalid chunk size":                   true,
	"malloc_consolidate(): unaligned fastbin chunk detected":     true,
	"malloc_check_get_size: memory corruption":                   true,
	"mremap_chunk(): invalid pointer":                            true,
	"munmap_chunk(): invalid pointer":                            true,
	"realloc(): invalid next size":                               true,
	"realloc(): invalid old size":                                true,
	"realloc(): invalid pointer":                                 true,
	"break adjusted to free malloc space":                        true,
	"chunk_free(): invalid pointer":                              true,
	"invalid fastbin entry (free)":                               true,
	"tcache_thread_shutdown(): unaligned tcache chunk detected":  true,
}

// libc reads what the C library says before it calls abort(). Until 2.26 the
// text stands between stars, with the program and the address:
//
//	*** Error in `/usr/sbin/haproxy': double free or corruption (out): 0x00007f30 ***
//	*** glibc detected *** /usr/sbin/haproxy: free(): invalid pointer: 0x00007f30 ***
//	*** stack smashing detected ***: terminated
func libc(t string) (Event, bool) {
	if heapErrors[t] {
		e := heap(t, 0)
		e.Anonymous = true
		return e, true
	}
	rest, ok := strings.CutPrefix(t, "*** ")
	if !ok {
		return runtime(t)
	}
	for _, p := range [...]string{"stack smashing detected ***: ", "buffer overflow detected ***: ", "longjmp causes uninitialized stack frame ***: "} {
		after, ok := strings.CutPrefix(rest, p)
		if !ok {
			continue
		}
		// Before 2.26 the program's path stood where "<unknown>" and later nothing does.
		if program, ended := strings.CutSuffix(after, " terminated"); !ended && after != "terminated" ||
			ended && program != "<unknown>" && !haproxy.IsProgram(programOf(program)) {
			return Event{}, false
		}
		e, _ := signalled(join.Head, 6)
		e.Crash.Text = t
		e.Detail = strings.TrimSuffix(p, " ***: ")
		e.Anonymous = after == "terminated" || after == "<unknown> terminated"
		return e, true
	}
	body, ended := strings.CutSuffix(rest, " ***")
	if !ended {
		return Event{}, false
	}
	body = strings.TrimPrefix(body, "glibc detected *** ")
	if in, ok := strings.CutPrefix(body, "Error in `"); ok {
		body = strings.Replace(in, "':", ":", 1)
	} else if body == rest[:len(rest)-len(" ***")] {
		return Event{}, false
	}
	program, what, ok := strings.Cut(body, ": ")
	i := strings.LastIndex(what, ": 0x")
	if !ok || i < 0 || !haproxy.IsProgram(programOf(program)) || !heapErrors[what[:i]] {
		return Event{}, false
	}
	item, after, ok := lex.Hex(what[i+2:])
	if !ok || after != "" {
		return Event{}, false
	}
	e := heap(what[:i], item)
	e.Crash.Text = t
	return e, true
}

func heap(text string, item crash.Addr) Event {
	e, _ := signalled(join.Head, 6)
	e.Kind, e.Crash.Kind = crash.HeapCorruption, crash.HeapCorruption
	e.Crash.Text = text
	e.Crash.Pool = &crash.Pool{Error: text, Item: item}
	return e
}

// programOf takes the program off a command line: older C libraries print argv[0], and
// HAProxy's workers could have another one.
func programOf(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return strings.TrimSuffix(word, ":")
}
