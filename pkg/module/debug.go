package module

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/debuginfod"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// findDebug searches the file with the DWARF data.
func (m *Module) findDebug() {
	f := m.File()
	if f != nil && f.Has(".debug_info") {
		m.debug = f
		return
	}
	if m.VDSO {
		return
	}
	id := m.buildID()
	if f == nil && id == "" {
		return
	}
	// What has the build-id is the one.
	for _, p := range m.debugByID(id) {
		if m.tryDebug(p, id, nil) {
			return
		}
	}
	if f != nil {
		if name, crc, ok := f.DebugLink(); ok {
			for _, p := range m.debugLinkPlaces(name) {
				if m.tryDebug(p, id, &crc) {
					return
				}
			}
		}
	}
	for _, a := range m.set.archivedFor(m.Module, id) {
		if d := a.open(m.set); d != nil && m.takeDebug(d, id, nil) {
			return
		}
	}
	if !m.Main && !m.set.o.LibraryDebug {
		return
	}
	if p, ok := m.set.fetch(id, debuginfod.DebugInfo, &m.debugMisses); ok {
		m.tryDebug(p, id, nil)
	}
}

// buildID is that of the core, or of the file if the core has none.
func (m *Module) buildID() string {
	if m.BuildID == "" && m.File() != nil {
		return m.File().BuildID()
	}
	return m.BuildID
}

// debugByID gives where debug files lie that the build-id must vouch for.
//
// Folklore: people pass the debug file as executable. Before build-ids debug
// files were called as the file itself, or with .debug behind; that is where
// HAProxy looks when it collects its libraries.
func (m *Module) debugByID(id string) []place {
	if id == "" {
		return nil
	}
	places := m.set.buildIDPlaces(id, ".debug")
	if given := m.set.o.Executable; m.Main && given != "" && (m.file == nil || m.file.Path != given) {
		places = append(places, thisVery(given))
	}
	if strings.HasPrefix(m.Path, "/") {
		places = append(places, m.set.debugPlaces(m.Path)...)
		places = append(places, m.set.debugPlaces(m.Path+".debug")...)
	}
	return places
}

// debugLinkPlaces gives where a debug link may point (gdb's manual, "Debugging
// Information in Separate Files").
func (m *Module) debugLinkPlaces(name string) []place {
	var places []place
	for _, dir := range dirsOf(m.file.Path) {
		places = append(places, inDir(dir, name), inDir(dir, ".debug/"+name))
	}
	if dir := filepath.Dir(m.Path); filepath.IsAbs(dir) {
		places = append(places, m.set.debugPlaces(filepath.Join(dir, name))...)
	}
	return places
}

// dirsOf gives the directories of a path and of what its links lead to.
func dirsOf(path string) []string {
	dirs := []string{filepath.Dir(path)}
	if to, err := filepath.EvalSymlinks(path); err == nil && filepath.Dir(to) != dirs[0] {
		dirs = append(dirs, filepath.Dir(to))
	}
	return dirs
}

func (m *Module) tryDebug(p place, id string, crc *uint32) bool {
	d := m.set.openOr(p, &m.debugMisses)
	return d != nil && m.takeDebug(d, id, crc)
}

// takeDebug takes a debug file if it belongs to the module. It returns true if
// no better one need be searched; one with only a symbol table is kept, but does
// not end the search.
func (m *Module) takeDebug(d *elffile.File, id string, crc *uint32) bool {
	why := belongs(d, id, crc)
	switch {
	case why != "":
		m.debugMisses = append(m.debugMisses, miss{d.Path, why, true})
	case d.Has(".debug_info"):
		if m.debug != nil {
			m.set.drop(m.debug)
		}
		m.set.held[d] = m
		m.debug = d
		return true
	case !d.Has(".symtab"):
		m.debugMisses = append(m.debugMisses, miss{d.Path, "it has neither debug data nor a symbol table", false})
	case m.debug == nil:
		m.set.held[d] = m
		m.debug = d
		return false
	}
	m.set.drop(d)
	return false
}

// belongs says why a debug file is not that of a build; empty if it is. The CRC
// of a debug link counts only where a build-id is lacking, for it means to read
// the whole file.
func belongs(d *elffile.File, id string, crc *uint32) string {
	its := d.BuildID()
	if its != "" && id != "" {
		if its != id {
			return fmt.Sprintf("it is of another build: its build-id is %s, not %s", its, id)
		}
		return ""
	}
	if crc == nil {
		return "it has no build-id"
	}
	if sum := d.CRC(); sum != *crc {
		return fmt.Sprintf("it is not the one that was linked to: its CRC is %08x, not %08x", sum, *crc)
	}
	return ""
}

// findAlternate searches the file that .gnu_debugaltlink names.
func (m *Module) findAlternate() {
	d := m.Debug()
	if d == nil {
		return
	}
	name, id, ok := d.DebugAltLink()
	if !ok {
		return
	}
	for _, p := range m.alternatePlaces(d, name, id) {
		if m.tryAlternate(p, id) {
			return
		}
	}
	if p, ok := m.set.fetch(id, debuginfod.DebugInfo, &m.altMisses); ok {
		m.tryAlternate(p, id)
	}
}

// alternatePlaces gives where the alternate file of d may lie.
//
// Folklore: Debian's links are absolute, /usr/lib/debug/.dwz/TRIPLET/PACKAGE.debug;
// Fedora's relative to the file, ../../.dwz/PACKAGE, and the file is reached
// through a link in .build-id, so both directories count.
func (m *Module) alternatePlaces(d *elffile.File, name, id string) []place {
	var places []place
	if filepath.IsAbs(name) {
		if below, ok := strings.CutPrefix(filepath.Clean(name), debugDir+"/"); ok {
			places = append(places, m.set.debugPlaces(below)...)
		} else {
			places = append(places, m.set.system(name))
		}
	} else {
		for _, dir := range dirsOf(d.Path) {
			places = append(places, inDir(dir, name))
		}
	}
	places = append(places, m.set.debugPlaces(filepath.Join(".dwz", filepath.Base(name)))...)
	return append(places, m.set.buildIDPlaces(id, ".debug")...)
}

func (m *Module) tryAlternate(p place, id string) bool {
	f := m.set.openOr(p, &m.altMisses)
	if f == nil {
		return false
	}
	if why := belongs(f, id, nil); why != "" {
		m.altMisses = append(m.altMisses, miss{p.path(), why, true})
		m.set.drop(f)
		return false
	}
	m.set.held[f] = m
	m.alt = f
	return true
}

// findMini unpacks .gnu_debugdata, unless there is no need.
func (m *Module) findMini() {
	f := m.File()
	if f == nil || f.Has(".symtab") || m.Debug() != nil && m.Debug().Has(".symtab") {
		return
	}
	m.mini, _ = f.MiniDebugInfo() // damaged is as good as none
}
