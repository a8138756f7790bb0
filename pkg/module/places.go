package module

import (
	"errors"

	"github.com/hacrash/hacrash/pkg/debuginfod"
)

const debugDir = "/usr/lib/debug"

// system gives where a path that the process saw lies on this machine.
func (s *Set) system(p string) place { return place{root: s.o.Sysroot, start: "/", rel: p} }

// debugPlaces gives where a path relative to a directory of debug files lies.
func (s *Set) debugPlaces(rel string) []place {
	var places []place
	for _, d := range s.o.DebugDirs {
		places = append(places, inDir(d, rel))
	}
	if s.o.Sysroot != "" {
		places = append(places, s.system(debugDir+"/"+rel))
	}
	return append(places, inDir(debugDir, rel))
}

// buildIDPlaces gives where a file of a build lies in directories of debug files;
// none without a build-id.
func (s *Set) buildIDPlaces(id, suffix string) []place {
	if !debuginfod.ValidID(id) {
		return nil
	}
	return s.debugPlaces(".build-id/" + id[:2] + "/" + id[2:] + suffix)
}

// fetch asks the servers; what went wrong is a miss.
func (s *Set) fetch(id string, kind debuginfod.Kind, misses *[]miss) (p place, ok bool) {
	if s.o.Debuginfod == nil || !debuginfod.ValidID(id) {
		return p, false
	}
	path, err := s.o.Debuginfod.Find(s.ctx, id, kind)
	if s.ctx.Err() != nil {
		err = errors.New("debuginfod servers were not asked to the end")
	}
	if err != nil {
		*misses = append(*misses, miss{why: err.Error()})
	}
	return thisVery(path), path != ""
}
