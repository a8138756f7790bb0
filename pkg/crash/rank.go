package crash

// Rank says who could have written what a fact was read from. A fact of a lower rank
// never replaces one of a higher rank, and somebody's words make no fact at all.
type Rank string

// The ranks, the highest first.
const (
	// RankState: signal, registers, stack, code, HAProxy's own counters and objects.
	RankState Rank = "state"
	// RankHAProxy: printed by HAProxy where only HAProxy writes.
	RankHAProxy Rank = "haproxy"
	// RankOther: printed about HAProxy by the kernel, systemd, a container engine, a
	// debugger, a sanitizer.
	RankOther Rank = "other"
	// RankWords: the text stands where anybody could have put it: a traffic log,
	// another program's log, the heap.
	RankWords Rank = "words"
)

// Over says whether r outranks o. What has no rank is outranked by all.
func (r Rank) Over(o Rank) bool { return r.order() > o.order() }

func (r Rank) order() int {
	switch r {
	case RankState:
		return 4
	case RankHAProxy:
		return 3
	case RankOther:
		return 2
	case RankWords:
		return 1
	}
	return 0
}
