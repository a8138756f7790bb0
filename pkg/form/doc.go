// Package form makes a report to HAProxy's bug tracker of a crash. It knows what no other
// package does: what the tracker takes (GitHub's limits of an issue and of a link that fills its
// form), what to do with what does not fit, which questions the maintainers ask next for each kind
// of crash, and how to ask a haproxy executable about itself.
//
// What the boxes say is decided in pkg/report, which also knows their names; here they are put where
// they can be sent from: files, one body for gh, a link.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package form
