package oracle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Diff counts what two backtraces have in common. Frames that are in both are
// found as a longest common subsequence; all but the count of frames is of those.
type Diff struct {
	// Frames is the length of the longer one, SameFrames how many are in both.
	Frames, SameFrames int
	// PCs counts frames in both of which both have the address.
	PCs, SamePCs int
	// Lines counts frames in both of which they have a line.
	Lines, SameLines int
	// Args are values now, Entries those at entry.
	Args, Entries Tally
	// Locals are variables, of frames of which ours has any.
	Locals Tally
	// Differences say what is not the same, a line each.
	Differences []string
}

// Tally counts values.
type Tally struct {
	Equal, Differ int
	// Ours and Theirs are known to one side only, or one side knows more of a struct.
	Ours, Theirs int
	// Neither is unknown to both.
	Neither int
}

// compare aligns two stacks by names and compares what is aligned.
func compare(ours, theirs []Frame) Diff {
	d := Diff{Frames: max(len(ours), len(theirs))}
	i, j := 0, 0
	for _, pair := range align(ours, theirs) {
		d.lonely(ours[i:pair[0]], theirs[j:pair[1]])
		d.frame(ours[pair[0]], theirs[pair[1]])
		i, j = pair[0]+1, pair[1]+1
	}
	d.lonely(ours[i:], theirs[j:])
	return d
}

// CompareThreads compares the stacks of each thread that either side has.
func CompareThreads(ours, theirs []Thread) Diff {
	var sum Diff
	for _, t := range theirs {
		sum.Add(fmt.Sprintf("LWP %d: ", t.LWP), compare(Find(ours, t.LWP).Frames, t.Frames))
	}
	for _, t := range ours {
		if len(Find(theirs, t.LWP).Frames) == 0 && len(t.Frames) > 0 {
			sum.Add(fmt.Sprintf("LWP %d: ", t.LWP), compare(t.Frames, nil))
		}
	}
	return sum
}

// Add counts another comparison in; its differences get the prefix.
func (d *Diff) Add(prefix string, other Diff) {
	d.Frames += other.Frames
	d.SameFrames += other.SameFrames
	d.PCs += other.PCs
	d.SamePCs += other.SamePCs
	d.Lines += other.Lines
	d.SameLines += other.SameLines
	d.Args.add(other.Args)
	d.Entries.add(other.Entries)
	d.Locals.add(other.Locals)
	for _, line := range other.Differences {
		d.Differences = append(d.Differences, prefix+line)
	}
}

func (t *Tally) add(other Tally) {
	t.Equal += other.Equal
	t.Differ += other.Differ
	t.Ours += other.Ours
	t.Theirs += other.Theirs
	t.Neither += other.Neither
}

// String gives the counts in one line, then the differences.
func (d Diff) String() string {
	head := fmt.Sprintf("frames %d/%d, pcs %d/%d, lines %d/%d, args %v, entries %v, locals %v",
		d.SameFrames, d.Frames, d.SamePCs, d.PCs, d.SameLines, d.Lines, d.Args, d.Entries, d.Locals)
	return strings.Join(append([]string{head}, d.Differences...), "\n    ")
}

func (t Tally) String() string {
	return fmt.Sprintf("%d equal %d differ %d only ours %d only theirs", t.Equal, t.Differ, t.Ours, t.Theirs)
}

// same tells whether two frames are of one function. A frame without a name is told
// by its address.
func same(a, b Frame) bool {
	switch {
	case a.Signal || b.Signal:
		// eu-stack has a name for it, __restore_rt, and no mark.
		return a.Signal == b.Signal || a.PC != 0 && a.PC == b.PC
	case a.Function == "" || b.Function == "":
		return a.PC != 0 && a.PC == b.PC || a.PC == b.PC && a.Function == b.Function
	}
	return normalise(a.Function) == normalise(b.Function)
}

// align finds the longest common subsequence, as pairs of indices.
func align(ours, theirs []Frame) [][2]int {
	// longest[i][j] is the length of that of ours[i:] and theirs[j:].
	longest := make([][]int, len(ours)+1)
	for i := range longest {
		longest[i] = make([]int, len(theirs)+1)
	}
	for i := len(ours) - 1; i >= 0; i-- {
		for j := len(theirs) - 1; j >= 0; j-- {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if same(ours[i], theirs[j]) {
				longest[i][j] = max(longest[i][j], longest[i+1][j+1]+1)
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(ours) && j < len(theirs); {
		switch {
		case same(ours[i], theirs[j]) && longest[i][j] == longest[i+1][j+1]+1:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

func (d *Diff) say(format string, args ...any) {
	d.Differences = append(d.Differences, fmt.Sprintf(format, args...))
}

// lonely notes frames that one side has alone.
func (d *Diff) lonely(ours, theirs []Frame) {
	for _, f := range ours {
		d.say("only ours:   %v", f)
	}
	for _, f := range theirs {
		d.say("only theirs: %v", f)
	}
}

// frame compares two frames that are aligned.
func (d *Diff) frame(ours, theirs Frame) {
	d.SameFrames++
	where := fmt.Sprintf("#%d %s", theirs.Number, theirs.Function)
	if ours.PC != 0 && theirs.PC != 0 {
		d.PCs++
		if ours.PC == theirs.PC {
			d.SamePCs++
		} else {
			d.say("%s: pc ours %#x, theirs %#x", where, ours.PC, theirs.PC)
		}
	}
	if theirs.Line > 0 {
		d.Lines++
		if ours.Line == theirs.Line && filepath.Base(ours.File) == filepath.Base(theirs.File) {
			d.SameLines++
		} else {
			d.say("%s: line ours %s:%d, theirs %s:%d", where, ours.File, ours.Line, theirs.File, theirs.Line)
		}
	}
	d.args(where, ours.Args, theirs.Args)
	if len(ours.Locals) > 0 {
		d.locals(where, ours.Locals, theirs.Locals)
	}
}

// locals compares variables in their order: a block may hide one of the same name.
func (d *Diff) locals(where string, ours, theirs []Arg) {
	rest := theirs
	for _, a := range ours {
		i := slices.IndexFunc(rest, func(b Arg) bool { return a.Name == b.Name })
		if i < 0 {
			d.value(&d.Locals, where+" local "+a.Name, a.Value, "")
			continue
		}
		d.value(&d.Locals, where+" local "+a.Name, a.Value, rest[i].Value)
		rest = slices.Delete(slices.Clone(rest), i, i+1)
	}
	for _, a := range rest {
		d.value(&d.Locals, where+" local "+a.Name, "", a.Value)
	}
}

// args compares the arguments of two frames by name.
func (d *Diff) args(where string, ours, theirs []Arg) {
	find := func(args []Arg, name string) (Arg, bool) {
		for _, a := range args {
			if a.Name == name {
				return a, true
			}
		}
		return Arg{}, false
	}
	compare := func(ours, theirs Arg) {
		name := where + " " + theirs.Name
		d.value(&d.Args, name, ours.Value, theirs.Value)
		d.value(&d.Entries, name+"@entry", ours.Entry, theirs.Entry)
	}
	for _, theirs := range theirs {
		found, _ := find(ours, theirs.Name)
		compare(found, theirs)
	}
	for _, a := range ours {
		if _, ok := find(theirs, a.Name); !ok {
			compare(a, Arg{Name: a.Name})
		}
	}
}

// value counts one comparison, and notes it unless it is equal.
func (d *Diff) value(t *Tally, what, ours, theirs string) {
	switch sameValue(ours, theirs) {
	case equal:
		t.Equal++
		return
	case neither:
		t.Neither++
		return
	case onlyOurs:
		t.Ours++
	case onlyTheirs:
		t.Theirs++
	case differ:
		t.Differ++
	}
	d.say("%s: ours %q, theirs %q", what, ours, theirs)
}
