package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/fixes"
)

// What lies in the user's directory.
const (
	ownSignatures = "signatures" // a directory of them
	indexName     = "fixes.bin"  // the fix index
)

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
		for _, e := range db.AddReadable(filepath.Join(dir, ownSignatures)) {
			complain(p.stderr, e)
		}
	}
	for _, name := range names {
		if err := db.AddFiles(name); err != nil {
			return nil, err
		}
	}
	return db, nil
}

// userDirectory is where a user's own knowledge lies.
func userDirectory() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no directory for configuration: %w", err)
	}
	return filepath.Join(dir, "hacrash"), nil
}

// loadIndex opens the fix index that is part of the program, or that of the user's
// directory when it is newer.
func (p *program) loadIndex() (*fixes.Index, error) {
	if own := p.userIndex(); own != nil {
		return own, nil
	}
	return fixes.Load()
}

// userIndex gives the user's own index; nil if there is none, or the one in the
// program is newer. One that cannot be read is told, and the one in the program serves.
func (p *program) userIndex() *fixes.Index {
	dir, err := userDirectory()
	if err != nil {
		return nil // no home, no index of its own
	}
	own, err := fixes.Newer(filepath.Join(dir, indexName))
	if err != nil {
		complain(p.stderr, fmt.Errorf("%w; until that is mended the index of this program serves", err))
	}
	return own
}
