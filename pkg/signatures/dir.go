package signatures

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/source"
)

// Finding is a Problem and the file it is in. Of a built-in signature File is
// "built-in" and Line is 0.
type Finding struct {
	File string
	Problem
}

// String is a line such as "own.yaml:3:5: own-bug fix: what is wrong". What was not
// read from a file has no place.
func (p Finding) String() string {
	s := p.File
	if p.Line > 0 {
		s += fmt.Sprintf(":%d:%d", p.Line, p.Col)
	}
	s += ": "
	if p.Note {
		s += "note: "
	}
	if p.ID != "" {
		s += p.ID + " "
	}
	return s + p.Text
}

// ReadDir reads every *.yaml of a directory, in the order of their IDs. An ID
// that stands twice is a problem.
func ReadDir(dir fs.FS) ([]Signature, []Finding, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, nil, err
	}
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("no *.yaml files with signatures there")
	}
	var all []Signature
	var problems []Finding
	seen := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, nil, err
		}
		entries, pp := Read(data)
		for _, p := range pp {
			problems = append(problems, Finding{name, p})
		}
		for i := range entries {
			s := entries[i].Signature
			if first, ok := seen[s.ID]; ok {
				problems = append(problems, Finding{name, Problem{Line: 1, Col: 1, ID: s.ID, Text: "id stands in " + first + " too"}})
			}
			seen[s.ID] = name
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Signature) int { return strings.Compare(a.ID, b.ID) })
	return all, problems, nil
}

// Files gives the YAML files of a directory by name, or the file itself.
// Names that begin with a dot, and directories, are passed over.
func Files(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, source.Plain(err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, source.Plain(err)
	}
	var files []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); strings.HasPrefix(e.Name(), ".") || ext != ".yaml" && ext != ".yml" {
			continue
		}
		path := filepath.Join(name, e.Name())
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			files = append(files, path) // what is no file is told when it is opened
		}
	}
	return files, nil
}
