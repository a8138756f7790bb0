// Package objects reads HAProxy's own structures out of a core: streams, applets,
// connections, tasks, proxies and what else its maintainers look at with a
// debugger.
//
// What this package knows that no other does: which structure of HAProxy holds what, and
// under which names its versions know it.
//
// # The idea
//
// The debug data of the executable says where every member of every structure
// lies, so nothing here is an offset. What is written down is how one gets from
// one object to the next: a stream has two connectors, a connector has an endpoint,
// an endpoint is an applet or a stream of a mux. Where versions differ the names
// are listed (scf since 2.6, si[0] before); a member that a version does not have
// is simply not told.
//
// # Same names as in a log
//
// The fields of a stream are called as in the dump that HAProxy prints (scf.flags,
// app1.st0, req.an), so that whatever reads a dump reads these: flags are decoded by
// the same tables, signatures compare the same facts, and a log and a core of one
// crash are compared field by field.
//
// # What is not shown
//
// Addresses, numbers, states, names of configuration objects. Never the
// contents of buffers, nor what clients sent.
//
// # Broken memory
//
// After a crash, pointers may lead anywhere. A field that cannot be read says why and
// the rest goes on; how far one object leads to others is bounded.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package objects
