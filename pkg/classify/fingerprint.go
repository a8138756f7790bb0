package classify

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Fingerprint is the same for crashes that look alike: across address layouts,
// builds, line numbers and languages, and for the log and the core of one crash
// where both tell the facts it is made of. It is "HC1-", the kind and 12 hex
// digits of a hash over the facts that the rules of the kind name;
// docs/fingerprint.md explains them.
//
// Names count only when they are trusted: a nearest symbol would make two
// fingerprints of one crash.
func Fingerprint(c *crash.Crash) string {
	f := factsOf(c)
	kind := c.Kind
	if kind == "" {
		kind = crash.Unknown
	}
	sum := sha256.Sum256([]byte(strings.Join(f.identity(), "\x00")))
	return "HC1-" + string(kind) + "-" + hex.EncodeToString(sum[:6])
}

// rule makes a fingerprint. Both lists are separated by blanks.
type rule struct {
	name  string // stands first in what is hashed
	needs string // facts of which one must be known; none when empty
	facts string // what is hashed; what is not known is empty
}

// rules are those of a kind, the best first. The first one whose needs are met is
// taken; the last one needs nothing. A change makes other fingerprints of old
// crashes: it takes a new number after "HC".
func rules(k crash.Kind) []rule {
	common := []rule{
		{"functions", "functions", "signal functions"},
		{"applet", "applet", "applet"},
		{"task", "task", "task"},
		{"place", "place", "signal place"},
		{"kind", "", "signal"},
	}
	switch k {
	case crash.Spinning:
		return []rule{
			{"spin", "own_applet", "object own_applet"},
			{"spin", "front_mux back_mux", "object front_mux back_mux"},
			{"spin", "any_applet", "object any_applet"},
			{"spin", "", "object handler"},
		}
	case crash.BugOn, crash.WarnOn:
		return append([]rule{{"condition", "condition", "file condition"}}, common...)
	case crash.PoolCorruption:
		return append([]rule{{"pool", "pool_check", "pool_error pool pool_caller"}}, common...)
	}
	return common
}

// identity lists what a fingerprint is made of.
func (f *facts) identity() []string {
	var made []string
	for _, r := range rules(f.crash.Kind) {
		if r.needs != "" && !slices.ContainsFunc(strings.Fields(r.needs), f.tells) {
			continue
		}
		made = []string{r.name}
		for fact := range strings.FieldsSeq(r.facts) {
			made = append(made, f.part(fact)...)
		}
		break
	}
	return made
}

// tells says whether a fact of a rule is known.
func (f *facts) tells(fact string) bool {
	if fact == "pool_check" {
		return f.crash.Pool != nil
	}
	part := f.part(fact)
	return len(part) > 1 || len(part) == 1 && part[0] != ""
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
		return []string{f.anyApplet()}
	case "file":
		return []string{baseName(f.first("file"))}
	case "functions":
		return f.useful[:min(len(f.useful), topFunctions)]
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

// anyApplet is one applet, the same whatever the order they were found in: a
// handler that serves two applets names both, a name names one.
func (f *facts) anyApplet() string {
	if len(f.values["applet"]) == 0 {
		return ""
	}
	return slices.Min(f.values["applet"])
}

// ownApplet is the applet of a spinning object that is no stream. The master's CLI
// and the workers' have one handler.
func (f *facts) ownApplet() string {
	if f.first("object") == "STREAM" {
		return ""
	}
	if name := f.anyApplet(); name != "MCLI" {
		return name
	}
	return "CLI"
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
