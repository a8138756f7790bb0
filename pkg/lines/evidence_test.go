package lines

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

func TestOf(t *testing.T) {
	c := &crash.Crash{
		Time: "2024-02-05T10:18:21+01:00",
		Threads: []crash.Thread{
			{Frames: []crash.Frame{
				{Function: "abort", File: "abort.c", Line: 79},
				{Function: "h2_snd_buf.isra.0", File: "/build/src/mux_h2.c", Line: 6590},
				{Function: "sc_conn_send", File: "src/stconn.c", Line: 1628},
				{Signal: true},
				{Function: "sc_conn_io_cb", File: "src/stconn.c", Line: 1860},
				{Function: "", Symbol: "main+0x123"},
				{Function: "run_tasks_from_lists", File: "src/task.c", Line: 632},
				{Function: "process_stream", File: "src/stream.c", Line: 9, Trust: crash.TrustScan},
			}},
			{Frames: []crash.Frame{{Function: "run_tasks_from_lists", File: "src/task.c", Line: 632}}},
		},
		Assertion: &crash.Assertion{Condition: "a > b", File: "src/task.c", Line: 310},
	}
	want := Evidence{
		Frames: []Frame{
			{"h2_snd_buf", "/build/src/mux_h2.c", 6590, ""},
			{"sc_conn_send", "src/stconn.c", 1628, "h2_snd_buf"},
			{"sc_conn_io_cb", "src/stconn.c", 1860, ""},
			{"run_tasks_from_lists", "src/task.c", 632, ""},
		},
		Assertion: Assertion{"a > b", "src/task.c", 310},
		Day:       19758,
	}
	if got := Of(c); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestDay(t *testing.T) {
	for text, want := range map[string]int{"": 0, "Feb  5 10:18:21": 0, "1970-01-01T00:00:00Z": 0, "2024-02-05 10:00": 19758, "2024-99-05": 0} {
		if got := dayOf(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// What is released later than the day is no candidate, but a snapshot on the way to it is.
func TestDayBoundsCandidates(t *testing.T) {
	e := Evidence{Assertion: Assertion{"ocsp->refcount_instance > 0", "src/ssl_ocsp.c", 397}}
	for day, want := range map[string]string{
		"":           "2.8.6, 2.9.5 or 3.0-dev3 to 3.0-dev4",
		"2024-02-05": "2.8.6, 2.9.5 or 3.0-dev3",
		"2023-01-01": "", // the clock is wrong, or the lines are
	} {
		e.Day = dayOf(day)
		if c := e.Candidates(); c.String() != want || c.Used != 1 {
			t.Errorf("%s: %q", day, c.String())
		}
	}
}

func TestFits(t *testing.T) {
	e := Evidence{Frames: []Frame{
		{"resolv_process_responses", "src/resolvers.c", 2049, ""},
		{"dgram_fd_handler", "src/dgram.c", 25, "resolv_process_responses"},
		{"fd_update_events", "include/haproxy/fd.h", 409, "dgram_fd_handler"},
	}}
	c := e.Candidates()
	for version, want := range map[string][2]bool{
		"2.4.3": {true, true}, "2.4.3-abcdef1": {true, true}, "2.4": {true, true}, "2.4.x": {true, true}, "2.5-dev2-abcdef1-12": {true, true},
		"2.4-dev18-abcdef1": {true, true}, // on the way to dev19
		"3.0.2":             {false, true}, "3.0": {false, true}, "2.2-dev2-abcdef1": {false, true},
		"2.4.99": {}, "9.1": {}, "2.4-dev99": {}, "1.5.4": {},
	} {
		v, err := haproxy.ParseVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		fits, known := c.Fits(v)
		if got := [2]bool{fits, known}; got != want {
			t.Errorf("%s: fits %v, known %v", version, fits, known)
		}
	}
	none := Evidence{}.Candidates()
	if fits, known := none.Fits(haproxy.Version{Major: 2, Minor: 4, Patch: 3, Dev: -1, RC: -1}); fits || known {
		t.Error("nothing was compared, and something is known")
	}
}

// Only the files that are named are unpacked.
func TestUnpacksWhatIsNamed(t *testing.T) {
	tt, err := open(shipped)
	if err != nil {
		t.Fatal(err)
	}
	e := Evidence{Frames: []Frame{{"h2_snd_buf", "src/mux_h2.c", 6590, ""}, {"no_such_function", "src/stream.c", 1, ""}, {"x", "src/none.c", 1, ""}}}
	c := tt.candidates(e, tt.until(0))
	n := 0
	tt.unpacked.Range(func(any, any) bool { n++; return true })
	if n != 2 || c.Used != 1 || c.Skipped != 2 {
		t.Errorf("%d files, %d used, %d skipped", n, c.Used, c.Skipped)
	}
}

func FuzzEvidence(f *testing.F) {
	f.Add("h2_snd_buf", "src/mux_h2.c", 6590, "h2s_snd_bhdrs", "offset > buf->data", "include/haproxy/buf.h", 331, 19758)
	f.Add("", "../../..//src/mux_h2.c", -1, "h2_snd_buf", "", "", 0, -5)
	f.Add("main", "mux_h2.c", 1<<62, "\x00", strings.Repeat("(", 100), "/", 1, 1<<40)
	f.Fuzz(func(t *testing.T, function, file string, line int, callee, condition, at string, number, day int) {
		e := Evidence{
			Frames: []Frame{{function, file, line, callee}, {callee, file, number, function}}, Assertion: Assertion{condition, at, number}, Day: day,
		}
		c := e.Candidates()
		if len(c.Releases) > 0 && (c.Used == 0 || c.String() == "") {
			t.Errorf("%+v", c)
		}
	})
}
