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
// digits of a hash over, by kind:
//
//   - spinning: object and applet, else its handler; for a stream the two muxes
//     and, without any, its applet;
//   - bug_on, warn_on: source file and condition; without a condition the top
//     functions;
//   - pool_corruption: error, pool and caller;
//   - watchdog, panic and signals: the top useful functions of the faulty
//     thread; else its task's applet or function; else, for a signal, module and
//     offset of the place;
//   - anything else: the kind and the signal.
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

// topFunctions is how many functions make a fingerprint: fewer would mix causes,
// more would tell callers apart.
const topFunctions = 3

// identity lists what a fingerprint is made of; the first element names the rule.
func (f *facts) identity() []string {
	c := f.crash
	switch c.Kind {
	case crash.Spinning:
		return f.spinIdentity()
	case crash.BugOn, crash.WarnOn:
		if cond := f.first("condition"); cond != "" {
			return []string{"condition", baseName(f.first("file")), cond}
		}
	case crash.PoolCorruption:
		if c.Pool != nil {
			return []string{"pool", f.first("pool_error"), f.first("pool"), f.first("pool_caller")}
		}
	}
	if len(f.useful) > 0 {
		return append([]string{"functions", f.signalName()}, f.useful[:min(len(f.useful), topFunctions)]...)
	}
	if a := f.first("applet"); a != "" {
		return []string{"applet", a}
	}
	t := faulty(c)
	if t != nil && t.Task != nil && isName(t.Task.Function) {
		return []string{"task", t.Task.Function}
	}
	if place := f.place(t); place != nil {
		return place
	}
	return []string{"kind", f.signalName()}
}

func (f *facts) spinIdentity() []string {
	object := f.first("object")
	applets := slices.Clone(f.values["applet"])
	slices.Sort(applets)
	if object != "STREAM" && len(applets) > 0 {
		// A handler that serves two applets names both; a name names one.
		name := applets[0]
		if name == "MCLI" {
			name = "CLI"
		}
		return []string{"spin", object, name}
	}
	if front, back := f.first("front_mux"), f.first("back_mux"); front != "" || back != "" {
		return []string{"spin", object, front, back}
	}
	if len(applets) > 0 {
		return []string{"spin", object, applets[0]}
	}
	return []string{"spin", object, f.first("handler")}
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

// place is module and offset of the instruction, when no name is known.
func (f *facts) place(t *crash.Thread) []string {
	if t == nil {
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
		return []string{"place", f.signalName(), baseName(fr.Module), strconv.FormatUint(uint64(fr.ModuleOffset), 16), build}
	}
	return nil
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
