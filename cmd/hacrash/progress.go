package main

import (
	"fmt"
	"io"
	"time"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/report"
)

// When the progress line appears, and how often it is drawn anew.
const (
	progressDelay = time.Second
	progressEvery = 250 * time.Millisecond
)

// drawProgress draws a line on w until the returned function is called, which
// wipes it.
func drawProgress(w io.Writer, m *analyze.Meter) (stop func()) {
	done := make(chan struct{})
	drawing := fault.Go(func() struct{} {
		wait := time.NewTimer(progressDelay)
		defer wait.Stop()
		drawn := false
		for {
			select {
			case <-done:
				if drawn {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return struct{}{}
			case <-wait.C:
				if line := m.Line(); line != "" {
					fmt.Fprint(w, "\r\x1b[K", report.Escape(line))
					drawn = true
				}
				wait.Reset(progressEvery)
			}
		}
	})
	return func() { close(done); drawing.Wait() }
}
