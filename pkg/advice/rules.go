package advice

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// rule is one thing to do, and when. Its templates hold names of values in braces.
type rule struct {
	topic topic
	when  when
	// do and why are sentences without capital and full stop.
	do, why, command string
}

// when is the condition of a rule; what is not set does not matter.
type when struct {
	status []crash.Status
	kinds  []crash.Kind
	lacks  []crash.Lack // one of them
	all    fact         // all of these bits
	none   fact         // and none of these
}

func (w *when) holds(s *situation) bool {
	return (w.status == nil || slices.Contains(w.status, s.status)) &&
		(w.kinds == nil || slices.Contains(w.kinds, s.crash.Kind)) &&
		(w.lacks == nil || slices.ContainsFunc(w.lacks, s.crash.Lacks)) &&
		s.facts&w.all == w.all && s.facts&w.none == 0
}

// topic is what a rule is about. No crash gets two steps about one.
type topic int

const (
	topicWhose topic = iota // what ended it, where that is not in HAProxy
	topicKernel
	topicManager
	topicEngine
	topicMemory
	topicGrowth
	topicOld
	topicWarning
	topicFix // the release to take
	topicPackage
	topicAvoid
	topicCompare
	topicBinary
	topicPatches
	topicSuspect
	topicVersion
	topicNewest
	topicBranch
	topicModule
	topicExecutable
	topicNames
	topicLibraries
	topicWhole
	topicLines
	topicCore
	topicDump
	topicWatch
	topicStacks
	topicCheck
	topicReport
	topicAny
)

// rules in the order in which they are asked.
var rules = slices.Concat(endRules, bugRules, evidenceRules, watchRules, lastRules)

// Groups of kinds and statuses.
var (
	open    = []crash.Status{crash.UnknownBug, crash.Suspects, crash.CannotTell}
	matched = []crash.Status{crash.Known, crash.Probable}
)
