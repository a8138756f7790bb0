package dwarf

// Bounds on what is done and kept for one file. The stacks of an HAProxy with 64
// threads take a hundredth of them.
const (
	maxWork = 1 << 25  // steps, of which each takes some nanoseconds
	maxKept = 96 << 20 // bytes
)

// budget is what may still be done for one file. Its data can ask for any amount
// of work in a few bytes: trees in which all refer to all, lists without end,
// thousands of units with a table of a million rows each. When the budget is
// spent nothing more is found in the file, as if it had no more.
type budget struct{ work, kept int }

// spend takes n steps; false if they are not left.
func (b *budget) spend(n int) bool {
	b.work += n
	return b.work <= maxWork
}

// keep takes n bytes of memory; false if they are not left.
func (b *budget) keep(n int) bool {
	b.kept += n
	return b.kept <= maxKept
}
