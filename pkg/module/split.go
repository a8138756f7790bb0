package module

import (
	"fmt"
	"path/filepath"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// offerSplit offers what may hold the entries that a unit's skeleton stands for: one .dwp
// file for all of them, beside the executable or its debug data, else a .dwo file, where
// the unit says that it was written, or beside these two.
func (m *Module) offerSplit(d dwarf.Dwo, try func(dwarf.Sections) bool) {
	for _, f := range m.splitPackages() {
		if try(f) {
			return
		}
	}
	for _, p := range m.splitPlaces(d) {
		f, err := m.set.open(p)
		if err != nil {
			continue
		}
		m.set.held[f] = m
		if try(f) {
			m.split = append(m.split, f)
			return
		}
		m.set.drop(f)
	}
}

// splitPackages are the .dwp files that there are.
func (m *Module) splitPackages() []*elffile.File {
	if !first(&m.packagesAsked) {
		return m.packages
	}
	for _, f := range m.withDebug() {
		dir, name := filepath.Split(f.Path)
		if p, err := m.set.open(inDir(dir, name+".dwp")); err == nil {
			m.set.held[p] = m
			m.packages = append(m.packages, p)
		}
	}
	m.split = append(m.split, m.packages...)
	return m.packages
}

// splitPlaces are where the .dwo file of a unit may lie.
func (m *Module) splitPlaces(d dwarf.Dwo) []place {
	var places []place
	switch {
	case filepath.IsAbs(d.Name):
		places = append(places, m.set.system(d.Name))
	case filepath.IsAbs(d.Dir):
		places = append(places, m.set.system(filepath.Join(d.Dir, d.Name)))
	}
	for _, f := range m.withDebug() {
		for _, dir := range dirsOf(f.Path) {
			if !filepath.IsAbs(d.Name) && d.Name != filepath.Base(d.Name) {
				places = append(places, inDir(dir, d.Name))
			}
			places = append(places, inDir(dir, filepath.Base(d.Name)))
		}
	}
	return places
}

// withDebug are the files that the module was found with.
func (m *Module) withDebug() []*elffile.File {
	files := []*elffile.File{m.File(), m.Debug()}
	if files[0] == files[1] {
		files = files[1:]
	}
	if files[0] == nil {
		files = files[1:]
	}
	return files
}

func (m *Module) missingSplit() []MissingFile {
	if m.dwarf == nil || len(m.dwarf.MissingSplit()) == 0 {
		return nil
	}
	names := m.dwarf.MissingSplit()
	why := "it was not found where it was written, nor beside the executable"
	if n := len(names) - 1; n > 0 {
		why += fmt.Sprintf("; %d more were not either", n)
	}
	return []MissingFile{{
		What: SplitKind, Path: names[0], Main: m.Main, Status: Missing, Reason: why,
		Do: "put the .dwo files, or the .dwp file that dwp -e makes of them, beside the executable",
	}}
}
