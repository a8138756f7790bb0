// Package affects says which of HAProxy's crash fixes matter to one HAProxy: those that its
// version lacks, and whose bug needs nothing but what its configuration and its build have. It
// knows what no other package does: what to make of a version that is none, of the name of a
// subsystem as people write it, which fix is the most dangerous, and which release closes how many.
//
// How a version stands to a fix is told by package fixes, what a bug needs by
// package fixes/sentences, what is in use by package haconf. Where one of them cannot
// tell, the fix counts.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package affects
