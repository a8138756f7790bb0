package join

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// index finds the open groups that may share the identity of a part, by the numbers of
// processes and threads and by the objects that they name. A log full of crashes has hundreds
// open at once.
type index struct {
	numbers  map[int][]*group
	pointers map[crash.Addr][]*group
}

func newIndex() index { return index{map[int][]*group{}, map[crash.Addr][]*group{}} }

// add lists g under what it got to know by c.
func (x *index) add(g *group, c *clues) {
	for _, n := range c.numbers() {
		list(x.numbers, n, g, &g.numbered)
	}
	for _, a := range c.pointers {
		list(x.pointers, a, g, &g.pointed)
	}
}

// of gives the groups that something may be of by its identity, some of them twice.
func (x *index) of(c *clues) (found []*group) {
	for _, n := range c.numbers() {
		found = append(found, x.numbers[n]...)
	}
	for _, a := range c.pointers {
		found = append(found, x.pointers[a]...)
	}
	return found
}

// remove takes g out, which was given out or went into another group.
func (x *index) remove(g *group) {
	unlist(x.numbers, g, g.numbered)
	unlist(x.pointers, g, g.pointed)
	g.numbered, g.pointed = nil, nil
}

func list[K comparable](lists map[K][]*group, key K, g *group, keys *[]K) {
	var zero K
	if key != zero && !slices.Contains(*keys, key) {
		lists[key] = append(lists[key], g)
		*keys = append(*keys, key)
	}
}

func unlist[K comparable](lists map[K][]*group, g *group, keys []K) {
	for _, key := range keys {
		lists[key] = slices.DeleteFunc(lists[key], func(o *group) bool { return o == g })
		if len(lists[key]) == 0 {
			delete(lists, key)
		}
	}
}
