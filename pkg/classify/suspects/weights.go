package suspects

// Part is one thing that speaks for a fix, or against it.
type Part int

// The parts of a score. The first ones are names that the fix and the crash
// share: the value is the square root of a sum of inverse document frequencies, 1
// for a name that one fix in a thousand has.
const (
	// Changed: the fix changes a function of the stack, Called: changed lines
	// call it, Named: its message names it.
	Changed Part = iota
	Called
	Named
	// Condition: it deals with an identifier of the condition that was printed.
	Condition
	// File: it changes a file of the crash.
	File
	// Near: it changes a file in which the functions of the stack are repaired.
	Near
	// Label: it is of a subsystem that the crash names: an applet, a mux, a filter.
	Label
	// Related: it is of a subsystem of which repairs of such functions or files are.
	Related
	// Other: it changes a function of a thread that the one at fault may have waited for.
	Other

	// SameKind: its message speaks of this way to fail, AnyCrash: of a crash
	// without saying how. 1 or 0, as those that follow.
	SameKind
	AnyCrash
	// Major: MAJOR or CRITICAL. Minor: MINOR, or not said.
	Major
	Minor
	// Leak: it speaks of a leak and nothing else.
	Leak
	// Soon is 1 for a fix of the day of the release, a third 150 days later.
	Soon
	// SoonDev is the same for builds of master, a third after 20 days.
	SoonDev
	// Fresh is 1 when the bug came the day before the release, a third when it
	// was there for 120 days.
	Fresh
	// Cited: its message names an issue, as most fixes of what users report do.
	Cited

	Parts
)

// shared says that a part is made of names.
func (p Part) shared() bool { return p <= Other }

// Weights are what one of each part is worth, in natural logarithms of odds.
type Weights struct {
	Parts [Parts]float64
	// None is the score of "none of these".
	None float64
}

// String is the name of a part.
func (p Part) String() string {
	return [...]string{
		"Changed", "Called", "Named", "Condition", "File", "Near", "Label", "Related", "Other",
		"SameKind", "AnyCrash", "Major", "Minor", "Leak", "Soon", "SoonDev", "Fresh", "Cited",
	}[p]
}
