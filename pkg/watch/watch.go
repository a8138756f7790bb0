package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
	"github.com/hacrash/hacrash/pkg/outfile"
)

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
	metrics *Metrics
}

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
		o: o, reports: filepath.Join(o.Dir, "reports"), windows: map[string]*window{}, saved: map[string]string{}, metrics: m,
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
	again := now.Sub(due.scanned) >= scanEach
	look := again || due.look || len(w.cores.seen) > 0
	if again {
		due.scanned = now
		w.more()
	}
	if look {
		due.look = false
		for _, c := range w.cores.scan(now, false) {
			if err := w.core(ctx, c, now); err != nil {
				return err
			}
		}
	}
	if err := w.wait(ctx, now, look); err != nil {
		return err
	}
	for key, b := range w.limiter.ended(now, w.o.Storm) {
		w.hooks.tell(Told{Event: StormEnds, Key: key, Count: b.storm, ID: fmt.Sprintf("storm-%d-%s", b.begun.Unix(), hash(key)), Time: b.begun})
		w.metrics.storms(-1)
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
	return outfile.Save(w.state(), b)
}
