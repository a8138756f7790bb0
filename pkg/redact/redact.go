package redact

import "github.com/hacrash/hacrash/pkg/crash"

// Options says what may stay in a report.
type Options struct {
	// Off keeps everything; what would have gone is counted as held.
	Off bool
	// Strings keeps the text that pointers of a debugger lead to, scrubbed of
	// secrets like all other text. What a name says to be a secret goes.
	Strings bool
}

// Report takes secrets out of r in place, crashes, groups and inputs. Addresses of
// machines and names of proxies stay, for maintainers need them; Holdings says so. A second
// call changes nothing and returns the same.
func Report(r *crash.Report, o Options) Holdings {
	var h Holdings
	for i := range r.Crashes {
		h.Add(Crash(&r.Crashes[i], o))
	}
	h.Add(Rest(r, o))
	return h
}

// Rest is Report for what a report has beside its crashes.
func Rest(r *crash.Report, o Options) Holdings {
	w := newWalker(o)
	rest := *r
	rest.Crashes = nil
	w.walk(&rest)
	r.Schema, r.Tool, r.Inputs, r.Groups = rest.Schema, rest.Tool, rest.Inputs, rest.Groups
	return w.holdings()
}

// Crash is Report for one crash.
func Crash(c *crash.Crash, o Options) Holdings {
	w := newWalker(o)
	w.reading.near = placesOf(c).near
	w.reading.debugger = isDebugger(c.Text)
	w.holds(c)
	w.walk(c)
	return w.holdings()
}

// Object is Report for one of HAProxy's structures, as hacrash inspect shows it.
func Object(o *crash.Object, opts Options) Holdings {
	w := newWalker(opts)
	w.walk(o)
	return w.holdings()
}

// Version is a version as it may be shown.
func Version(s string) string { return newWalker(Options{}).shaped(s, marks()["Process.Version"]) }
