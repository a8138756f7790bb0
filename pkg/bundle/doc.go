// Package bundle puts into one archive what a maintainer needs to open a small core: the core,
// slim copies of the files on its stacks, and reports. It knows which bytes of an executable a
// debugger needs to walk given stacks, and how the archive is laid out:
//
//	hacrash-bundle/README
//	hacrash-bundle/core
//	hacrash-bundle/report.md …
//	hacrash-bundle/sys/…            slim files, at the paths of the process
//	hacrash-bundle/.build-id/xx/…   links to them, as elfutils looks for them
//
// Slim files have the size, the offsets and the build-id of the whole ones, and are zero but for
// headers, notes, the symbols and call frame information of the functions on the stacks, and
// their code around the addresses there. They cannot run.
package bundle
