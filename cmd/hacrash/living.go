package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/live"
)

// openProcess makes a living process the input of a run, and says what that cost it.
func (p *program) openProcess(pid int, o *analyze.Options) (*live.Process, error) {
	process, err := live.Open(pid, live.Options{})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(p.stderr, "hacrash: process %d stood still for %v\n", pid, process.Stopped.Round(10*time.Microsecond))
	for _, problem := range process.Problems {
		fmt.Fprintln(p.stderr, "hacrash: "+problem)
	}
	if o.Modules.Sysroot == "" {
		o.Modules.Sysroot = process.Root
	}
	o.Living = []analyze.Living{{Name: fmt.Sprintf("process %d", pid), ReaderAt: process, Size: process.Size()}}
	return process, nil
}

// living says that --pid names a process to look at, and no crashes to choose: nothing
// else is given.
func (p *program) living(names []string, f *analyzeFlags) bool {
	return len(names) == 0 && len(f.choose.pids) == 1 && !feeds(p.stdin)
}

// feeds says that something comes through stdin: a pipe, a socket or a file.
func feeds(stdin io.Reader) bool {
	f, ok := stdin.(*os.File)
	if !ok {
		return stdin != nil
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice == 0
}
