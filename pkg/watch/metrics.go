package watch

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Metrics are what a monitoring system asks for, in the text format of Prometheus 0.0.4. Labels are
// few whatever the logs hold: kinds, verdicts and bugs that are known, and the sources that were
// named.
type Metrics struct {
	mu           sync.Mutex
	crashes      map[[2]string]int // by kind and verdict
	bugs         map[string]int
	up           map[string]bool
	hooks        map[string]int
	kept, storm  int
	last         time.Time
	analyses     int
	analysisTime time.Duration
	started      time.Time
}

// NewMetrics begins to count.
func NewMetrics() *Metrics {
	return &Metrics{crashes: map[[2]string]int{}, bugs: map[string]int{}, up: map[string]bool{}, hooks: map[string]int{}, started: time.Now()}
}

func (m *Metrics) crash(c *crash.Crash) {
	m.mu.Lock()
	defer m.mu.Unlock()
	verdict := "none"
	if v := c.Verdict; v != nil {
		verdict = string(v.Status)
		if v.Status == crash.Known && len(v.Matches) > 0 && len(m.bugs) < 1000 {
			m.bugs[v.Matches[0].ID]++
		}
	}
	m.crashes[[2]string{string(c.Kind), verdict}]++
	m.last = time.Now()
}

func (m *Metrics) source(name string, up bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.up[name] = up
}

func (m *Metrics) hook(result string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks[result]++
}

func (m *Metrics) suppressed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept++
}

func (m *Metrics) storms(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.storm += n
}

func (m *Metrics) analysed(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.analyses++
	m.analysisTime += d
}

// label is the value of a label, escaped.
var label = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// Write writes them.
func (m *Metrics) Write(w io.Writer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	family := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	family("hacrash_crashes_total", "counter", "Crashes of HAProxy that were seen, by kind and verdict.")
	keys := slices.SortedFunc(maps.Keys(m.crashes), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	for _, k := range keys {
		fmt.Fprintf(&b, "hacrash_crashes_total{kind=\"%s\",verdict=\"%s\"} %d\n", label.Replace(k[0]), label.Replace(k[1]), m.crashes[k])
	}
	family("hacrash_known_bugs_total", "counter", "Crashes of bugs that are known and fixed, by the name of the bug.")
	for _, k := range slices.Sorted(maps.Keys(m.bugs)) {
		fmt.Fprintf(&b, "hacrash_known_bugs_total{bug=\"%s\"} %d\n", label.Replace(k), m.bugs[k])
	}
	family("hacrash_suppressed_total", "counter", "Crashes that were counted without a report.")
	fmt.Fprintf(&b, "hacrash_suppressed_total %d\n", m.kept)
	family("hacrash_storms", "gauge", "Kinds of crashes of which more come than get reports.")
	fmt.Fprintf(&b, "hacrash_storms %d\n", max(m.storm, 0))
	family("hacrash_hooks_total", "counter", "Messages to hooks, by what came of them.")
	for _, k := range slices.Sorted(maps.Keys(m.hooks)) {
		fmt.Fprintf(&b, "hacrash_hooks_total{result=\"%s\"} %d\n", label.Replace(k), m.hooks[k])
	}
	family("hacrash_source_up", "gauge", "Whether a source of lines is being read.")
	for _, k := range slices.Sorted(maps.Keys(m.up)) {
		up := 0
		if m.up[k] {
			up = 1
		}
		fmt.Fprintf(&b, "hacrash_source_up{source=\"%s\"} %d\n", label.Replace(k), up)
	}
	family("hacrash_analysis_seconds", "summary", "Time that the analysis of cores took.")
	fmt.Fprintf(&b, "hacrash_analysis_seconds_sum %g\nhacrash_analysis_seconds_count %d\n", m.analysisTime.Seconds(), m.analyses)
	family("hacrash_last_crash_timestamp_seconds", "gauge", "When the last crash was seen; 0 for none.")
	last := 0.0
	if !m.last.IsZero() {
		last = float64(m.last.UnixMilli()) / 1000
	}
	fmt.Fprintf(&b, "hacrash_last_crash_timestamp_seconds %g\n", last)
	family("hacrash_start_time_seconds", "gauge", "When this program began to watch.")
	fmt.Fprintf(&b, "hacrash_start_time_seconds %g\n", float64(m.started.UnixMilli())/1000)
	_, err := io.WriteString(w, b.String())
	return err
}

// ServeHTTP answers a scrape.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_ = m.Write(w)
}
