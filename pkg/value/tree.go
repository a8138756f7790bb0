package value

import (
	"fmt"
)

// maxDepth of a tree: a key of 64 bits, and duplicates of a key, of which 2^48 fit
// into memory. Strings may be longer, but not in practice.
const maxDepth = 4096

// Tree walks an elastic binary tree (ebtree of HAProxy, import/ebtree.h) from its
// root, a struct eb_root, in the order of its keys. Each element is the structure in
// whose member the node lies.
func (v Value) Tree(structure, member string, limit int, yield func(Value) bool) error {
	return v.walk(Leaves, structure, member, limit, yield)
}

// Leaves walks the leaves of an elastic binary tree in the order of their keys. The
// error is a *Broken, or says that the root is not in memory.
//
// A pointer within the tree has what it points to in its lowest bit: 0 for a leaf, 1 for
// a node with two branches. Leaf and node of one element are the same structure,
// and the branches of a node are its first two pointers.
func Leaves(m Memory, root uint64, limit int, yield func(at uint64) bool) error {
	top, err := Word(m, root)
	if err != nil || top == 0 {
		return err
	}
	type link struct {
		to, from uint64
		depth    int
	}
	stack := []link{{top, root, 0}}
	nodes := map[uint64]bool{}
	for n := 0; len(stack) > 0 && n < limit; {
		l := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		at := l.to &^ 1
		switch {
		case at == 0:
			return &Broken{l.from, "a branch is null"}
		case l.to&1 == 0:
			n++
			if !yield(at) {
				return nil
			}
			continue
		case l.depth > maxDepth:
			return &Broken{at, "the tree is deeper than one can be"}
		case nodes[at]:
			return &Broken{at, "two branches lead to this node"}
		}
		nodes[at] = true
		for _, side := range [...]uint64{8, 0} { // the left one is to come first
			next, err := Word(m, at+side)
			if err != nil {
				return &Broken{l.from, fmt.Sprintf("the node %#x is not in memory", at)}
			}
			stack = append(stack, link{next, at + side, l.depth + 1})
		}
	}
	return nil
}
