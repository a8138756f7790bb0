package watch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// waiting is a crash whose core is not there, or not whole.
type waiting struct {
	event event
	crash *crash.Crash
	text  []byte
	name  string
	until time.Time
}

// maxWaiting bounds the crashes that wait for a core.
const maxWaiting = 256

// ripen works on the windows that have what they will get.
func (w *watcher) ripen(ctx context.Context, now time.Time) error {
	for name, win := range w.windows {
		if !win.ripe(now, w.o.Quiet) {
			continue
		}
		text, cursor := win.take()
		var failed error // of ours, not of the text
		err := w.o.Analyze(ctx, text, name, nil, func(c *crash.Crash) error {
			if c.Fatal {
				failed = w.happened(ctx, c, text, name, now)
			}
			return failed
		})
		if ctx.Err() != nil {
			return nil // read again by the next run
		}
		if failed != nil {
			return failed
		}
		if err != nil {
			w.o.Note(fmt.Sprintf("%s: %v", name, err))
		}
		win.safe = cursor
	}
	return nil
}

// happened takes a crash that lines tell of: it is reported with its core, counted, or known.
func (w *watcher) happened(ctx context.Context, c *crash.Crash, text []byte, name string, now time.Time) error {
	e := eventOf(c, now)
	e.Core = text == nil
	if w.ledger.has(&e) || slices.ContainsFunc(w.waiting, func(x waiting) bool { return x.event.same(&e) }) {
		return nil
	}
	w.metrics.crash(c)
	if !w.mayReport(&e, c, now) {
		return w.ledger.add(known{e, true})
	}
	if text == nil { // of a core, which was analysed
		return w.report(ctx, &e, c, nil, name, "")
	}
	core, whole, ok := w.cores.find(e.PID, e.Time)
	announced := ok && !whole || !ok && c.Lacks(crash.LacksKept) && len(w.o.Cores) > 0
	switch {
	case ok && whole:
		return w.report(ctx, &e, c, text, name, core.path)
	case announced && len(w.waiting) < maxWaiting:
		w.waiting = append(w.waiting, waiting{e, c, text, name, now.Add(w.o.Announced)})
		return nil
	}
	return w.report(ctx, &e, c, nil, name, "")
}

// mayReport asks the limiter, and tells of a storm that begins.
func (w *watcher) mayReport(e *event, c *crash.Crash, now time.Time) bool {
	at := now
	if !e.Time.IsZero() && e.Time.Before(now) { // lines that are read late
		at = e.Time
	}
	ok, begins := w.limiter.allow(e.Key, at)
	if begins {
		w.hooks.tell(Told{Event: StormBegins, Key: e.Key, ID: "begin-" + e.id(), Time: at, Crash: c})
		w.metrics.storms(1)
	}
	if !ok {
		w.metrics.suppressed()
	}
	return ok
}

// wait reports the crashes whose core has come, or does not. Cores are looked for when some may have.
func (w *watcher) wait(ctx context.Context, now time.Time, look bool) error {
	rest := w.waiting[:0:0]
	for i := range w.waiting {
		x := &w.waiting[i]
		var core coreFile
		whole := false
		if look {
			core, whole, _ = w.cores.find(x.event.PID, x.event.Time)
		}
		switch {
		case whole:
			if err := w.report(ctx, &x.event, x.crash, x.text, x.name, core.path); err != nil {
				return err
			}
		case now.After(x.until):
			if err := w.report(ctx, &x.event, x.crash, nil, x.name, ""); err != nil {
				return err
			}
		default:
			rest = append(rest, *x)
		}
	}
	w.waiting = rest
	return nil
}

// core takes a core that no line told of. Its lines may still come.
func (w *watcher) core(ctx context.Context, c coreFile, now time.Time) error {
	e := event{PID: c.pid, Time: c.time, Core: true}
	known := func() bool {
		return w.ledger.has(&e) || slices.ContainsFunc(w.waiting, func(x waiting) bool { return x.event.same(&e) }) || w.opened()
	}
	if c.pid != 0 && known() {
		if w.opened() { // a window may tell of it: look again when that is done
			delete(w.cores.done, c.path)
		}
		return nil
	}
	var failed error
	err := w.o.Analyze(ctx, nil, "", []string{c.path}, func(x *crash.Crash) error {
		if x.Lacks(crash.LacksHAProxy) || !x.Fatal {
			return nil
		}
		if x.Time == "" {
			x.Time = c.time.Format(time.RFC3339Nano)
		}
		failed = w.happened(ctx, x, nil, "", now)
		return failed
	})
	if failed == nil && err != nil && ctx.Err() == nil {
		w.o.Note(fmt.Sprintf("%s: %v", c.path, err))
	}
	return failed
}

// opened says that lines of a crash are being gathered.
func (w *watcher) opened() bool {
	for _, win := range w.windows {
		if win.open {
			return true
		}
	}
	return false
}

// report writes the reports of an event: with its core, if there is one.
func (w *watcher) report(ctx context.Context, e *event, c *crash.Crash, text []byte, name, core string) error {
	if core != "" {
		begun := time.Now()
		found := false
		err := w.o.Analyze(ctx, text, name, []string{core}, func(x *crash.Crash) error {
			if !found && x.Process != nil && x.Process.PID == e.PID {
				c, found = x, true
			}
			return nil
		})
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			w.o.Note(fmt.Sprintf("%s: %v", core, err))
		}
		w.metrics.analysed(time.Since(begun))
	}
	path, err := w.publish(e, c)
	if err != nil {
		return err
	}
	if err := w.ledger.add(known{event: *e}); err != nil {
		return err
	}
	w.o.Note("reported " + path)
	w.hooks.crash(e, c, path)
	return nil
}
