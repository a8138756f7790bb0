package join

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// index finds the open groups that may share the identity of a part, by the pids and the
// objects that they name. A log full of crashes has hundreds open at once.
type index struct {
	pids     map[int][]*group
	pointers map[crash.Addr][]*group
}

func newIndex() index { return index{map[int][]*group{}, map[crash.Addr][]*group{}} }

// add lists g under what p brought to it.
func (x *index) add(g *group, p *Part) {
	for _, pid := range [...]int{p.PID, p.Prefix} {
		list(x.pids, pid, g)
	}
	for _, a := range p.Pointers {
		if g.pointers[a] { // not beyond its cap
			list(x.pointers, a, g)
		}
	}
}

// of gives the groups that p may be of by its identity, some of them twice.
func (x *index) of(p *Part) []*group {
	found := slices.Concat(x.pids[p.PID], x.pids[p.Prefix])
	for _, a := range p.Pointers {
		found = append(found, x.pointers[a]...)
	}
	return found
}

// remove takes g out, which was given out or went into another group.
func (x *index) remove(g *group) {
	for pid := range g.pids {
		unlist(x.pids, pid, g)
	}
	for a := range g.pointers {
		unlist(x.pointers, a, g)
	}
}

func list[K comparable](lists map[K][]*group, key K, g *group) {
	var zero K
	if key != zero && !slices.Contains(lists[key], g) {
		lists[key] = append(lists[key], g)
	}
}

func unlist[K comparable](lists map[K][]*group, key K, g *group) {
	at := slices.Index(lists[key], g)
	switch {
	case at < 0:
	case len(lists[key]) == 1:
		delete(lists, key)
	default:
		lists[key] = slices.Delete(lists[key], at, at+1)
	}
}
