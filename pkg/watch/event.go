package watch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// event is a crash as it is told from others: of a host and a process, at a time.
type event struct {
	Time time.Time `json:"time,omitzero"`
	Host string    `json:"host,omitempty"`
	PID  int       `json:"pid,omitempty"`
	// Core: nothing but a core told of it.
	Core bool `json:"core,omitempty"`
	// Key is equal for crashes of the same kind: what the limiter counts by.
	Key string `json:"key"`
	// Print is a hash of what was printed: it tells events apart that have no time or no process.
	Print string `json:"print,omitempty"`
}

// How far two sightings of the death of one process may be apart. A core is written later than the
// last line, up to minutes. Lines that are read again have the same time. In a container each
// process has the number of the one before: there only the time tells deaths apart.
const (
	sameTime = 2 * time.Minute // a core and lines
	sameLine = 3 * time.Second // lines and lines
)

// eventOf makes the event of a crash. Without a date of its own it is that of now.
func eventOf(c *crash.Crash, now time.Time) event {
	e := event{Host: c.Host, Time: timeOf(c.Time, now), Key: keyOf(c)}
	if c.Process != nil {
		e.PID = c.Process.PID
	}
	if e.PID == 0 || e.Time.IsZero() {
		sum := sha256.Sum256([]byte(c.Time + "\x00" + c.Text + "\x00" + e.Key))
		e.Print = hex.EncodeToString(sum[:8])
	}
	return e
}

// keyOf is the fingerprint, or what there is of one, and the version.
func keyOf(c *crash.Crash) string {
	key := c.Fingerprint
	if key == "" {
		key = string(c.Kind) + " " + c.SignalName()
	}
	return key + " " + c.Version()
}

// timeOf reads the time of a crash: what it does not tell is of this host's zone, and of this year or
// the last one. It is zero when there is none.
func timeOf(s string, now time.Time) time.Time {
	t, form, ok := crash.ParseTime(s)
	if !ok || form == crash.Zoned {
		return t
	}
	t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), now.Location())
	if form >= crash.Yearless {
		if t = t.AddDate(now.Year(), 0, 0); t.After(now.Add(48 * time.Hour)) {
			t = t.AddDate(-1, 0, 0)
		}
	}
	return t
}

// same says that two are one: the same process at about the same time, or the same print.
func (e *event) same(o *event) bool {
	if e.Print != "" || o.Print != "" {
		return e.Print == o.Print
	}
	most := sameLine
	if e.Core || o.Core {
		most = sameTime
	}
	return e.PID == o.PID && (e.Host == o.Host || e.Host == "" || o.Host == "") && e.Time.Sub(o.Time).Abs() < most
}

// id names the event, and its report: its time and process, so that it is found again.
func (e *event) id() string {
	if e.Print != "" {
		return "unknown-" + e.Print
	}
	sum := sha256.Sum256([]byte(e.Host))
	return fmt.Sprintf("%s-%d-%s", e.Time.UTC().Format("20060102T150405.000Z"), e.PID, hex.EncodeToString(sum[:4]))
}
