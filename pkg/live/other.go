//go:build !linux || (!amd64 && !arm64)

package live

import (
	"errors"
	"io"
	"time"
)

// Options of Open.
type Options struct {
	Limit time.Duration
	Copy  int
}

// Process is a living process as a core.
type Process struct {
	io.ReaderAt
	PID      int
	Stopped  time.Duration
	Problems []string
	Root     string
}

// Open fails: processes are read on Linux only, of x86-64 and arm64.
func Open(int, Options) (*Process, error) {
	return nil, errors.New("a process can be read on Linux only, on x86-64 and arm64; give a core of it")
}

// Size is that of the core, in bytes.
func (p *Process) Size() int64 { return 0 }

// Close forgets the copy.
func (p *Process) Close() error { return nil }
