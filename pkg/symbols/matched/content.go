package matched

import (
	"cmp"
	"slices"
)

// Release is what the table knows of the static functions of one release.
type Release struct {
	Version string // as the executable says it
	Machine uint16 // e_machine
	Records []Record
}

// Record is a static function of a release: its name, and by what it is known.
type Record struct {
	Label    Label
	Size     uint8 // see logSize
	Pointed  bool  // something holds or takes its address
	Features []Feature
}

// Label is a function's name. That of an exported one is kept as a hash.
type Label struct {
	Name string
	Unit string // of source; empty for functions of headers
	// Exported is hashName of one that is exported; then it has no name.
	Exported uint32
	// Header: it is defined in one, so that many units have it. Nothing is called so: such
	// functions are too much alike.
	Header bool
}

func compareLabels(a, b Label) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Exported, b.Exported))
}

// Feature is something that a function refers to, or a neighbour that it has.
type Feature struct {
	Hash      uint32 // of what it refers to, if Kind is 0
	Kind      uint8  // of the edge
	Neighbour Label
	// Weight says how rare it is, in 32nds of a natural logarithm.
	Weight uint8
}

func compareFeatures(a, b Feature) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Hash, b.Hash), compareLabels(a.Neighbour, b.Neighbour))
}

func (f Feature) key() Feature { f.Weight = 0; return f }

const weightUnit = 32

// hashName is the hash of an exported name.
func hashName(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return max(h, 1)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sortRecords puts records into the order of the table.
func sortRecords(list []Record) {
	slices.SortStableFunc(list, func(a, b Record) int {
		return cmp.Or(compareLabels(a.Label, b.Label), cmp.Compare(a.Size, b.Size), cmp.Compare(flag(a.Pointed), flag(b.Pointed)), slices.CompareFunc(a.Features, b.Features, compareFeatures))
	})
}
