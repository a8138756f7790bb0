// Package trim makes a small core of a large one, without the secrets in it: keys, requests,
// configuration. It knows which bytes of a core may leave the house.
//
// Nothing is kept but what is on a list, in two classes. Exact bytes are of structures that
// are known to be harmless (ELF headers, dynamic sections, the dynamic linker's list, the vDSO)
// and numbers that are arguments of the calls on the stacks, or members of the structures that a
// report reads. Words are kept if they are zero, a pointer into the process, two small numbers,
// or a register that names an argument; all other words of kept memory become [Blank]. What is
// in no class is zero within a kept page, and pages without any class are not in the small
// core. Vector registers are dropped: they hold what was copied or encrypted last.
//
// The result is read again and compared with the list before anybody gets it ([Core]).
package trim
