// Package advice says what somebody can do next about a crash. It knows what no other
// package does: which facts of a crash, of its verdict and of what was missing ask for
// which step, how the step is done on the machine at hand, and which steps come first.
//
// # Rules are data
//
// A rule (rules.go and the files beside it) is a condition over facts and three templates: what to do, why, and
// the command that does it. Facts (facts.go) are typed: bits, kinds, statuses and what
// is missing, never sentences of a report. Values (values.go) fill the templates. The
// rules are asked in their order, the most useful first; of those of one topic the first
// that applies is taken, and Most steps are enough for anybody.
//
// A value that is not known, or not of the shape that it must have, makes every rule that
// names it not apply. So no step has a gap in it, and each subject has a rule at its end
// that needs no value. The last rule of all needs nothing: there is always a step.
//
// # Who wrote the values
//
// Versions, paths and names come from inputs that anybody may have written, and a command
// is made to be pasted into a shell of root. So a value is printable text of a shape of
// its own, and quoted where a command holds it; what has another shape is not quoted but
// refused.
//
// # Claims
//
// A step says "if" wherever the evidence leaves it open. A production version is never
// sent to a development one.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come. The words of
// steps may change in any release.
package advice
