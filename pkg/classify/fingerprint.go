package classify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Fingerprint is the same for crashes that look alike: across address layouts,
// builds, line numbers and languages, and for the log and the core of one crash
// where both tell the facts it is made of. It is "HC2-", the kind and 12 hex
// digits of a hash over the facts that the rules of the kind name; docs/fingerprint.md
// explains them. It is "" where there is no fact to hash: such crashes are alike in
// nothing but their kind. Strength says how much it claims.
//
// Names count only when they are trusted: a nearest symbol would make two
// fingerprints of one crash.
func Fingerprint(c *crash.Crash) (print string, strength crash.Strength) {
	f := factsOf(c)
	r, made := f.identity()
	if made == nil {
		return "", ""
	}
	sum := sha256.Sum256([]byte(strings.Join(made, "\x00")))
	strength = crash.Weak
	if r.strong == "" || slices.ContainsFunc(strings.Fields(r.strong), f.tells) {
		strength = crash.Strong
	}
	return "HC2-" + string(cmp.Or(c.Kind, crash.Unknown)) + "-" + hex.EncodeToString(sum[:6]), strength
}

// rule makes a fingerprint. The lists are separated by blanks.
type rule struct {
	name  string // stands first in what is hashed
	needs string // facts of which one must be known
	facts string // what is hashed; what is not known is empty
	// strong are facts of which one must be known for a strong fingerprint; "" when the
	// needs suffice, never for one that is always weak.
	strong string
}

// never is no fact: a rule that asks for it is always weak.
const never = "never"

// rules are those of a kind, the best first. The first one whose needs are met is
// taken. A change makes other fingerprints of old crashes: it takes a new number
// after "HC".
func rules(k crash.Kind) []rule {
	common := []rule{
		{"functions", "functions", "signal functions", "two_functions"},
		{"applet", "applet", "applet", never},
		{"task", "task", "task", never},
		{"place", "place", "signal place", "build"},
	}
	switch k {
	case crash.Spinning:
		return []rule{
			{"spin", "own_applet", "object own_applet", ""},
			{"spin", "front_mux back_mux", "object front_mux back_mux", never},
			{"spin", "any_applet", "object any_applet", never},
			{"spin", "object handler", "object handler", "handler"},
		}
	case crash.BugOn, crash.WarnOn:
		return append([]rule{{"condition", "condition", "file condition", ""}}, common...)
	case crash.PoolCorruption:
		return append([]rule{{"pool", "pool_check", "pool_error pool pool_caller", "pool_caller"}}, common...)
	}
	return common
}

// identity is the rule that fits, and what a fingerprint is made of; nil when nothing is
// known that it could be made of.
func (f *facts) identity() (rule, []string) {
	for _, r := range rules(f.crash.Kind) {
		if !slices.ContainsFunc(strings.Fields(r.needs), f.tells) {
			continue
		}
		made := []string{r.name}
		for fact := range strings.FieldsSeq(r.facts) {
			made = append(made, f.part(fact)...)
		}
		return r, made
	}
	return rule{}, nil
}

// tells says whether a fact of a rule is known.
func (f *facts) tells(fact string) bool {
	switch fact {
	case "pool_check":
		return f.crash.Pool != nil
	case "two_functions":
		return len(f.part("functions")) > 1
	case "build":
		place := f.part("place")
		return len(place) > 2 && place[2] != ""
	}
	part := f.part(fact)
	return len(part) > 0 && part[0] != ""
}

// topFunctions is how many functions make a fingerprint: fewer would mix causes,
// more would tell callers apart.
const topFunctions = 3

// part is a fact of a rule, in the form that two crashes of one cause share. Most
// have one value, empty if it is not known.
func (f *facts) part(fact string) []string {
	switch fact {
	case "own_applet":
		return []string{f.ownApplet()}
	case "any_applet":
		return []string{oneApplet(f.values["applet"])}
	case "file":
		return []string{baseName(f.first("file"))}
	case "functions":
		return f.inner()
	case "applet":
		if list := f.values["applet"]; len(list) > 0 || len(f.useful) == 0 {
			return []string{oneApplet(list)}
		}
		return []string{oneApplet(haproxy.AppletsOfHandler(f.useful[0]))}
	case "task":
		if t := f.crash.Faulty(); t != nil && t.Task != nil && isName(t.Task.Function) {
			return []string{t.Task.Function}
		}
		return []string{""}
	case "place":
		return f.place(f.crash.Faulty())
	case "signal":
		return []string{f.signalName()}
	}
	return []string{f.first(fact)}
}

// inner are the functions nearest to the crash. An applet's handler alone says what the
// applet says, which a core without names tells too.
func (f *facts) inner() []string {
	if len(f.useful) > 0 && haproxy.AppletsOfHandler(f.useful[0]) != nil {
		return nil
	}
	list := f.useful
	if t := f.crash.Faulty(); t != nil && f.crash.Kind == crash.StackOverflow {
		// What began the recursion stands beyond it, where not every debugger looks.
		frames := t.Interrupted()
		list = usefulFunctions(frames[:min(len(frames), recursion)])
	}
	return list[:min(len(list), topFunctions)]
}

// recursion is how many frames of a stack that ran over count.
const recursion = 16

// oneApplet is one applet, the same whatever the order they were found in: a handler that
// serves two applets names both, a name names one. The master's CLI and the workers' have
// one handler.
func oneApplet(list []string) string {
	if len(list) == 0 {
		return ""
	}
	if name := slices.Min(list); name != "MCLI" {
		return name
	}
	return "CLI"
}

// ownApplet is the applet of a spinning object that is no stream.
func (f *facts) ownApplet() string {
	if f.first("object") == "STREAM" {
		return ""
	}
	return oneApplet(f.values["applet"])
}

// signalName is the signal of kinds that are made of one: the name of the kind
// says it already for the others, and a log does not always tell it.
func (f *facts) signalName() string {
	switch f.crash.Kind {
	case crash.Watchdog, crash.Panic, crash.BugOn, crash.WarnOn, crash.BlockedTraffic:
		return ""
	}
	return f.first("signal")
}

// place is module and offset of the instruction, when no name is known. Of a function that
// has one the place says nothing more: it is of one build, and texts do not tell it.
func (f *facts) place(t *crash.Thread) []string {
	if t == nil {
		return nil
	}
	if fr := t.Culprit(); fr != nil && isName(fr.Function) {
		return nil
	}
	for _, fr := range t.Frames {
		if fr.Signal || fr.Module == "" || fr.ModuleOffset == 0 {
			continue
		}
		build := ""
		for _, m := range f.crash.Modules {
			if m.Path == fr.Module || baseName(m.Path) == baseName(fr.Module) {
				build = m.BuildID
				break
			}
		}
		return []string{baseName(fr.Module), strconv.FormatUint(uint64(fr.ModuleOffset), 16), build}
	}
	return nil
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
