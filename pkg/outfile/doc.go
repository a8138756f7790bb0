// Package outfile writes a result to the file that somebody named for it.
//
// What this package knows that no other does: which files a result may take the place
// of, and how a file appears whole or not at all.
//
// # Whole or not at all
//
// A report takes minutes to write and may fail at its end. It is written to a file
// beside its place, readable for its owner alone, and takes the place by a rename
// when it is whole: until then what stood there stays, and nothing is left of a
// report that failed. A symbolic link stays, and what it leads to is replaced.
//
// # Never onto an input
//
// hacrash reads evidence, which nobody has twice. A file that is read, under whatever
// name, through a link or in a directory, is refused as a place for the result.
//
// # What is no file
//
// A pipe, a terminal or another device cannot be replaced and has nothing to keep: it
// is written through.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package outfile
