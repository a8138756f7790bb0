package classify

import (
	"errors"
	"fmt"
	"os"

	"github.com/hacrash/hacrash/pkg/signatures"
	"github.com/hacrash/hacrash/pkg/source"
)

// AddFiles adds the signatures of a file, or of all files of a directory. What cannot
// be read is an error, and so is a directory without any.
func (db *DB) AddFiles(name string) error {
	files, err := signatures.Files(name)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s: no file in it is named .yaml or .yml", name)
	}
	for _, file := range files {
		if err := db.addFile(file); err != nil {
			return err
		}
	}
	return nil
}

// AddReadable adds those files of a directory that can be read, and says what is
// wrong with the others. That there is no directory is nothing wrong.
func (db *DB) AddReadable(dir string) (problems []error) {
	files, err := signatures.Files(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return []error{fmt.Errorf("%w; going on without these signatures", err)}
	}
	for _, file := range files {
		if err := db.addFile(file); err != nil {
			problems = append(problems, fmt.Errorf("%w; going on without this file", err))
		}
	}
	return problems
}

func (db *DB) addFile(name string) error {
	text, err := source.Small(name, signatures.MaxFile)
	if err != nil {
		return err
	}
	return db.Add(text, name)
}

// Choose gives the signature of an ID, or those of a file, which it adds.
func (db *DB) Choose(name string) ([]signatures.Signature, error) {
	if s, ok := db.Get(name); ok {
		return []signatures.Signature{s}, nil
	}
	text, err := source.Small(name, signatures.MaxFile)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s is no signature and no file; hacrash bugs list names the signatures", name)
	case err != nil:
		return nil, err
	}
	if err := db.Add(text, name); err != nil {
		return nil, err
	}
	var list []signatures.Signature
	for _, s := range db.sigs { // one with the ID of another stands in its place
		if db.source[s.ID] == name {
			list = append(list, s)
		}
	}
	return list, nil
}
