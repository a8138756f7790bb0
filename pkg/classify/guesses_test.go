package classify

import (
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// guessedStack gives a crash a stack whose functions were named by likeness.
func guessedStack(c crash.Crash, names ...string) *crash.Crash {
	t := crash.Thread{Faulty: true}
	for _, n := range names {
		t.Frames = append(t.Frames, crash.Frame{Symbol: "sub_1c6dd0", Module: "/usr/sbin/haproxy", ModuleOffset: 0x1c6dd0, Trust: crash.TrustCFI,
			Matched: &crash.Matched{Function: n, Similarity: 0.8, Margin: 0.5}})
	}
	c.Threads = []crash.Thread{t}
	return &c
}

// TestGuessesDecideNothingAlone: for every signature, names by likeness make a match of what read
// names would, but never a known bug when nothing else speaks for it.
func TestGuessesDecideNothingAlone(t *testing.T) {
	db := load(t)
	matches := 0
	for i := range db.sigs {
		s := &db.sigs[i]
		var names []string
		for _, test := range s.Require {
			if test.Key == "function" || test.Key == "top" {
				names = append(names, test.Values[0])
			}
		}
		if names == nil || len(s.Versions.Fixed) == 0 {
			continue
		}
		c := guessedStack(crash.Crash{Kind: crash.Segfault, Process: &crash.Process{Version: "3.0.0", Executable: "/usr/sbin/haproxy"}}, names...)
		before := *c
		v := db.Classify(c)
		if v.Status == crash.Known && !withGuesses(c).bears(db, v.Matches[0].ID) {
			t.Errorf("%s: known by guesses alone", s.ID)
		}
		if c.Threads[0].Frames[0].Function != "" || before.Threads[0].Frames[0].Matched == nil {
			t.Fatal("the crash was changed")
		}
		for _, m := range v.Matches {
			matches++
			for _, because := range m.Because {
				for _, n := range names {
					if slices.Contains(strings.Fields(because), n) {
						t.Errorf("%s: %q names %s without a mark", m.ID, because, n)
					}
				}
			}
		}
	}
	if matches < 5 {
		t.Errorf("%d matches: the guesses were not used", matches)
	}
}

// TestGuessesLeaveFingerprint: a fingerprint is of what was read.
func TestGuessesLeaveFingerprint(t *testing.T) {
	c := guessedStack(crash.Crash{Kind: crash.Segfault, Process: &crash.Process{Version: "3.0.0", Executable: "/usr/sbin/haproxy"}}, "h1_process", "h1_io_cb")
	with, _ := Fingerprint(c)
	for i := range c.Threads[0].Frames {
		c.Threads[0].Frames[i].Matched = nil
	}
	if without, _ := Fingerprint(c); with != without {
		t.Errorf("%s with guesses, %s without", with, without)
	}
}
