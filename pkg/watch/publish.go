package watch

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/outfile"
	"github.com/hacrash/hacrash/pkg/report"
)

// publish writes the reports of an event: JSON first, which is the one that counts, then the others.
// One that is there stays.
func (w *watcher) publish(e *event, c *crash.Crash) (path string, err error) {
	others := slices.DeleteFunc(slices.Clone(w.o.Formats), func(format string) bool { return format == "json" })
	name := filepath.Join(w.reports, e.id()) + "."
	for _, format := range append([]string{"json"}, others...) {
		var b bytes.Buffer
		r := crash.Report{Schema: crash.Schema, Tool: w.o.Tool, Crashes: []crash.Crash{*c}}
		if err := report.Write(&b, format, &r, report.Options{Tool: w.o.Tool}); err != nil {
			return "", err
		}
		if err := outfile.Create(name+ending(format), b.Bytes()); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("%s: %w", name+ending(format), err)
		}
	}
	return name + "json", nil
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
