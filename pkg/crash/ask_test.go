package crash

import (
	"strings"
	"testing"
)

func TestFaulty(t *testing.T) {
	two := Crash{Threads: []Thread{{Number: 1}, {Number: 2}}}
	if got := two.Faulty(); got != nil {
		t.Errorf("of two unmarked threads %d is at fault", got.Number)
	}
	two.Threads[1].Faulty = true
	if got := two.Faulty(); got != &two.Threads[1] {
		t.Error("the marked thread is not the one")
	}
	one := Crash{Threads: []Thread{{Number: 1}}}
	if one.Faulty() != &one.Threads[0] {
		t.Error("the only thread is not the one")
	}
}

func TestCulprit(t *testing.T) {
	th := Thread{Frames: []Frame{
		{Function: "abort", Lead: true}, {Lead: true}, {Function: "<signal>", Signal: true}, {Address: 7}, {Function: "process_stream"},
	}}
	if f := th.Culprit(); f != &th.Frames[3] {
		t.Errorf("an unnamed function is passed over: %+v", f)
	}
	if got := th.Interrupted(); len(got) != 2 || got[0].Address != 7 {
		t.Errorf("interrupted: %+v", got)
	}
	if f := (&Thread{}).Culprit(); f != nil {
		t.Errorf("no frames, and %+v", f)
	}
}

func TestRankOver(t *testing.T) {
	order := []Rank{RankState, RankHAProxy, RankOther, RankWords, ""}
	for i, a := range order {
		for k, b := range order {
			if a.Over(b) != (i < k) {
				t.Errorf("%q over %q: %v", a, b, a.Over(b))
			}
		}
	}
}

func TestNamed(t *testing.T) {
	v := Verdict{
		Matches:  []Match{{Fixes: []string{"a", "b"}, ExposedBy: []string{"c"}}, {Fixes: []string{"b"}, IntroducedBy: []string{"d"}}},
		Suspects: []Suspect{{Commit: "a"}, {Commit: "e"}},
	}
	if got := strings.Join(v.Named(), ""); got != "abcde" {
		t.Errorf("%s", got)
	}
}

func TestShort(t *testing.T) {
	for name, want := range map[string]string{"scb.flags": "flags", "scbx.flags": "scbx.flags", "flags": "flags"} {
		if got := (&Field{Name: name}).Short("scb"); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
