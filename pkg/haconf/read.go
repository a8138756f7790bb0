package haconf

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/hacrash/hacrash/pkg/source"
)

// Bounds. HAProxy itself stops at 10 MB of standard input.
const (
	maxBytes = 100 << 20 // of all files
	maxFiles = 4096
	maxLine  = 1 << 20
)

// Read reads a configuration as HAProxy does with -f: files, and the *.cfg of directories, in
// the order of their names; - is stdin. Words are the keywords that are looked for beside
// the vocabulary.
func Read(names []string, stdin io.Reader, words []string) (*Config, error) {
	files, err := list(names)
	if err != nil {
		return nil, err
	}
	r := newReader(words, len(files) > 1)
	left := int64(maxBytes)
	for _, name := range files {
		n, err := r.open(name, stdin, left)
		if err != nil {
			return nil, ofFile(name, err)
		}
		left -= n
	}
	if r.Statements == 0 {
		return nil, fmt.Errorf("%s: no statement of a configuration in it", strings.Join(names, ", "))
	}
	return r.done(), nil
}

// ofFile puts the name of a file before an error, unless it is there.
func ofFile(name string, err error) error {
	if errors.As(err, new(*fs.PathError)) {
		return source.Plain(err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// list gives the files of names. What a directory has besides, and directories in it, is passed
// over, as HAProxy does: there is no way back to where one was.
func list(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		if name == "-" {
			files = append(files, name)
			continue
		}
		st, err := os.Stat(name)
		if err != nil {
			return nil, ofFile(name, err)
		}
		if !st.IsDir() {
			files = append(files, name)
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, ofFile(name, err)
		}
		before := len(files)
		for _, e := range entries {
			path := filepath.Join(name, e.Name())
			if strings.HasPrefix(e.Name(), ".") || filepath.Ext(path) != ".cfg" {
				continue
			}
			if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() { // what cannot be read is told when it is opened
				files = append(files, path)
			}
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s: no file *.cfg in it", name)
		}
	}
	if len(files) > maxFiles {
		return nil, fmt.Errorf("%d files of configuration, more than %d", len(files), maxFiles)
	}
	return files, nil
}

// open reads one file, of at most so many bytes, and says how many it has.
func (r *reader) open(name string, stdin io.Reader, most int64) (int64, error) {
	in := stdin
	if name != "-" {
		f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		in = f
	}
	if in == nil {
		return 0, errors.New("no standard input")
	}
	r.file = name
	limited := &io.LimitedReader{R: in, N: most + 1}
	err := r.read(limited)
	if limited.N <= 0 {
		return 0, fmt.Errorf("more than %d MiB of configuration", maxBytes>>20)
	}
	return most + 1 - limited.N, err
}

// read reads the lines of a file.
func (r *reader) read(in io.Reader) error {
	b := bufio.NewReaderSize(in, 16<<10)
	r.begin()
	for {
		line, err := r.next(b)
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF && len(line) == 0 {
			return r.end()
		}
		r.number++
		if len(line) > maxLine {
			r.broken(nil, errors.New("too long"))
			continue
		}
		if r.number == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if err := r.line(bytes.TrimRight(line, "\r\n")); err != nil {
			return err
		}
	}
}

// next gives the next line, of one that is too long no more than tells that.
func (r *reader) next(b *bufio.Reader) ([]byte, error) {
	line, err := b.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return line, err
	}
	r.long = append(r.long[:0], line...)
	for err == bufio.ErrBufferFull {
		line, err = b.ReadSlice('\n')
		if len(r.long) <= maxLine {
			r.long = append(r.long, line...)
		}
	}
	return r.long, err
}

// shape says what a file looks like whose first statement begins no section.
func shape(line []byte) string {
	words := bytes.Fields(line)
	ends := func(suffix string) bool {
		return slices.ContainsFunc(words, func(w []byte) bool { return bytes.HasSuffix(w, []byte(suffix)) })
	}
	switch {
	case len(words) == 0:
		return ""
	case bytes.HasPrefix(words[0], []byte("<")):
		return "; it looks like XML or Apache's"
	case words[0][0] == '{':
		return "; it looks like JSON"
	case ends("{"), ends(";"):
		return "; it looks like nginx's, or another program's with braces"
	case bytes.HasSuffix(words[0], []byte(":")), bytes.Equal(words[0], []byte("---")):
		return "; it looks like YAML: cut HAProxy's configuration out of it"
	case len(words) > 1 && bytes.Equal(words[1], []byte("=")):
		return "; it looks like an INI file"
	}
	return ""
}

// kinds are the sections.
func isSection(word string) bool {
	return slices.Contains(sections[:], word)
}

var sections = [...]string{
	"global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "mailers", "cache", "ring",
	"log-forward", "log-profile", "http-errors", "program", "fcgi-app", "crt-store", "acme", "traces", "namespace_list", "healthcheck",
	"spoe-agent", "spoe-message", "spoe-group",
}
