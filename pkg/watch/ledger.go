package watch

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/outfile"
)

// ledger remembers the events that were reported or counted. Each is a line of a file, which is
// written through to the disk before the line counts.
type ledger struct {
	path  string
	file  *os.File
	byPID map[int][]known
	print map[string]bool
	count int
}

// known is an event of the ledger.
type known struct {
	event
	// Counted: the limiter kept it back; it has no report.
	Counted bool `json:"counted,omitempty"`
}

// Bounds of the ledger: beyond them the oldest events are forgotten.
const (
	maxKnown  = 100_000
	keptKnown = 50_000
)

// openLedger reads the ledger, and gives all that was in it. A report that was linked and has no
// line yet is there when it comes again.
func openLedger(dir string) (*ledger, []known, error) {
	l := &ledger{path: filepath.Join(dir, "events.jsonl"), byPID: map[int][]known{}, print: map[string]bool{}}
	var all []known
	whole := int64(0)
	if f, err := os.Open(l.path); err == nil {
		b := bufio.NewReaderSize(f, 1<<20)
		for {
			line, err := b.ReadString('\n')
			if err != nil { // the last line may have been cut by the end of the program
				break
			}
			var k known
			if json.Unmarshal([]byte(line), &k) == nil {
				all = append(all, k)
			}
			whole += int64(len(line))
		}
		f.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if err := f.Truncate(whole); err != nil {
		f.Close()
		return nil, nil, err
	}
	if _, err := f.Seek(whole, 0); err != nil {
		f.Close()
		return nil, nil, err
	}
	l.file = f
	for i := range all {
		l.keep(all[i])
	}
	if len(all) > maxKnown {
		return l, all, l.shrink(all[len(all)-keptKnown:])
	}
	return l, all, nil
}

func (l *ledger) keep(k known) {
	l.count++
	if k.Print != "" {
		l.print[k.Print] = true
		return
	}
	l.byPID[k.PID] = append(l.byPID[k.PID], k)
}

// has says that an event is known.
func (l *ledger) has(e *event) bool {
	if e.Print != "" {
		return l.print[e.Print]
	}
	for i := range l.byPID[e.PID] {
		if e.same(&l.byPID[e.PID][i].event) {
			return true
		}
	}
	return false
}

// add writes an event down.
func (l *ledger) add(k known) error {
	b, err := json.Marshal(&k)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(b, '\n')); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.keep(k)
	return nil
}

// shrink writes the ledger anew with the events that are left.
func (l *ledger) shrink(rest []known) error {
	var b strings.Builder
	for i := range rest {
		line, err := json.Marshal(&rest[i])
		if err != nil {
			return err
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	if err := outfile.Save(l.path, []byte(b.String())); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	l.file.Close()
	l.file, l.byPID, l.print, l.count = f, map[int][]known{}, map[string]bool{}, 0
	for i := range rest {
		l.keep(rest[i])
	}
	return nil
}

func (l *ledger) close() { l.file.Close() }

// limiter keeps reports of one kind of crash, and of all, from becoming too many.
type limiter struct {
	burst int           // reports of a key
	each  time.Duration // in which one more is allowed
	all   int           // reports of all keys within an hour
	keys  map[string]*bucket
	hour  []time.Time
}

// bucket is what the limiter knows of a key.
type bucket struct {
	left    float64
	at      time.Time // when left was right
	storm   int       // crashes that were kept back since the storm began
	begun   time.Time
	last    time.Time
	reports int
}

const maxKeys = 10_000

// allow says whether a crash of a key gets a report at a time, and whether a storm begins with it.
func (l *limiter) allow(key string, now time.Time) (ok, begins bool) {
	b := l.bucket(key, now)
	b.last = now
	if l.burst <= 0 {
		b.reports++
		return true, false
	}
	if now.After(b.at) {
		b.left = min(b.left+float64(now.Sub(b.at))/float64(l.each), float64(l.burst))
		b.at = now
	}
	for len(l.hour) > 0 && now.Sub(l.hour[0]) > time.Hour {
		l.hour = l.hour[1:]
	}
	if b.left >= 1 && len(l.hour) < l.all {
		b.left--
		b.reports++
		l.hour = append(l.hour, now)
		return true, false
	}
	if b.storm++; b.storm == 1 {
		b.begun = now
		return false, true
	}
	return false, false
}

func (l *limiter) bucket(key string, now time.Time) *bucket {
	b := l.keys[key]
	if b == nil {
		if len(l.keys) >= maxKeys { // of a hostile log; the limit of all holds
			for k, b := range l.keys {
				if b.storm == 0 {
					delete(l.keys, k)
				}
			}
		}
		b = &bucket{left: float64(l.burst), at: now}
		l.keys[key] = b
	}
	return b
}

// ended gives the storms in which nothing came for a while, and forgets them.
func (l *limiter) ended(now time.Time, quiet time.Duration) map[string]bucket {
	var out map[string]bucket
	for key, b := range l.keys {
		if b.storm > 0 && now.Sub(b.last) >= quiet {
			if out == nil {
				out = map[string]bucket{}
			}
			out[key] = *b
			b.storm = 0
		}
	}
	return out
}
