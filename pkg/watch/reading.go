package watch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

func (w *watcher) sources() (out []feed) {
	if len(w.o.Journal) > 0 {
		out = append(out, &journal{command: w.o.Journal, matches: w.o.Matches, since: w.o.Since, once: w.o.Once})
	}
	for _, f := range w.o.Files {
		out = append(out, &logFile{path: f, poll: 250 * time.Millisecond, once: w.o.Once})
	}
	if w.o.Kernel != "" {
		out = append(out, &kernel{path: w.o.Kernel})
	}
	return out
}

// maxMatched bounds the logs that are followed.
const maxMatched = 500

// matched are the logs of the patterns that are not followed.
func (w *watcher) matched() (out []feed) {
	for _, g := range w.o.Globs {
		names, _ := filepath.Glob(g)
		for _, name := range names {
			if w.windows[name] == nil && len(w.windows)+len(out) < maxMatched {
				out = append(out, &logFile{path: name, poll: time.Second, once: w.o.Once})
			}
		}
	}
	return out
}

// read follows a source, and begins again when it ends.
func (w *watcher) read(ctx context.Context, s feed, cursor string, to chan<- lineOf) {
	const least, most = 500 * time.Millisecond, 30 * time.Second
	wait := least
	for {
		w.metrics.source(s.name(), true)
		begun := time.Now()
		err := s.follow(ctx, cursor, func(e entry) error {
			select {
			case to <- lineOf{s.name(), e}:
				cursor = e.cursor
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if ctx.Err() != nil || w.o.Once && err == nil {
			return
		}
		w.metrics.source(s.name(), false)
		w.o.Note(fmt.Sprintf("%s: %v; reading it again in %v", s.name(), err, wait))
		if errors.Is(err, errBadCursor) {
			cursor = ""
			s.(*journal).since = "-1h"
		} else if w.o.Once {
			return
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		if wait = min(2*wait, most); time.Since(begun) > most {
			wait = least
		}
	}
}
