package watch

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/report"
)

// publish writes the reports of an event: JSON first, which is the one that counts, then the others.
// Each appears whole or not at all; one that is there stays.
func (w *watcher) publish(e *event, c *crash.Crash) (path string, err error) {
	path = filepath.Join(w.reports, e.id()+".json")
	for _, format := range append([]string{"json"}, w.o.Formats...) {
		if format == "json" && path == "" {
			continue
		}
		var b bytes.Buffer
		again := *c
		r := crash.Report{Schema: crash.Schema, Tool: w.o.Tool, Crashes: []crash.Crash{again}}
		if err := report.Write(&b, format, &r, report.Options{Tool: w.o.Tool}); err != nil {
			return "", err
		}
		name := filepath.Join(w.reports, e.id()+"."+ending(format))
		if err := linkWhole(name, b.Bytes()); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	return path, syncDir(w.reports)
}

func ending(format string) string {
	switch format {
	case "text":
		return "txt"
	case "markdown":
		return "md"
	}
	return format
}

// linkTemp makes a file appear with its content. The error is fs.ErrExist when there is one of that name.
func linkTemp(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), name)
}
