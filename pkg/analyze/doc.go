// Package analyze is the pipeline: it leads what the user gave through the
// rooms that know about it and hands each crash on as soon as it is whole. It
// parses nothing itself; what it alone knows is the order of the steps.
//
//	source ─┬─ text ─► logparse ───────────────────────────────┐
//	        └─ core ─► elfcore ─► postmortem ─► texts ► logparse ┴─► join ─► classify ─► sink
//
// A question about a core ([Ask]) and a text with dumps whose flags are to be named
// ([Annotate]) take shorter ways through the same rooms.
//
// The text that HAProxy left in the memory of a core goes through the same
// parser as a log, so that a core gives the facts that its log would.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package analyze
