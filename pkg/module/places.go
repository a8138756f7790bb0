package module

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/debuginfod"
)

const debugDir = "/usr/lib/debug"

// system gives where a path that the process saw lies on this machine.
func (s *Set) system(p string) string {
	if s.o.Sysroot == "" {
		return p
	}
	return within(s.o.Sysroot, p)
}

// within resolves a path as if root were the root directory: absolute links and
// ".." lead nowhere else. What is not there is only joined.
//
// Folklore: images of containers and other suites are full of absolute links
// (/lib64/ld-linux-x86-64.so.2, /etc/alternatives), which on this machine point
// to its own files.
func within(root, p string) string {
	const maxLinks = 40 // as Linux
	at, links := "/", 0
	for rest := strings.Split(p, "/"); len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == "" {
			continue
		}
		next := path.Join(at, name) // takes care of . and ..
		target, err := os.Readlink(filepath.Join(root, next))
		if err != nil {
			at = next
			continue
		}
		if links++; links > maxLinks {
			break
		}
		if strings.HasPrefix(target, "/") {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return filepath.Join(root, at)
}

// debugPaths gives where a path relative to a directory of debug files lies.
func (s *Set) debugPaths(rel string) []string {
	var paths []string
	for _, d := range s.o.DebugDirs {
		paths = append(paths, filepath.Join(d, rel))
	}
	if s.o.Sysroot != "" {
		paths = append(paths, within(s.o.Sysroot, debugDir+"/"+rel))
	}
	return append(paths, filepath.Join(debugDir, rel))
}

// buildIDPaths gives where a file of a build lies in directories of debug files;
// none without a build-id.
func (s *Set) buildIDPaths(id, suffix string) []string {
	if !debuginfod.ValidID(id) {
		return nil
	}
	return s.debugPaths(".build-id/" + id[:2] + "/" + id[2:] + suffix)
}

// fetch asks servers. The path is empty if nobody is asked, or the core has no
// build-id, and if none has it: then the error says why.
func (s *Set) fetch(id string, kind debuginfod.Kind) (string, error) {
	if s.o.Debuginfod == nil || !debuginfod.ValidID(id) {
		return "", nil
	}
	p, err := s.o.Debuginfod.Find(s.ctx, id, kind)
	if s.ctx.Err() != nil {
		err = errors.New("debuginfod servers were not asked to the end")
	}
	return p, err
}
