// Package fault knows what may go wrong while a program runs that is no error of
// its input: memory that goes away, and bugs of our own.
//
// What this package knows that no other does: which panic is a fault of a mapped
// file, and how any other one reaches whoever must hear of it.
//
// # Faults of mapped files
//
// Executables and their debug files are mapped. One that is cut while it is read, or
// whose disk or server goes away, faults on the pages that are gone. [Guard] makes
// that an error, where it is read, and nothing else: the panic must be a memory
// fault, and its address must lie in a mapping that the caller knows to be its own.
// A nil map, an index out of range, a nil pointer are bugs. They pass.
//
// # Bugs
//
// A bug must be seen, and must not take away what was found before it. So a panic
// goes up to the place where one thing ends and an independent one begins (an
// input, a crash that is whole, the command), and there [Catch] makes it an
// [Internal] error, which says in one line what happened and asks to report it.
//
// A panic in a goroutine ends the process, whatever its parent is ready for. So
// goroutines are started with [Go], which keeps the panic for the one who waits; a
// goroutine that nobody waits for would hide it.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package fault
