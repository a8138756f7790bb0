// Package haconf tells what a configuration of HAProxy uses: features, in the words of one
// vocabulary, and directives. It knows what no other package does: how HAProxy cuts lines into
// words, which line asks for which feature, what is on by default in which version, and what
// no configuration shows.
//
// # Used, possible, not used
//
// Nothing is executed or looked up: no environment, no file that a line names, no
// condition. So there are three answers. A feature is used when a line says so. It is not
// used when it would need a line and there is none. Else it is possible: an option of the command
// line asks for it (-W), a command on the CLI does, a variable may hold it, it stands between
// .if and .endif, a list of certificates may ask for it, it depends on the moment.
// Whoever asks for what a bug needs must treat what is possible as used.
//
// # Nothing of it gets out
//
// A configuration has passwords, addresses and names of customers. What Config keeps
// are words of this package's tables, the kind of a section, names of files, numbers of lines.
// Errors have no more. A test plants secrets everywhere.
//
// # Whose file it is
//
// HAProxy's begin with a section. A file that does not, or most of whose lines begin with
// no directive, is refused: an answer from another program's file would be a false one. Single
// lines that HAProxy would refuse are counted, and what they may have said is possible.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package haconf
