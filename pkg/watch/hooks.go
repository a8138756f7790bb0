package watch

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// Hooks are who is told.
type Hooks struct {
	// Exec are programs with their arguments, run without a shell; the message is on their
	// standard input.
	Exec [][]string
	// URLs get the message by POST. Secret signs it: X-Hacrash-Signature is "sha256=" and the HMAC
	// of the body in hex.
	URLs   []string
	Secret string
	// Mail are addresses, to which Sendmail sends.
	Mail     []string
	Sendmail string
	// Print, when not nil, is given the messages instead of all of them.
	Print func([]byte)
	// Retry is how long is waited before the first retry; each time twice as long.
	Retry time.Duration
}

func (h *Hooks) none() bool { return len(h.Exec)+len(h.URLs)+len(h.Mail) == 0 && h.Print == nil }

// What is told of.
const (
	NewKind     = "new_kind"     // a crash of a kind that was not seen before
	StormBegins = "storm_begins" // crashes of a kind that get no report any more
	StormEnds   = "storm_ends"
	FixedBug    = "fixed_bug" // a known bug, which a release of the branch has fixed
)

// Told is the message. Everything in it was redacted.
type Told struct {
	Event string `json:"event"`
	// ID is the same when the message comes again.
	ID    string    `json:"id"`
	Key   string    `json:"key"`
	Time  time.Time `json:"time,omitzero"`
	Host  string    `json:"host,omitempty"`
	Count int       `json:"count,omitempty"` // of a storm
	// Report is the file of the report.
	Report string       `json:"report,omitempty"`
	Crash  *crash.Crash `json:"crash,omitempty"`
}

// hooks tells. It never holds the watch up: what finds no room is counted as lost.
type hooks struct {
	o       Hooks
	note    func(string)
	metrics *Metrics
	targets []*target
	seen    map[string]bool // kinds of crashes, and bugs
	pending sync.WaitGroup  // messages that are not done with
}

const (
	maxTold  = 256
	maxTries = 6
	maxHook  = 10 * time.Second
)

func newHooks(o Hooks, note func(string), m *Metrics) *hooks {
	if o.Retry == 0 {
		o.Retry = time.Minute
	}
	if o.Sendmail == "" {
		o.Sendmail = "/usr/sbin/sendmail"
	}
	h := &hooks{o: o, note: note, metrics: m, seen: map[string]bool{}}
	h.addAll()
	return h
}

// crash tells of a crash that was reported, if it is news.
func (h *hooks) crash(e *event, c *crash.Crash, path string) {
	t := Told{ID: e.id(), Key: e.Key, Time: e.Time, Host: e.Host, Report: path, Crash: c}
	if !h.seen[e.Key] {
		h.seen[e.Key] = true
		t.Event = NewKind
		h.tell(t)
	}
	if v := c.Verdict; v != nil && v.Status == crash.Known && len(v.Matches) > 0 && !h.seen["bug "+v.Matches[0].ID] {
		h.seen["bug "+v.Matches[0].ID] = true
		t.Event, t.ID = FixedBug, "fixed-"+e.id()
		h.tell(t)
	}
}

// tell puts a message into the queue.
func (h *hooks) tell(t Told) {
	if h.o.none() {
		return
	}
	if t.Crash != nil {
		c := *t.Crash
		redact.Crash(&c, redact.Options{})
		c.Text, c.Evidence, c.StartupLog = "", nil, nil // they are in the report
		t.Crash = &c
	}
	body, err := json.Marshal(&t)
	if err != nil {
		return
	}
	if h.o.Print != nil {
		h.o.Print(body)
		return
	}
	for _, to := range h.targets {
		h.pending.Add(1)
		select {
		case to.queue <- told{t, body}:
		default:
			h.pending.Done()
			h.metrics.hook("lost")
			h.note("hook " + to.name + ": a message was lost: too many wait")
		}
	}
}

// told is a message and its JSON.
type told struct {
	Told
	body []byte
}

// target is one who is told. Each has a queue, so that one that hangs keeps no other waiting.
type target struct {
	name  string
	queue chan told
	once  func(context.Context, *told) error
}

func (h *hooks) add(name string, once func(context.Context, *told) error) {
	h.targets = append(h.targets, &target{name, make(chan told, maxTold), once})
}

// addAll makes the targets.
func (h *hooks) addAll() {
	for _, argv := range h.o.Exec {
		h.add(argv[0], func(c context.Context, t *told) error { return runHook(c, argv, t.body) })
	}
	for _, url := range h.o.URLs {
		h.add(url, func(c context.Context, t *told) error { return post(c, url, h.o.Secret, t.ID, t.body) })
	}
	if len(h.o.Mail) > 0 {
		h.add("mail", func(c context.Context, t *told) error {
			return runHook(c, append([]string{h.o.Sendmail, "-oi", "--"}, h.o.Mail...), mail(&t.Told, h.o.Mail))
		})
	}
}

// start tells until ctx ends.
func (h *hooks) start(ctx context.Context, wait *sync.WaitGroup) {
	for _, to := range h.targets {
		wait.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case t := <-to.queue:
					h.send(ctx, to, &t)
					h.pending.Done()
				}
			}
		})
	}
}

// drain waits until all has been told, for a while.
func (h *hooks) drain() {
	done := make(chan struct{})
	go func() { h.pending.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(2 * maxHook):
	}
}

// send tries to tell one.
func (h *hooks) send(ctx context.Context, to *target, t *told) {
	pause := h.o.Retry
	for n := range maxTries {
		c, cancel := context.WithTimeout(ctx, maxHook)
		err := to.once(c, t)
		cancel()
		if err == nil {
			h.metrics.hook("sent")
			return
		}
		if ctx.Err() != nil {
			return
		}
		h.note(fmt.Sprintf("hook %s: %v", to.name, err))
		if n == maxTries-1 || errors.As(err, new(refused)) {
			break
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause *= 2
	}
	h.metrics.hook("failed")
}

// refused is an error that a retry does not mend.
type refused struct{ error }

func runHook(ctx context.Context, argv []string, stdin []byte) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = time.Second
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	return cmd.Run()
}

// client follows no redirection: the message is for the one that was named.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func post(ctx context.Context, url, secret, id string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return refused{err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", id)
	if secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		req.Header.Set("X-Hacrash-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode < 300:
		return nil
	case res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusRequestTimeout:
		return refused{errors.New(res.Status)}
	}
	return errors.New(res.Status)
}

// mail is the message as one for people.
func mail(t *Told, to []string) []byte {
	line := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, s)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "To: %s\nSubject: hacrash: %s: %s\nMessage-ID: <%s@hacrash>\nContent-Type: text/plain; charset=utf-8\n\n",
		line(strings.Join(to, ", ")), strings.ReplaceAll(t.Event, "_", " "), line(t.Key), line(t.ID))
	fmt.Fprintf(&b, "%s on %s at %s\n", line(t.Key), line(t.Host), t.Time.Format(time.RFC3339))
	if t.Count > 0 {
		fmt.Fprintf(&b, "%d crashes were counted without a report.\n", t.Count)
	}
	if t.Report != "" {
		fmt.Fprintf(&b, "The report is %s\n", line(t.Report))
	}
	if c := t.Crash; c != nil && c.Verdict != nil {
		fmt.Fprintf(&b, "\nVerdict: %s\n%s\n", c.Verdict.Status, line(c.Verdict.Why))
		for i, s := range c.Verdict.Next {
			fmt.Fprintf(&b, "%d. %s\n", i+1, line(s.Do))
		}
	}
	return []byte(b.String())
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
