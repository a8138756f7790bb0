package analyze_test

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/shapes"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

// reported analyses a text.
func reported(t *testing.T, db *classify.DB, text string) []*crash.Crash {
	t.Helper()
	var all []*crash.Crash
	o := analyze.Options{Stdin: strings.NewReader(text), Knowledge: db}
	res, err := analyze.Run(t.Context(), o, func(c *crash.Crash) error { all = append(all, c); return nil })
	if err != nil || len(res.Failed) > 0 {
		t.Fatal(err, res.Failed)
	}
	return all
}

// Whatever a dump was handed on through, it gives the crash that the bare text gives, with the
// host where the shape tells one.
func TestShapes(t *testing.T) {
	db := classify.Load()
	for name, lines := range shapes.Dumps() {
		want := reported(t, db, strings.Join(lines, "\n")+"\n")
		if len(want) != 1 {
			t.Fatalf("%s: %d crashes", name, len(want))
		}
		for _, sh := range shapes.All() {
			t.Run(name+"/"+sh.Name, func(t *testing.T) {
				got := reported(t, db, sh.Wrap(lines))
				if len(got) != 1 {
					t.Fatalf("%d crashes", len(got))
				}
				if got[0].Host != sh.Host {
					t.Errorf("host %q, want %q", got[0].Host, sh.Host)
				}
				if diff := cmp.Diff(without(t, want[0]), without(t, got[0])); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// The same where a text of some shape was quoted, searched, numbered or put on a page.
func TestShapesPasted(t *testing.T) {
	db := classify.Load()
	lines := shapes.Dumps()["bug"]
	want := without(t, reported(t, db, strings.Join(lines, "\n")+"\n")[0])
	for name, paste := range shapes.Pastes() {
		for _, sh := range shapes.All() {
			text := sh.Wrap(lines)
			if strings.IndexByte(text, 0) >= 0 {
				continue // no text that a page or a mail can hold
			}
			t.Run(name+"/"+sh.Name, func(t *testing.T) {
				got := reported(t, db, paste(text))
				if len(got) != 1 {
					t.Fatalf("%d crashes", len(got))
				}
				if diff := cmp.Diff(want, without(t, got[0])); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

var place = regexp.MustCompile(`lines? \d+( to \d+)?`)

// without is a crash without what its envelope told: time, host, pid and places in the text.
func without(t *testing.T, c *crash.Crash) any {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(place.ReplaceAll(b, []byte("line")), &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "time")
	delete(v, "host")
	if p, ok := v["process"].(map[string]any); ok {
		delete(p, "pid")
		delete(p, "container")
		if len(p) == 0 {
			delete(v, "process")
		}
	}
	// Where no version is known, the day of the crash is a hint for them.
	if verdict, ok := v["verdict"].(map[string]any); ok {
		delete(verdict, "suspects")
		delete(verdict, "next") // it depends on the time, the pid and whether it ran in a container
	}
	evidence, _ := v["evidence"].([]any)
	v["evidence"] = slices.DeleteFunc(evidence, func(e any) bool {
		fact := e.(map[string]any)["fact"]
		return fact == "process.pid" || fact == "host" || fact == "time"
	})
	// On one line all evidence is of one place.
	slices.SortFunc(v["evidence"].([]any), func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return v
}

// longLine reads as a document of one line: records without a crash around one of a dump.
type longLine struct {
	parts []string
	times []int
}

func (l *longLine) Read(p []byte) (int, error) {
	for len(l.parts) > 0 && l.times[0] == 0 {
		l.parts, l.times = l.parts[1:], l.times[1:]
	}
	if len(l.parts) == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.parts[0])
	if n < len(l.parts[0]) {
		l.parts = append([]string{l.parts[0][n:]}, l.parts...)
		l.times[0]--
		l.times = append([]int{1}, l.times...)
		return n, nil
	}
	l.times[0]--
	return n, nil
}

// A document of one line of any length needs no more memory than another text.
func TestLongLine(t *testing.T) {
	const size, most = 512 << 20, 64 << 20 // bytes read, and allocated in all
	record := strings.Repeat(`["1739178764123456000","Server be1/s1 is UP, reason: Layer7 check passed, check duration: 3ms"],`, 1000)
	var dump strings.Builder
	for _, s := range shapes.Dumps()["spin"] {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		dump.WriteString(`["1739178764123456000",` + string(text) + `],`)
	}
	in := &longLine{
		parts: []string{`{"data":{"resultType":"streams","result":[{"stream":{"app":"haproxy"},"values":[`, record, dump.String(), record, `["1739178764123456000","x"]]}]}}`},
		times: []int{1, size / 2 / len(record), 1, size / 2 / len(record), 1},
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	_, err := analyze.Run(t.Context(), analyze.Options{Stdin: in}, func(c *crash.Crash) error {
		n++
		if c.Kind != crash.Spinning {
			t.Error(c.Kind)
		}
		return nil
	})
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; err != nil || n != 1 || got > most {
		t.Errorf("%v, %d crashes, %d MB allocated", err, n, got>>20)
	}
}
