package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
)

// Options of a watch.
type Options struct {
	// Dir holds the reports and the state.
	Dir string
	// Journal is the journalctl that is run, with arguments; nil for none. Matches choose entries.
	Journal, Matches []string
	// Since is where the journal is begun that was not read before: "-10min" if empty.
	Since string
	// Files are logs that are followed, Kernel the kernel's ring: "" for none.
	Files  []string
	Kernel string
	// Globs are patterns of logs, which come and go with containers.
	Globs []string
	// Cores are directories in which cores appear.
	Cores []string
	// Formats are written beside JSON.
	Formats []string
	// Analyze gives the crashes of a text and cores, as they are joined, one after the other.
	Analyze func(ctx context.Context, text []byte, name string, cores []string, each func(*crash.Crash) error) error
	Tool    *crash.Tool
	// Burst is how many reports of a kind of crash are made at once, Each in which time one more;
	// PerHour is for all kinds together. Burst 0 is no limit.
	Burst   int
	Each    time.Duration
	PerHour int
	// Quiet is how long nothing telling must come before a crash counts as whole.
	Quiet time.Duration
	// Once reads what there is, and ends.
	Once bool
	// Announced is how long a core is waited for that is being written.
	Announced time.Duration
	// Storm is how long nothing must come before a storm is over.
	Storm time.Duration
	Hooks Hooks
	// Note is told what people should know.
	Note func(string)
	// Ready is called when the sources are open, Alive again and again from then on.
	Ready, Alive func()

	now func() time.Time // of tests
}

// withDefaults fills in what was not said.
func (o Options) withDefaults() Options {
	if o.Since == "" {
		o.Since = "-10min"
	}
	if o.Each == 0 {
		o.Each = 10 * time.Minute
	}
	if o.PerHour == 0 {
		o.PerHour = 30
	}
	if o.Quiet == 0 {
		o.Quiet = 2 * time.Second
	}
	if o.Announced == 0 {
		o.Announced = 2 * time.Minute
	}
	if o.Storm == 0 {
		o.Storm = 10 * time.Minute
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
	if o.Alive == nil {
		o.Alive = func() {}
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// watcher is a watch at work. All but the reading of sources is done by one goroutine.
type watcher struct {
	o       Options
	reports string
	telling *scan.Set
	ledger  *ledger
	limiter limiter
	windows map[string]*window
	saved   map[string]string // cursors as they stand in the state
	cores   coreDirs
	waiting []waiting
	hooks   *hooks
	more    func() // follows logs that are new
	Metrics *Metrics
}

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

// lineOf is a line and its source.
type lineOf struct {
	source string
	entry
}

// Run watches until ctx ends. What is unreported then is read again by the next run.
func Run(ctx context.Context, o Options, m *Metrics) error {
	w, err := open(o.withDefaults(), m)
	if err != nil {
		return err
	}
	defer w.ledger.close()
	ctx, cancel := context.WithCancel(ctx)
	var readers, feeds sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	lines := make(chan lineOf, 1024)
	begin := func(s feed, cursor string) {
		w.windows[s.name()] = &window{safe: cursor}
		feeds.Go(func() { w.read(ctx, s, cursor, lines) })
	}
	for _, s := range append(w.sources(), w.matched()...) {
		cursor := w.saved[s.name()]
		if cursor == "" {
			cursor = s.end()
		}
		begin(s, cursor)
	}
	w.more = func() {
		for _, s := range w.matched() { // made since, so they are read from their beginning
			begin(s, w.saved[s.name()])
		}
	}
	if len(o.Globs) > 0 && !o.Once {
		feeds.Go(func() { <-ctx.Done() }) // there may be more of them at any time
	}
	ended := make(chan struct{})
	readers.Go(func() { feeds.Wait(); close(ended) })
	woken := make(chan struct{}, 1)
	if len(o.Cores) > 0 {
		readers.Go(func() { w.cores.wake(ctx, woken) })
		w.cores.scan(w.o.now(), !w.restarted())
	}
	w.hooks.start(ctx, &readers)
	w.o.Ready()
	err = w.loop(ctx, lines, woken, ended)
	if o.Once && ctx.Err() == nil {
		w.hooks.drain()
	}
	return err
}

func open(o Options, m *Metrics) (*watcher, error) {
	w := &watcher{
		o: o, reports: filepath.Join(o.Dir, "reports"), windows: map[string]*window{}, saved: map[string]string{}, Metrics: m,
		limiter: limiter{burst: o.Burst, each: o.Each, all: o.PerHour, keys: map[string]*bucket{}},
		cores:   coreDirs{dirs: o.Cores, seen: map[string]coreFile{}, done: map[string]bool{}},
	}
	if err := os.MkdirAll(w.reports, 0o700); err != nil {
		return nil, err
	}
	var err error
	if w.telling, err = scan.NewSet(logparse.Literals(), nil); err != nil {
		return nil, err
	}
	var past []known
	if w.ledger, past, err = openLedger(o.Dir); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Dir, err)
	}
	w.hooks = newHooks(o.Hooks, o.Note, m)
	for i := range past { // the limiter goes on where it was
		w.hooks.seen[past[i].Key] = true
		if at := past[i].Time; !at.IsZero() && o.now().Sub(at) < time.Hour {
			if _, begins := w.limiter.allow(past[i].Key, at); begins {
				m.storms(1)
			}
		}
	}
	b, err := os.ReadFile(w.state())
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if json.Unmarshal(b, &w.saved) != nil {
			o.Note(w.state() + " is damaged; the sources are read from their ends")
			w.saved = map[string]string{}
		}
	}
	return w, nil
}

func (w *watcher) state() string { return filepath.Join(w.o.Dir, "state.json") }

// restarted says that there was a watch before.
func (w *watcher) restarted() bool { return len(w.saved) > 0 || w.ledger.count > 0 }

func (w *watcher) sources() (out []feed) {
	if len(w.o.Journal) > 0 {
		out = append(out, &journal{command: w.o.Journal, matches: w.o.Matches, since: w.o.Since, once: w.o.Once})
	}
	for _, f := range w.o.Files {
		out = append(out, &logFile{path: f, poll: 250 * time.Millisecond, once: w.o.Once})
	}
	if w.o.Kernel != "" {
		out = append(out, &kernel{path: w.o.Kernel})
	}
	return out
}

// maxMatched bounds the logs that are followed.
const maxMatched = 500

// matched are the logs of the patterns that are not followed.
func (w *watcher) matched() (out []feed) {
	for _, g := range w.o.Globs {
		names, _ := filepath.Glob(g)
		for _, name := range names {
			if w.windows[name] == nil && len(w.windows)+len(out) < maxMatched {
				out = append(out, &logFile{path: name, poll: time.Second, once: w.o.Once})
			}
		}
	}
	return out
}

// read follows a source, and begins again when it ends.
func (w *watcher) read(ctx context.Context, s feed, cursor string, to chan<- lineOf) {
	const least, most = 500 * time.Millisecond, 30 * time.Second
	wait := least
	for {
		w.Metrics.source(s.name(), true)
		begun := time.Now()
		err := s.follow(ctx, cursor, func(e entry) error {
			select {
			case to <- lineOf{s.name(), e}:
				cursor = e.cursor
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if ctx.Err() != nil || w.o.Once && err == nil {
			return
		}
		w.Metrics.source(s.name(), false)
		w.o.Note(fmt.Sprintf("%s: %v; reading it again in %v", s.name(), err, wait))
		if errors.Is(err, errBadCursor) {
			cursor = ""
			s.(*journal).since = "-1h"
		} else if w.o.Once {
			return
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		if wait = min(2*wait, most); time.Since(begun) > most {
			wait = least
		}
	}
}

// loop takes what comes until ctx ends.
func (w *watcher) loop(ctx context.Context, lines <-chan lineOf, woken, ended <-chan struct{}) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	due := schedule{scanned: w.o.now(), saved: w.o.now(), look: true}
	for {
		now := w.o.now()
		select {
		case <-ctx.Done():
			return nil
		case l := <-lines:
			win := w.windows[l.source]
			at, _ := w.telling.Find(l.line, 0)
			win.add(l.entry, at >= 0, now)
			if win.text.Len() < maxWindow {
				continue
			}
		case <-woken:
			due.look = true
			continue
		case <-tick.C:
			w.o.Alive()
			if w.o.Once && isClosed(ended) && len(lines) == 0 && !w.opened() && len(w.waiting)+len(w.cores.seen) == 0 {
				return w.save()
			}
		}
		if err := w.work(ctx, now, &due); err != nil {
			return err
		}
	}
}

// schedule is when the things were done that are done now and then.
type schedule struct {
	scanned, saved time.Time
	look           bool // something appeared among the cores
}

// work does what is due.
func (w *watcher) work(ctx context.Context, now time.Time, due *schedule) error {
	const scanEach, saveEach = 10 * time.Second, time.Second
	if err := w.ripen(ctx, now); err != nil {
		return err
	}
	if due.look || len(w.cores.seen) > 0 || now.Sub(due.scanned) >= scanEach {
		due.look, due.scanned = false, now
		w.more()
		for _, c := range w.cores.scan(now, false) {
			if err := w.core(ctx, c, now); err != nil {
				return err
			}
		}
	}
	if err := w.wait(ctx, now); err != nil {
		return err
	}
	for key, b := range w.limiter.ended(now, w.o.Storm) {
		w.hooks.tell(Told{Event: StormEnds, Key: key, Count: b.storm, ID: fmt.Sprintf("storm-%d-%s", b.begun.Unix(), hash(key)), Time: b.begun})
		w.Metrics.storms(-1)
	}
	if now.Sub(due.saved) < saveEach {
		return nil
	}
	due.saved = now
	return w.save()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

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
	w.Metrics.crash(c)
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
		w.Metrics.storms(1)
	}
	if !ok {
		w.Metrics.suppressed()
	}
	return ok
}

// wait reports the crashes whose core has come, or does not.
func (w *watcher) wait(ctx context.Context, now time.Time) error {
	rest := w.waiting[:0:0]
	for i := range w.waiting {
		x := &w.waiting[i]
		core, whole, ok := w.cores.find(x.event.PID, x.event.Time)
		switch {
		case ok && whole:
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
		w.Metrics.analysed(time.Since(begun))
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

// save writes the cursors down, when they have changed. What was reported or counted up to them is
// on the disk.
func (w *watcher) save() error {
	if len(w.waiting) > 0 { // their lines are needed again
		return nil
	}
	changed := false
	for name, win := range w.windows {
		if win.safe != "" && win.safe != w.saved[name] {
			w.saved[name] = win.safe
			changed = true
		}
	}
	if !changed {
		return nil
	}
	b, err := json.Marshal(w.saved)
	if err != nil {
		return err
	}
	return replace(w.state(), b)
}
