package join

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// The index finds the group that a comparison with every open one finds.
func TestIndexFindsTheBestGroup(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	kinds := []crash.Kind{crash.Spinning, crash.BugOn, crash.Watchdog, crash.Segfault, crash.BlockedTraffic, ""}
	signals := []string{"", "", "SIGILL", "SIGSEGV", "SIGABRT"}
	start := time.Date(2025, 5, 6, 1, 0, 0, 0, time.UTC)
	part := func(seq int) Part {
		p := Part{
			Role: []Role{Head, Body, Kernel, Coredump, Exit, Warning}[r.IntN(6)],
			PID:  r.IntN(3) * (100 + r.IntN(30)), Prefix: r.IntN(2) * (100 + r.IntN(30)),
			Seq: int64(seq * r.IntN(40)), Input: []string{"a", "b"}[r.IntN(2)], Stream: []string{"s", "t"}[r.IntN(2)],
		}
		if r.IntN(2) == 0 {
			p.Time = start.Add(time.Duration(seq*r.IntN(20)) * time.Second)
		}
		for range r.IntN(3) {
			p.Pointers = append(p.Pointers, crash.Addr(r.IntN(60)))
		}
		p.Crash.Kind, p.Crash.Fatal = kinds[r.IntN(len(kinds))], p.Role != Warning
		if s := signals[r.IntN(len(signals))]; s != "" {
			p.Crash.Signal = &crash.Signal{Name: s}
		}
		if p.Crash.Kind == crash.Spinning {
			p.Crash.Spin = &crash.Spin{Address: crash.Addr(r.IntN(60)), Rate: int64(r.IntN(3))}
		}
		if p.Crash.Kind == crash.BlockedTraffic {
			p.Crash.Blocked = &crash.Blocked{Thread: r.IntN(3)}
		}
		return p
	}
	joined := 0
	for range 20 {
		j := New(Options{MaxOpen: 40}, func(*crash.Crash) error { return nil })
		for seq := range 400 {
			p := part(seq)
			c := cluesOf(&p)
			var want *group
			most := nearThread
			for i := len(j.open) - 1; i >= 0; i-- {
				// A group that took an older one is as old as that.
				g := j.open[i]
				if s := match(&g.clues, &c); s > most || s == most && s >= sameMaster && g.order > want.order {
					want, most = g, s
				}
			}
			if got := j.find(&c); got != want {
				t.Fatalf("part %d: %+v goes elsewhere than to the best of all (%d)", seq, p, most)
			}
			if want != nil {
				joined++
			}
			if err := j.Add(p); err != nil {
				t.Fatal(err)
			}
		}
		for len(j.open) > 0 {
			if err := j.close(0); err != nil {
				t.Fatal(err)
			}
		}
		if len(j.index.numbers)+len(j.index.pointers) > 0 {
			t.Fatalf("the index still lists %d numbers and %d objects", len(j.index.numbers), len(j.index.pointers))
		}
	}
	if joined < 1000 {
		t.Fatalf("only %d parts found a group", joined)
	}
}
