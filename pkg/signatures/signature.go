package signatures

import "github.com/hacrash/hacrash/pkg/fixes"

// Signature is one known bug and how to recognise it.
type Signature struct {
	ID    string
	Title string
	// Facts says what goes wrong, Advice what to do besides upgrading.
	Facts, Advice string
	// Evidence is what was read to write the signature.
	Evidence string

	// Bug is the bug, its fix and the releases that have it.
	fixes.Bug

	Issues     []int
	CVEs       []string
	References []string

	Require []Test
	// AnyOf: at least one of the groups must hold, each as a whole.
	AnyOf [][]Test
	// Forbid: a fact that is known and fits rules the signature out.
	Forbid []Test
	// Support adds points, none is needed.
	Support []Test

	// Unique says that the required facts fit this bug only, among bugs of the
	// same versions. Without it the verdict is never better than probable.
	Unique bool
	// Decisive are groups of facts of which one must hold, as a whole, before the
	// signature is unique; none when what is required is enough.
	Decisive [][]Test
	// Lookalikes are fixes of other bugs that crash in the same way: the signature is
	// unique in versions that have them all.
	Lookalikes []string
	// Fallback: to be tried only if no other signature fits.
	Fallback bool
}

// Test is one demand: the fact Key has one of Values. A value may have * for any
// run of characters.
type Test struct {
	Key    string
	Values []string
}

// Problem is a complaint about a signature file.
type Problem struct {
	Line, Col int
	ID        string
	Text      string
	// Note: worth a look, but it may well be right.
	Note bool
}

// keys are the facts that a test may ask for, with the points each is worth when
// it holds as a requirement; as support it is worth SupportPoints.
var keys = [...]struct {
	name   string
	points int
}{
	{"kind", 10}, {"object", 5}, {"applet", 25}, {"handler", 25}, {"state", 10},
	{"front_mux", 10}, {"back_mux", 10}, {"mux", 10}, {"proto", 5}, {"filter", 25},
	{"front_state", 15}, {"back_state", 15}, {"analyser", 15}, {"request_state", 10}, {"response_state", 10},
	{"front_applet", 25}, {"back_applet", 25}, {"mux_state", 15}, {"output", 10}, {"back_connection", 5},
	{"condition", 40}, {"condition_part", 30}, {"macro", 10}, {"file", 5},
	{"top", 20}, {"function", 20}, {"other_function", 15},
	{"address", 5}, {"instruction", 10},
	{"pool", 5}, {"pool_error", 10}, {"pool_caller", 30},
	{"signal", 2}, {"role", 10}, {"lua", 25}, {"rule", 25},
}

// SupportPoints is what a supporting fact adds.
const SupportPoints = 6

// points of a key, 0 when there is no such key.
func points(key string) int {
	for _, k := range keys {
		if k.name == key {
			return k.points
		}
	}
	return 0
}
