package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/signatures"
	"github.com/hacrash/hacrash/pkg/source"
)

// ownSignatures is the directory of signatures in the user's directory.
const ownSignatures = "signatures"

// knowledge loads what is built in, then what lies in the user's directory, then
// the files and directories of --db; what comes later goes before.
//
// A broken file of the user's directory is told and passed over: it must not take the
// tool away from somebody who needs an answer. One of --db was asked for, so it is
// an error.
func (p *program) knowledge(names []string) (*classify.DB, error) {
	db := classify.Load()
	if own := p.userIndex(); own != nil {
		db.Use(own)
	}
	if dir, err := userDirectory(); err == nil {
		p.addOwn(db, filepath.Join(dir, ownSignatures))
	}
	for _, name := range names {
		files, err := signatureFiles(name)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s: no file in it is named .yaml or .yml", name)
		}
		for _, file := range files {
			if err := addFile(db, file); err != nil {
				return nil, err
			}
		}
	}
	return db, nil
}

// addOwn adds the files of the user's directory that can be read.
func (p *program) addOwn(db *classify.DB, dir string) {
	files, err := signatureFiles(dir)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		complain(p.stderr, fmt.Errorf("%w; going on without these signatures", err))
	}
	for _, file := range files {
		if err := addFile(db, file); err != nil {
			complain(p.stderr, fmt.Errorf("%w; going on without this file", err))
		}
	}
}

func addFile(db *classify.DB, name string) error {
	text, err := source.Small(name, signatures.MaxFile)
	if err != nil {
		return err
	}
	return db.Add(text, name)
}

// signatureFiles gives the YAML files of a directory by name, or the file itself.
// Names that begin with a dot, and directories, are passed over.
func signatureFiles(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, plain(err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, plain(err)
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
