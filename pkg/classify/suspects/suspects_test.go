package suspects_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

func ranker(t testing.TB) *suspects.Ranker {
	t.Helper()
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := suspects.NewRanker(x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func stack(functions ...string) []suspects.Frame {
	var out []suspects.Frame
	for i, f := range functions {
		out = append(out, suspects.Frame{Function: f, Depth: i})
	}
	return out
}

func version(t testing.TB, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRank(t *testing.T) {
	x, w := ranker(t), suspects.Fitted()
	for _, c := range []struct {
		name string
		q    suspects.Query
		want string // among the first five
		say  string // of its reasons
	}{
		{"a changed function", suspects.Query{Versions: []haproxy.Version{version(t, "2.4.8")}, Kind: crash.Watchdog, Frames: stack("shctx_row_reserve_hot")},
			"b15e8a1c96", "shctx_row_reserve_hot changed by the fix"},
		{"a label", suspects.Query{Versions: []haproxy.Version{version(t, "3.2.3")}, Kind: crash.Spinning, Frames: stack("task_run_applet"), Labels: []string{"cli"}},
			"c6c2ef1f11", "subsystem cli"},
		{"by the CLI of the first case", suspects.Query{Versions: []haproxy.Version{version(t, "3.2-dev5-37e8467")}, Kind: crash.Spinning, Frames: stack("cli_io_handler"), Labels: []string{"cli"}},
			"972ce87676", "subsystem cli"},
	} {
		r, err := x.Rank(&c.q, &w)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Suspects, func(s suspects.Suspect) bool { return strings.HasPrefix(s.Fix.Commit, c.want) })
		if i < 0 {
			t.Errorf("%s: %s is not among the first %d", c.name, c.want, len(r.Suspects))
			continue
		}
		if because := strings.Join(r.Suspects[i].Because(&w), ", "); !strings.Contains(because, c.say) {
			t.Errorf("%s: because %s; want %q", c.name, because, c.say)
		}
		for _, s := range r.Suspects {
			if !s.Standing.Lacks() {
				t.Errorf("%s: %s is %s in %s", c.name, s.Fix.Commit, s.Standing.Status, c.q.Versions)
			}
		}
		if r.Sure < 0 || r.Sure > 1 {
			t.Errorf("%s: sure %g", c.name, r.Sure)
		}
	}
}

// The same question has the same answer, also when it is remembered.
func TestRemembered(t *testing.T) {
	x, w := ranker(t), suspects.Fitted()
	q := suspects.Query{Versions: []haproxy.Version{version(t, "2.4.8")}, Kind: crash.Watchdog, Frames: stack("shctx_row_reserve_hot")}
	first, err := x.Rank(&q, &w)
	if err != nil {
		t.Fatal(err)
	}
	again, err := x.Rank(&q, &w)
	if diff := cmp.Diff(first, again); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	q.Versions = []haproxy.Version{version(t, "2.8.0")}
	other, err := x.Rank(&q, &w)
	if err != nil || cmp.Equal(first, other) {
		t.Errorf("another version has the same suspects, %v", err)
	}
}

// Frames that are on every stack, or belong to no history, say nothing.
func TestNothingToTell(t *testing.T) {
	q := suspects.Query{Kind: crash.Spinning, Frames: stack("ha_crash_now", "stream_dump_and_crash", "process_stream", "run_poll_loop", "main")}
	if q.Telling() {
		t.Error("a stack of the spin guard tells something")
	}
	q.Kind = crash.Watchdog
	if !q.Telling() {
		t.Error("process_stream tells nothing of a watchdog")
	}
	x, w := ranker(t), suspects.Fitted()
	q = suspects.Query{Versions: []haproxy.Version{version(t, "2.7.9")}, Kind: crash.Segfault, Frames: stack("memcpy", "no_such_function")}
	r, err := x.Rank(&q, &w)
	if err != nil || r.Sure >= suspects.StrongFrom {
		t.Errorf("sure %g, error %v", r.Sure, err)
	}
}

// Names of old versions find fixes that speak of the new ones.
func TestRenamed(t *testing.T) {
	x := ranker(t)
	q := suspects.Query{Kind: crash.Segfault, Frames: stack("si_cs_recv")}
	all, err := x.Gather(&q)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(all, func(e suspects.Gathered) bool { return e.Name[suspects.Changed] == "sc_conn_recv" }) {
		t.Error("no fix of sc_conn_recv is found by si_cs_recv")
	}
}

// Of several releases a ranking, which looks at a part of the history, begins as one of all of it.
func TestRankOfSeveral(t *testing.T) {
	x, w := ranker(t), suspects.Fitted()
	var few, many []haproxy.Version
	for patch := range 25 {
		many = append(many, version(t, "2.8."+strconv.Itoa(patch)), version(t, "2.6."+strconv.Itoa(patch+1)))
	}
	for n := range 6 {
		few = append(few, version(t, "2.9-dev"+strconv.Itoa(n+2)))
	}
	for _, versions := range [][]haproxy.Version{few, many, many[:1], append(few, many...)} {
		q := suspects.Query{Versions: versions, Inferred: true, Kind: crash.Segfault, Frames: stack("qc_parse_pkt_frms", "qcs_free", "h1_process")}
		all, err := x.Gather(&q)
		if err != nil {
			t.Fatal(err)
		}
		score := map[string]float64{}
		var scores []float64
		for i := range all {
			s, _ := w.Settle(&all[i])
			score[all[i].Fix.Commit] = s
			scores = append(scores, s)
		}
		slices.Sort(scores)
		got, err := x.Rank(&q, &w)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range got.Suspects {
			if want := scores[len(scores)-1-i]; math.Abs(s.Score-want) > 1e-9 || math.Abs(score[s.Fix.Commit]-want) > 1e-9 {
				t.Errorf("%d versions: place %d is %s with %.3f, all in all %.3f; want %.3f", len(versions), i+1, s.Fix.Commit[:10], s.Score, score[s.Fix.Commit], want)
			}
		}
	}
}

// A build on the way to a tag has the lines of the tag, and may have a bug that the tag has not.
func TestSnapshot(t *testing.T) {
	x := ranker(t)
	for _, inferred := range []bool{true, false} {
		q := suspects.Query{Versions: []haproxy.Version{version(t, "2.9-dev5")}, Inferred: inferred, Kind: crash.Segfault, Frames: stack("h1_process")}
		all, err := x.Gather(&q)
		if err != nil {
			t.Fatal(err)
		}
		has := slices.ContainsFunc(all, func(e suspects.Gathered) bool { return strings.HasPrefix(e.Fix.Commit, "135c66f6cb") }) // first in 2.9-dev5
		if has != inferred {
			t.Errorf("inferred %v: the fix of the days before the tag is a suspect: %v", inferred, has)
		}
	}
}

// What was fixed before HAProxy printed such a thing is no suspect, nor of a time long ago when
// the day of the crash is known.
func TestSince(t *testing.T) {
	x, w := ranker(t), suspects.Fitted()
	q := suspects.Query{Kind: crash.Watchdog, Frames: stack("process_table_expire", "stktable_requeue_exp"), Since: "3.2-dev13"}
	r, err := x.Rank(&q, &w)
	if err != nil || len(r.Suspects) == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, s := range r.Suspects {
		if s.Fix.Date.Before(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s is of %s", s.Fix.Commit, s.Fix.Date)
		}
	}
	q.Since, q.Day = "", time.Date(2021, 11, 1, 0, 0, 0, 0, time.UTC)
	dated, err := x.Rank(&q, &w)
	if err != nil || dated.Suspects[0].Value[suspects.Soon] < 0.3 {
		t.Errorf("the first is of %s, %v", dated.Suspects[0].Fix.Date, err)
	}
}

func TestLater(t *testing.T) {
	for old, want := range map[string]string{
		"si_cs_recv": "cs_conn_recv sc_conn_recv", "dns_reset_resolution": "resolv_reset_resolution", "htx_wait_for_request": "http_wait_for_request",
		"__task_queue": "task_queue", "si_update": "sc_update", "h1_snd_buf": "", "": "",
	} {
		if got := strings.Join(suspects.Later(old), " "); got != want {
			t.Errorf("%s is later called %q, want %q", old, got, want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	got := suspects.Identifiers("(((&((h1s)->sd->flags))) & SE_FL_ORPHAN) != NULL && x > 0x10u")
	if want := []string{"h1s", "sd", "flags", "SE_FL_ORPHAN"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzIdentifiers(f *testing.F) {
	f.Add("c_empty(ic)")
	f.Add("\xff_&&__a__0")
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range suspects.Identifiers(s) {
			if !strings.Contains(s, w) {
				t.Errorf("%q is not in %q", w, s)
			}
		}
	})
}

func BenchmarkRank(b *testing.B) {
	x, w := ranker(b), suspects.Fitted()
	q := suspects.Query{Versions: []haproxy.Version{version(b, "2.9-dev5-efc46dede9")}, Kind: crash.Segfault,
		Frames: stack("_tasklet_wakeup_on", "h1_takeover", "conn_backend_get", "connect_server", "process_stream"), Files: []string{"backend.c"}}
	for n := 0; b.Loop(); n++ {
		q.Labels = []string{strconv.Itoa(n)} // or it would be remembered
		if _, err := x.Rank(&q, &w); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirst is what the first verdict of a run pays.
func BenchmarkFirst(b *testing.B) {
	for b.Loop() {
		ranker(b)
	}
}
