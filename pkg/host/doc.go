// Package host tells whether a machine will keep what a crashing HAProxy leaves.
//
// What it knows that no other does: where a Linux machine puts cores and log lines, who
// decides that (the kernel, systemd-coredump, apport, abrt, the unit, the container, HAProxy's
// own configuration), and which of their settings lose a core.
//
// Nothing is changed and nothing is run. All is read below a root, so that the files of
// another machine can be looked at; what cannot be read is said to be unknown, with the
// reason, and is never taken for right or wrong.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package host
