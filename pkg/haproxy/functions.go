package haproxy

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// The table of the functions that HAProxy had from 2.0-dev0 on, static ones, those of
// its imported libraries and of optional parts among them; made by internal/flagsgen.
// Names that other programs have too (main, cleanup, XXH64) are left out: they tell
// nothing of whose stack it is.
//
// Of each name 28 bits of a hash are kept, in the order of the hash: functionBuckets+1
// places in the list, then the list, all of two bytes, the low one first. The upper 12 bits
// of the hash are the bucket and the others stand in the list. With n names a foreign one
// passes with probability n/2^28: with 10,500, one of some 25,000.
//
//go:embed data/functions.bin
var functionData string

const (
	functionBuckets = 1 << 12
	functionHead    = 2 * (functionBuckets + 1)
)

// IsFunction says whether the name is one that HAProxy, and hardly any other program,
// gives a function. What compilers append (.isra.0, .part.1, .cold) does not count.
func IsFunction(name string) bool {
	name, _, _ = strings.Cut(name, "@") // the version of a dynamic symbol
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	if name == "" {
		return false
	}
	bucket, rest := functionHash(name)
	low, high := int(functionWord(2*bucket)), int(functionWord(2*bucket+2))
	for ; low < high; low++ {
		if functionWord(functionHead+2*low) == rest {
			return true
		}
	}
	return false
}

func functionWord(at int) uint16 {
	return uint16(functionData[at]) | uint16(functionData[at+1])<<8
}

// functionHash is FNV-1a of 64 bits, folded.
func functionHash(name string) (bucket int, rest uint16) {
	h := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	h ^= h >> 32
	h ^= h >> 16
	return int(h>>16) & (functionBuckets - 1), uint16(h)
}

// EncodeFunctions makes the table.
func EncodeFunctions(names map[string]bool) ([]byte, error) {
	var all []int
	for name := range names {
		bucket, rest := functionHash(name)
		all = append(all, bucket<<16|int(rest))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > 1<<16-1 {
		return nil, fmt.Errorf("%d functions: a place in the list has 16 bits", len(all))
	}
	data := make([]byte, 0, functionHead+2*len(all))
	for bucket := range functionBuckets + 1 {
		n, _ := slices.BinarySearch(all, bucket<<16)
		data = append(data, byte(n), byte(n>>8))
	}
	for _, h := range all {
		data = append(data, byte(h), byte(h>>8))
	}
	return data, nil
}
